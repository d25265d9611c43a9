using TorchAlign.Data;
using TorchAlign.Devices;
using TorchAlign.Dynamics;
using TorchAlign.Experiments.Papers;
using TorchAlign.Landscape;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchAlign.Tests.Devices;

namespace TorchAlign.Tests.Papers;

/// <summary>The experiments on tensors, of the CPU and of a GPU, against the same ones in managed memory.</summary>
public class GradientSourceTests
{
    private const double Close = 1e-9;

    private static readonly SquaredProblem _problem = SquaredProblem.Regression(5, 15, seed: 5);

    private static readonly Dictionary<string, Func<string, GradientSource?, NetworkDescent[]>> _invariance = new()
    {
        ["multiclass"] = RadhakrishnanTests.Run<Multiclass>,
        ["binary"] = RadhakrishnanTests.Run<Binary>,
        ["conv-factorisation"] = RadhakrishnanTests.Run<ConvFactorisation>,
        ["conv-autoencoder"] = RadhakrishnanTests.Run<ConvAutoencoder>,
    };

    /// <summary>Free and constrained layers, through the product and, in the autoencoder, through the one sample.</summary>
    [Theory]
    [OnCpu("multiclass", "--images 40 --hidden 12-11 --steps 40 --every 7"), OnCuda("multiclass", "--images 40 --hidden 12-11 --steps 40")]
    [OnCpu("binary", "--every 50"), OnCuda("binary", "")]
    [OnCpu("conv-factorisation", "--depth 4 --steps 60"), OnCuda("conv-factorisation", "--depth 4 --steps 60")]
    [OnCpu("conv-autoencoder", "--steps 40 --to 1e-2"), OnCuda("conv-autoencoder", "--steps 40")]
    public void Invariance_is_seen_as_in_managed_memory(string device, string name, string options)
    {
        var expected = _invariance[name](options, null);
        var found = _invariance[name](options, Tensors(device));
        foreach (var (there, here) in found.Zip(expected))
        {
            Assert.Equal(here.End, there.End);
            Assert.Equal(here.Samples.Select(sample => sample.Step), there.Samples.Select(sample => sample.Step));
            Assert.All(here.Samples.Zip(there.Samples), pair =>
            {
                Assert.Equal(pair.First.Loss, pair.Second.Loss, Close);
                Assert.Equal(pair.First.OffDiagonal, pair.Second.OffDiagonal, Close);
                Assert.Equal(pair.First.RecursionError, pair.Second.RecursionError, Close);
            });
            TorchMarginFieldTests.Close(here.Final, there.Final, Close);
        }
    }

    /// <summary>What the watch says it can only say of every single step.</summary>
    [Theory]
    [OnCpu(false, 0.01), OnCuda(false, 0.01)]
    [OnCpu(true, 0.3), OnCuda(true, 0.3)]
    [OnCpu(false, 2.0), OnCuda(false, 2.0)]
    public void Observed_descent_is_that_of_managed_memory(string device, bool harmonic, double step)
    {
        var shape = _problem.Shape(3, 3);
        var start = Initialization.Balanced(shape, 0.7, new RandomStream(4));
        var (here, there) = (Follow(GradientSource.Managed), Follow(Tensors(device)));
        Assert.Equal((here.End, here.Steps), (there.End, there.Steps));
        Assert.Equal(here.Samples.Select(sample => sample.Step), there.Samples.Select(sample => sample.Step));
        Assert.All(here.Samples.Zip(there.Samples), pair =>
        {
            Assert.Equal(1, pair.Second.Loss / pair.First.Loss, Close);
            Assert.Equal(1, pair.Second.GradientNorm / pair.First.GradientNorm, Close);
            Assert.Equal(pair.First.Time, pair.Second.Time, Close);
        });
        Assert.Equal(1, (1 + there.LargestRise) / (1 + here.LargestRise), Close);
        Assert.Equal(1, there.LeastShare / here.LeastShare, 1e-6);
        TorchMarginFieldTests.Close(here.Final, there.Final, Close);

        ObservedDescent Follow(GradientSource gradients)
        {
            var loss = new EigenbasisLoss(_problem.Moments);
            return ObservedDescent.Follow(gradients, shape, loss, loss.Rotate(shape, start),
                harmonic ? ScheduledStep.Harmonic(step, 20) : new ConstantStep(step), 100, 10, JobRun.Alone());
        }
    }

