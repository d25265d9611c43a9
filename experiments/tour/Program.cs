// A tour of TorchAlign as a package: an own loss on a deep linear network, then an own module with an own observable
// and an own event.
using TorchAlign.Alignment;
using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.MaxMargin;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using Tour;
using static TorchSharp.torch;

var points = Generators.Gaussian(seed: 7, n: 60, d: 5, margin: 0.2).ToSignedPoints();
var margin = HardMargin.Solve(points);
Console.WriteLine($"margin: gamma = {margin.Gamma:G6}, relative gap {margin.RelativeGap:G2}");

// To comparable norms: |w| grows like log 1/R under the one loss and like R^(-1/2) under the other.
foreach (var (loss, log10Risk) in new[] { (MarginLoss.Exponential, -1000.0), (new PolynomialLoss(2), -7.0) })
{
    var (end, observation) = DeepLinear(loss, log10Risk);
    Console.WriteLine($"loss: {loss.Name}: {end.Name}, log10 R = {observation.Log10Risk:F0}, "
        + $"1 - cos = {observation.OneMinusCosine:0.0E+0}");
}

OwnModule(new PolynomialLoss(2));

// A network of two layers: only the exponential tail turns it to the maximum margin.
(RunEnd End, Observation Last) DeepLinear(MarginLoss loss, double log10Risk)
{
    var shape = NetworkShape.Uniform(points.Dimension, depth: 2, width: 4);
    var start = Initialization.Gaussian(shape, 0.1, new RandomStream(7));
    var field = new FusedField(shape, points.Z, loss);
    var w = field.NewState();
    w.CopyFrom(start);
    var diagnostics = new AlignmentDiagnostics(shape, points, loss, margin, start);
    Observation? last = null;
    var end = Trajectory.Follow(new FlowSystem(field, Clock.LogRisk), new Seulex(), new TrajectoryPoint(w), new RunPlan
    {
        Stops = [Stops.RiskBelow(log10Risk), Stops.StepLimit(10_000)],
        Schedule = SampleSchedule.EveryStep,
        OnSample = point =>
        {
            last = diagnostics.Observe(point);
            return null;
        },
    });
    return (end, last!);
}

void OwnModule(MarginLoss loss)
{
    using var scope = NewDisposeScope();
    manual_seed(7);
    var module = new TwoBranches(points.Dimension, width: 8);
    // The points with labels of both signs: f is not odd, so z = y x would be another problem.
    var x = tensor(points.Z, points.Count, points.Dimension, dtype: float64);
    var y = ones(points.Count, dtype: float64);
    y[TensorIndex.Slice(0, null, 2)] = -1;
    x = x * y.unsqueeze(-1);

    var field = new AutogradMarginField(module.parameters(), () => y * module.call(x), loss);
    var balance = new BranchBalance();
    var end = Trajectory.Follow(
        new FlowSystem(field, Clock.LogRisk), new DormandPrince54(1e-6), new TrajectoryPoint(field.Read()), new RunPlan
        {
            Stops = [new AllSeparated(loss, points.Count), Stops.StepLimit(10_000)],
            Schedule = SampleSchedule.EveryStep,
            OnSample = point =>
            {
                balance.Observe(point);
                return null;
            },
        });
    Console.WriteLine($"module: {end.Name}: {end.Message}");
    using (no_grad())
        Console.WriteLine($"module: smallest margin {(y * module.call(x)).min().item<double>():G3}");
    Console.WriteLine($"module: balance drifts by {balance.Drift:0.0E+0} in {balance.Count} samples");
}
