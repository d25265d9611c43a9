using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Simulated;
using TorchAlign.States;
using TorchAlign.Tests.Engine;
using TorchSharp;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace TorchAlign.Tests.Devices;

/// <summary>
/// What the host asks a device for, counted: a read-back waits for all that is queued, so none may hide in a step. On simulated CUDA
/// devices, the CPU's arithmetic behind CUDA's device rules.
/// </summary>
[Collection(SimulatedCuda.Name)]
public class SimulatedCudaReadBackTests(ITestOutputHelper output)
{
    private static readonly Device Gpu = new(DeviceType.CUDA, 1);

    /// <summary>Nor does a step cost more operators with more points, or more networks, than its depth says.</summary>
    [SimulatedCudaTheory]
    [InlineData("constant", 1), InlineData("constant", 3)]
    [InlineData("assumption5", 1), InlineData("assumption5", 3)]
    [InlineData("assumption5 factor", 1), InlineData("assumption5 factor", 3)]
    [InlineData("loss-scaled", 1), InlineData("loss-scaled", 3)]
    public void Queued_steps_read_nothing_back(string rule, int members)
    {
        var perStep = Enumerable.Range(1, 5).Select(depth => Launches(rule, members, depth, n: 12)).ToArray();
        output.WriteLine($"{rule}, {members} networks, 1 to 5 layers: {string.Join(", ", perStep)} operators a step");
        for (var depth = 3; depth <= 5; depth++)
            Assert.Equal(perStep[1] + (depth - 2) * (perStep[2] - perStep[1]), perStep[depth - 1]);
        Assert.Equal(perStep[3], Launches(rule, members, 4, n: 50));
        if (members > 1) Assert.Equal(perStep[3], Launches(rule, members + 4, 4, n: 12));
    }

    /// <summary>What the docstring of <see cref="QueuedDescent"/> says a step is queued as.</summary>
    [SimulatedCudaFact]
    public void A_step_of_four_layers_is_fifty_operators_or_so() => Assert.InRange(Launches("constant", 1, 4, n: 12), 1, 60);

    [SimulatedCudaTheory]
    [InlineData("constant")]
    [InlineData("assumption5")]
    public void A_chunk_reads_back_once(string rule)
    {
        var (system, point, descent) = Start(rule);
        using (descent)
        using (system.Field as IDisposable)
        {
            foreach (var steps in (long[])[1, 30, 500])
            {
                var before = SimulatedDevices.Counters;
                Assert.Equal(StepOutcome.Advanced, descent.Advance(point, steps));
                var did = SimulatedDevices.Counters - before;
                Assert.Equal((1, 0, 0), (did.Reads, did.Writes, did.Waits));
            }
            Assert.Equal(531, point.Steps);
        }
    }

    /// <summary>However many steps are tried, and as many operators for one network as for many.</summary>
    [SimulatedCudaTheory]
    [InlineData("log-risk")]
    [InlineData("arc-length")]
    [InlineData("time")]
    public void A_flow_reads_back_once(string clock)
    {
        var flow = new EnsembleFlowSettings(Clock.All.Single(known => known.Name == clock));
        long[] perStep = [.. ((int[])[2, 9]).Select(members => OperatorsAStep(flow, members))];
        output.WriteLine($"{clock}: {perStep[0]} operators a step");
        Assert.Equal(perStep[0], perStep[1]);

        static long OperatorsAStep(EnsembleFlowSettings flow, int members)
        {
            var shape = new NetworkShape(5, 4, 3, 1);
            using var field = EnsembleField.Of(shape, members, EnsembleRuns.Points(0), MarginLoss.Logistic, Gpu);
            double[] starts = [.. Enumerable.Range(0, members).SelectMany(s => EngineProblems.Gaussian(shape, s))];
            var member = new EnsembleMember(0, 0, double.NaN, double.NaN, 0, double.NegativeInfinity, null);
            EnsembleMember[] from = [.. Enumerable.Repeat(member, members)];
            using var stepper = new EnsembleDormandPrince(field, EnsembleDescent.Load(field, starts), flow, from);
            double[] free = [.. Enumerable.Repeat(double.PositiveInfinity, members)];
            stepper.Hold(free, [.. free.Select(bound => -bound)]);
            double[] own = [.. Enumerable.Range(0, members).Select(s => 1e9 + s)];
            long Operators(long attempts)
            {
                var before = SimulatedDevices.Counters;
                stepper.Try(attempts, own, own);
                var did = SimulatedDevices.Counters - before;
                // What each may reach goes there, where all stand comes back.
                Assert.Equal((1, 2, 0), (did.Reads, did.Writes, did.Waits));
                return did.Launches;
            }
            return Operators(2) - Operators(1);
        }
    }

