using BenchmarkDotNet.Attributes;
using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.MaxMargin;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Benchmarks;

/// <summary>The flow on the data of figure 1 to 1 - cos = 1e-12.</summary>
[MemoryDiagnoser]
public class SeulexBenchmarks
{
    private const double Target = 1e-12;
    private const int Seed = 7;

    private FusedField _field = null!;
    private double[] _start = [], _direction = [];

    [Params(1, 4)]
    public int Depth { get; set; }

    [GlobalSetup]
    public void Make()
    {
        var points = Generators.PlanarSet(Seed).ToSignedPoints();
        var shape = NetworkShape.Uniform(2, Depth, 4);
        _field = new FusedField(shape, points.Z, MarginLoss.Exponential);
        _start = Initialization.EqualNorms(shape, 0.05, new RandomStream(Seed));
        if (AssumptionTwo.Rescale(_field, MarginLoss.Exponential, shape, _start) is null)
            throw new InvalidOperationException("No start meets Assumption 2.");
        _direction = HardMargin.Solve(points).Direction;
    }

    [Benchmark]
    public RunEnd Flow()
    {
        var w = _field.NewState();
        w.CopyFrom(_start);
        var reached = new RunEnd("reached", true, "");
        var end = Trajectory.Follow(new FlowSystem(_field, Clock.LogRisk), new Seulex(), new TrajectoryPoint(w), new RunPlan
        {
            Stops = [Stops.StepLimit(100_000)],
            Schedule = SampleSchedule.EveryStep,
            OnSample = _ => DirectionAngle.Between(_field.Product, _direction).OneMinusCosine <= Target ? reached : null,
        });
        return end == reached ? end : throw new InvalidOperationException(end.Message);
    }
}