    [Theory, OnCpu, OnCuda]
    public void Modes_are_learned_when_they_are_in_managed_memory(string device)
    {
        var target = SaddleTarget.Random(5, [3, 1], seed: 7);
        var shape = target.Problem.Shape(2, 5);
        var start = Initialization.Gaussian(shape, 0.1, new RandomStream(9));
        var constants = NguegnangConstants.ForLongestStep(target.Problem.NewLoss(), shape, start, StepGuarantee.Published);
        var network = new SaddleNetwork(shape, "gaussian", start, constants, 0.02, 200, target.Modes, null);
        Same(ModeRun.Descent(GradientSource.Managed, network, target, JobRun.Alone()),
            ModeRun.Descent(Tensors(device), network, target, JobRun.Alone()));
        Same(ModeRun.Flow(GradientSource.Managed, network, target, 1e-8, JobRun.Alone()),
            ModeRun.Flow(Tensors(device), network, target, 1e-8, JobRun.Alone()));

        static void Same(ModeRun here, ModeRun there)
        {
            Assert.Equal(here.End, there.End);
            Assert.Equal(here.Samples.Select(sample => sample.Step), there.Samples.Select(sample => sample.Step));
            Assert.True(here.TimeTo(0, 1.5) > 0);
            Assert.Equal(here.TimeTo(0, 1.5), there.TimeTo(0, 1.5), Close);
            Assert.All(here.Samples.Zip(there.Samples), pair =>
                TorchMarginFieldTests.Close(pair.First.Strengths, pair.Second.Strengths, Close));
        }
    }

    [Theory, OnCpu, OnCuda]
    public void Searches_find_the_same_point_and_the_same_slack(string device)
    {
        var shape = _problem.Shape(2, 3);
        var start = Initialization.Gaussian(shape, 0.5, new RandomStream(3));
        var (here, there) = (Search(GradientSource.Managed), Search(Tensors(device)));
        Assert.Equal("gradient-below", there.End.Name);
        Assert.Equal((here.Step, here.Report.Rank, here.Report.Kind), (there.Step, there.Report.Rank, there.Report.Kind));
        Assert.Equal(here.Report.Loss, there.Report.Loss, Close);
        Assert.Equal(Slack(GradientSource.Managed), Slack(Tensors(device)));

        FoundPoint Search(GradientSource gradients)
        {
            var landscape = new RankLandscape(_problem.NewLoss());
            var field = gradients.OfProduct(shape, landscape.Loss);
            using var freed = field as IDisposable;
            return new CriticalPointSearch(landscape, shape, field)
                .Run(start, new CriticalPointCriteria { GradientNorm = 1e-6 }, 100_000, CancellationToken.None);
        }

        StepSlack Slack(GradientSource gradients)
        {
            var field = gradients.OfProduct(shape, _problem.NewLoss());
            using var freed = field as IDisposable;
            return StepSlack.Measure(field, start, 0.01, 50, 0.1, CancellationToken.None);
        }
    }

    /// <summary>The loss of the seen entries of a matrix, with looks at samples only.</summary>
    [Theory, OnCpu, OnCuda]
    public void Completion_descends_as_in_managed_memory(string device)
    {
        var (problem, _) = CompletionProblem.Random(8, 2, 40, new RandomStream(1));
        var shape = new NetworkShape(8, 8, 8);
        var start = Initialization.Balanced(shape, 0.3, new RandomStream(2));
        var told = new List<double>();
        var (here, there) = (Follow(GradientSource.Managed, _ => { }), Follow(Tensors(device), told.Add));
        Assert.Equal((here.End, here.Steps), (there.End, there.Steps));
        TorchMarginFieldTests.Close(here.Final, there.Final, Close);
        Assert.Equal([0, 1024 / 2100.0, 2048 / 2100.0], told);

        FollowedPath Follow(GradientSource gradients, Action<double> progress) => GradientSource.Follow(
            gradients.OfProduct(shape, new MaskedLoss(problem)), start, gradients.Descent(new ConstantStep(0.05)), new RunPlan
            {
                Stops = [new StepProgress(2100, progress), Stops.StepLimit(2100)],
                Schedule = SampleSchedule.LogSpacedSteps(3),
                OnSample = _ => null,
            });
    }

    [Fact]
    public void The_cpu_is_managed_memory_unless_tensors_are_asked_for()
    {
        Assert.Same(GradientSource.Managed, GradientSource.On("cpu"));
        Assert.Throws<DeviceException>(() => GradientSource.On("tpu"));
    }

    private static GradientSource Tensors(string device) => GradientSource.Tensors(DeviceName.Resolve(device));
}
