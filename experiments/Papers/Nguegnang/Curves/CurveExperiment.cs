using TorchAlign.Dynamics;
using TorchAlign.Landscape;
using TorchAlign.Losses;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Papers;

/// <summary>Descents of some depths from balanced starts, whose losses and norms are looked at along the way.</summary>
/// <param name="name">As in <c>paper nrt NAME</c>.</param>
/// <param name="help">A sentence, and an example.</param>
/// <param name="network">The networks, unless the user gives others.</param>
/// <param name="pointsPerInput">n / d, unless the user gives n.</param>
/// <param name="steps">Of each descent, unless the user gives others.</param>
/// <param name="samplesPerDecade">Of the steps.</param>
internal abstract class CurveExperiment(
    string name, string help, BottleneckSettings network, int pointsPerInput, double steps, int samplesPerDecade)
    : NguegnangExperiment<CurveNetwork, Curve>(name, help, "Where descent is computed; norms are the host's")
{
    protected BottleneckSettings Network { get; } = network;

    private readonly Setting<int?> _points = Declare.CountOrNone(
        "--points", $"n, Gaussian points with Y = X. [{pointsPerInput} d]");
    private readonly Setting<long> _steps = Declare.Steps("--steps", steps, "Steps of each network; 1e6 is understood.");
    private readonly BalancedStart _start = new();
    private readonly StepSettings _step = new();
    private CurveNetwork[] _networks = null!;

    public override IReadOnlyList<CurveNetwork> Jobs => _networks;

    /// <summary>What the jobs are of a network with the constant step.</summary>
    protected virtual IEnumerable<CurveNetwork> JobsOf(CurveNetwork constant) => [constant];

    /// <param name="points">n, for those that are made of points.</param>
    protected abstract IEnumerable<SquaredProblem> Problems(int points);

    protected override double Cost(CurveNetwork network) => network.Shape.Length;

    protected override DataIdentity Prepare()
    {
        Network.Check();
        _start.Check(Network.Depths);
        _step.Check();
        SquaredProblem[] problems = [.. Problems(_points.Value ??= pointsPerInput * Network.Dimension)];
        _networks = [.. problems.SelectMany(Networks).SelectMany(JobsOf)];
        return new DataIdentity(string.Join("; ", problems.Select(p => p.Data.Name)), string.Join("; ", problems.Select(p => p.Data.Hash)));
    }

    public override Curve Do(CurveNetwork network, JobRun at)
    {
        var loss = new EigenbasisLoss(network.Problem.Moments);
        var descent = ObservedDescent.Follow(Gradients, network.Shape, loss, loss.Rotate(network.Shape, network.Start), network.Rule,
            _steps, samplesPerDecade, at);
        return new Curve(descent with { Final = loss.RotateBack(network.Shape, descent.Final) }, at.Seconds) { Network = network };
    }

    protected override Curve Restore(CurveNetwork network, Curve curve) => curve with { Network = network };

    protected override JobEnd EndOf(Curve curve) => curve.End;

    private IEnumerable<CurveNetwork> Networks(SquaredProblem problem)
    {
        var least = new RankLandscape(problem.NewLoss()).LeastLoss(Network.Rank);
        foreach (var depth in Network.Depths.Value)
        {
            var shape = problem.Shape(depth, Network.Rank);
            var start = _start.Of(shape, Seed);
            var constants = _step.Constants(problem.NewLoss(), shape, start);
            yield return new CurveNetwork(problem, shape, start, constants, _step.Step(constants), least);
        }
    }
}
