using TorchAlign.Alignment;
using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Tests.Alignment;

/// <summary>The scalar recursion against the full network, and the explicit rate against what is seen.</summary>
public class AlignedModesTests
{
    private const int Steps = 10_000;

    public static TheoryData<string, int[]> Networks => new()
    {
        { "autoencoder", [6, 6, 6] },
        { "autoencoder", [6, 9, 4, 6] },
        { "whitened", [5, 7, 6, 8, 3] },
        { "shared", [8, 5, 7] },
    };

    [Theory, MemberData(nameof(Networks))]
    public void FullNetworkFollowsTheRecursion(string kind, int[] widths)
    {
        var shape = new NetworkShape(widths);
        var (data, bases, start, modes) = Problem(kind, shape, (layer, mode) => 0.5 + 0.1 * layer + 0.05 * mode);
        var eta = 0.2 * modes.LargestStep;
        var largest = Enumerable.Range(0, modes.Count).Max(modes.Limit);
        var worst = 0.0;
        Run(data, shape, start, eta, point =>
        {
            var state = point.W.ToArray();
            for (var k = 0; k < shape.Depth && point.Steps % 50 == 0; k++)
            {
                var inBases = bases.InBases(state, k);
                worst = Math.Max(worst, Orthogonal.OffDiagonalNorm(inBases) / inBases.FrobeniusNorm);
                for (var j = 0; j < modes.Count; j++) worst = Math.Max(worst, Math.Abs(inBases[j, j] - modes.Values[k][j]) / largest);
            }
            modes.Step(eta);
        });
        Assert.InRange(worst, 0, 1e-12);
        for (var j = 0; j < modes.Count; j++)
            Assert.Equal(Math.Pow(modes.Limit(j), modes.Depth), modes.Product(j), 1e-6 * Math.Pow(largest, modes.Depth));
    }

    /// <summary>Equal layers below their limits: up to the bound they rise to it, by the factor or faster.</summary>
    [Theory]
    [InlineData(1, 1.0)]
    [InlineData(2, 1.0)]
    [InlineData(3, 0.7)]
    [InlineData(5, 1.0)]
    public void RateContractsWithoutOvershoot(int depth, double share)
    {
        var (a, b) = (new[] { 4.0, 1, 0.3 }, new[] { 2.0, 3, 0.1 });
        var modes = Equal(a, b, depth, 0.3);
        var eta = share * modes.LargestStep;
        double[] start = [.. modes.Values[0]];
        for (var step = 0; step < 2000; step++)
        {
            var before = modes.Values[0].ToArray();
            modes.Step(eta);
            for (var j = 0; j < a.Length; j++)
            {
                var (limit, now) = (modes.Limit(j), modes.Values[0][j]);
                Assert.True(now >= before[j] - 1e-15 && now <= limit * (1 + 1e-15));
                Assert.True(limit - now <= modes.Contraction(j, eta, start[j]) * (limit - before[j]) + 1e-15);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void ThriceTheBoundOvershoots(int depth)
    {
        var modes = Equal([4], [2], depth, 0.3);
        var eta = 3 * modes.LargestStep;
        var highest = 0.0;
        for (var step = 0; step < 2000 && !(highest > modes.Limit(0)); step++)
        {
            modes.Step(eta);
            highest = Math.Max(highest, modes.Values[0][0]);
        }
        Assert.InRange(highest / modes.Limit(0), 1.001, double.PositiveInfinity);
    }

    /// <summary>A mode at 0 in one layer alone is pulled up by the others; at 0 in two it stays.</summary>
    [Fact]
    public void ModesAtZeroAreNotDividedBy()
    {
        var modes = new AlignedModes([1, 1], [1, 1], 1, [[0, 0], [1, 0], [1, 1]]);
        modes.Step(0.1);
        Assert.Equal([[0.1, 0], [1, 0], [1, 1]], modes.Values);
        Assert.Throws<ArgumentException>(() => new AlignedModes([1], [1, 2], 1, [[1]]));
    }

    private static AlignedModes Equal(double[] a, double[] b, int depth, double share)
    {
        var zero = new AlignedModes(a, b, 7, [.. Enumerable.Range(0, depth).Select(_ => new double[a.Length])]);
        return new AlignedModes(a, b, 7, [.. Enumerable.Range(0, depth).Select(_ =>
            Enumerable.Range(0, a.Length).Select(j => share * zero.Limit(j)).ToArray())]);
    }

    private static (SecondMoments Data, AlignedBases Bases, double[] Start, AlignedModes Modes) Problem(
        string kind, NetworkShape shape, Func<int, int, double> values)
    {
        var random = new RandomStream(11);
        var x = DataSamples.Gaussian(30, shape.Inputs, random);
        var white = Orthogonal.Random(30, random).ColumnRange(0, shape.Inputs);
        var y = DataSamples.Gaussian(30, shape.Outputs, random);
        var set = kind switch
        {
            "autoencoder" => new RegressionSet(kind, x, x),
            "whitened" => new RegressionSet(kind, 4 * white, y),
            _ => new RegressionSet(kind, x, (x * Svd.Of(x).V).ColumnRange(0, shape.Outputs).TimesTransposed(
                Orthogonal.Random(shape.Outputs, random))),
        };
        var moments = SecondMoments.Of(set);
        var data = DataAlignment.Of(moments);
        Assert.True(data.Holds, $"{data.Obstruction} {data.Rounding}");
        var bases = AlignedBases.Around(shape, data.Left, data.Right, random);
        var start = bases.State(values);
        return (moments, bases, start, AlignedModes.Of(data, moments.Count, bases, start));
    }

    private static void Run(SecondMoments data, NetworkShape shape, double[] start, double eta, Action<TrajectoryPoint> each)
    {
        var field = new ProductField(shape, SquaredLoss.Mean(data));
        var state = field.NewState();
        state.CopyFrom(start);
        Trajectory.Follow(new FlowSystem(field, Clock.Time), new GradientDescent(new ConstantStep(eta)), new TrajectoryPoint(state),
            new RunPlan
            {
                Stops = [Stops.StepLimit(Steps)],
                Schedule = SampleSchedule.EveryStep,
                OnSample = point =>
                {
                    each(point);
                    return null;
                },
            });
    }
}