    /// <summary>One at the start, then one for each look of the host: at samples and where a chunk ends.</summary>
    [SimulatedCudaFact]
    public void A_run_reads_back_where_somebody_looks()
    {
        var (system, point, descent) = Start("constant");
        using (descent)
        using (system.Field as IDisposable)
        {
            var looks = new Looks();
            var before = SimulatedDevices.Counters;
            Trajectory.Follow(system, descent, point, new RunPlan
            {
                Stops = [looks, Stops.StepLimit(2500)],
                Schedule = SampleSchedule.LogSpacedSteps(3),
                OnSample = _ => null,
            });
            var did = SimulatedDevices.Counters - before;
            Assert.Equal(2500, point.Steps);
            Assert.Equal(looks.Count, did.Reads);
            Assert.InRange(did.Reads, 5, 20);
        }
    }

    [SimulatedCudaFact]
    public void Fields_and_states_read_back_what_they_return()
    {
        var shape = new NetworkShape(5, 4, 3, 1);
        using var closed = new TorchMarginField(shape, Points(20, 5), MarginLoss.Logistic, Gpu);
        using var network = new LinearNetwork(shape, Gpu);
        var taped = AutogradMarginField.Of(network, Points(20, 5), MarginLoss.Logistic, collapsed: true);
        foreach (var field in (IMarginField[])[closed, taped])
        {
            using var w = field.NewState();
            using var direction = field.NewState();
            w.CopyFrom(EngineProblems.Gaussian(shape, 3));
            Reads(1, () => field.Evaluate(w, direction));
            Reads(1, () => field.Margins.Length);
            Reads(0, () => { direction.AddScaled(0.5, w); direction.Scale(2); direction.SetSum(w, 1, direction); });
            Reads(1, () => w.Dot(direction));
            Reads(1, () => w.Norm());
            Reads(1, () => w.MaxBlockNorm());
            Reads(1, () => w.ToArray());
        }
        Reads(1, () => closed.MarginSpaceNorm(Copied(closed), Copied(closed)));
        // Margins that were asked for once are there.
        Reads(0, () => closed.Margins.Length);

        StateVector Copied(IVectorField field)
        {
            var state = field.NewState();
            state.Scale(0);
            return state;
        }
    }

    [SimulatedCudaFact]
    public void Members_come_back_together()
    {
        using var field = EnsembleField.Of(new NetworkShape(4, 3, 1), 50, Points(20, 4), MarginLoss.Logistic, Gpu);
        using var ensemble = new EnsembleDescent(field, new double[50 * field.Shape.Length], [new ConstantStep(0.1)]);
        ensemble.Queue(10, [.. Enumerable.Repeat(10.0, 50)]);
        Reads(1, () => ensemble.Members);
        Reads(1, () => ensemble.Advance(10));
    }

    private static void Reads(int expected, Action work)
    {
        var before = SimulatedDevices.Counters;
        work();
        Assert.Equal(expected, (SimulatedDevices.Counters - before).Reads);
    }

    private static void Reads<T>(int expected, Func<T> work) => Reads(expected, () => { work(); });

    /// <summary>Operators a step, each of 20 steps the same; nothing crosses.</summary>
    private static long Launches(string rule, int members, int depth, int n)
    {
        const int Steps = 20;
        var shape = NetworkShape.Uniform(5, depth, 4);
        using var field = EnsembleField.Of(shape, members, Points(n, 5), MarginLoss.Logistic, Gpu);
        double[] starts = [.. Enumerable.Range(0, members).SelectMany(s => EngineProblems.Gaussian(shape, s))];
        using var ensemble = new EnsembleDescent(field, starts, [Rule(rule, depth)]);
        var (few, many) = (Queued(Steps), Queued(2 * Steps));
        Assert.Equal(Gpu.ToString(), ensemble.States.device.ToString());
        Assert.Equal(0, (many - few) % Steps);
        return (many - few) / Steps;

        long Queued(int steps)
        {
            var before = SimulatedDevices.Counters;
            ensemble.Queue(steps, [.. Enumerable.Repeat(double.MaxValue, members)]);
            var did = SimulatedDevices.Counters - before;
            Assert.Equal((0, 0, 0), (did.Reads, did.Writes, did.Waits));
            return did.Launches;
        }
    }

    private static (FlowSystem System, TrajectoryPoint Point, QueuedDescent Descent) Start(string rule)
    {
        var shape = new NetworkShape(5, 4, 3, 1);
        var system = new FlowSystem(new TorchMarginField(shape, Points(20, 5), MarginLoss.Logistic, Gpu), Clock.Time);
        var point = EngineProblems.Point(system.Field, EngineProblems.Gaussian(shape, 3, 0.7));
        var descent = new QueuedDescent(Rule(rule, shape.Depth));
        descent.Start(system, point);
        return (system, point, descent);
    }

    private static IStepRule Rule(string name, int depth) => name switch
    {
        "constant" => new ConstantStep(0.1),
        "assumption5" => new AssumptionFiveStep(MarginLoss.Logistic, depth),
        "assumption5 factor" => new AssumptionFiveStep(MarginLoss.Logistic, depth, RadiusGrowth.ByFactor),
        _ => new LossScaledStep(0.01),
    };

    private static SignedPoints Points(int n, int d) => new(EngineProblems.Separable(n, d, 7), n, d);

    private sealed class Looks : IStop
    {
        public int Count { get; private set; }

        public RunEnd? Check(TrajectoryPoint point)
        {
            Count++;
            return null;
        }
    }
}
