using TorchAlign.Alignment;
using TorchAlign.Dynamics;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Papers;

/// <summary>
/// Deep matrix factorisation, X = I, from a small start: the singular values of the target are learned one after another, the largest
/// first, with plateaus at saddles in between. Descent at the guaranteed step beside the flow and the law of <see cref="ModeLaw"/>.
/// </summary>
internal sealed class Saddles() : NguegnangExperiment<SaddleNetwork, SaddleRun>("saddles", """
    Singular values learned one after another from a small start: descent, the flow, and the law that predicts when.

    Example: torchalign paper nrt saddles --modes 5,4,3 --small 1e-6 --depth 2,3
    """, "Where descent and the flow are computed; the law is the host's")
{
    private const string Aligned = "aligned", Gaussian = "gaussian";

    /// <summary>Times the predicted time of the last mode; so far every run goes, if not told otherwise.</summary>
    private const double Beyond = 1.3;

    private const double MostSteps = 5e7;
    private const double FlowTolerance = 1e-10;
    private readonly Setting<int> _dimension = Declare.Count("--dimension", 10, "d, of all layers.");
    private readonly Setting<double[]> _modes = Declare.Positives("--modes", "4,3,2,1", "Singular values of the target, others are 0.");
    private readonly Setting<int[]> _depths = Declare.Depths("2,3,4");
    private readonly Setting<double> _small = Declare.Positive("--small", 1e-4, "Singular values of the product at the start.");
    private readonly Setting<string> _start = Declare.Choice(
        "--start", "aligned: balanced layers in the target's bases, for which the law is exact; gaussian: any small layers.", "both",
        Aligned, Gaussian);
    private readonly Setting<long?> _steps = Declare.StepsOrNone("--steps", "Steps of each network. [until the last mode is learned]");
    private readonly StepSettings _step = new();
    private SaddleTarget _target = null!;
    private SaddleNetwork[] _networks = null!;

    public override IReadOnlyList<SaddleNetwork> Jobs => _networks;

    protected override string Doing => "following descent and flow";

    protected override IReadOnlyList<JobTable<SaddleRun>> Tables => SaddleTables.Of(_modes.Value.Length);

    protected override double Cost(SaddleNetwork network) => (double)network.Steps * network.Shape.Length;

    protected override DataIdentity Prepare()
    {
        var modes = _modes.Value = [.. _modes.Value.OrderDescending()];
        if (modes.Length > _dimension)
            throw new CommandException($"--modes names {modes.Length} singular values; a {_dimension} x {_dimension} target has no more "
                + $"than {_dimension}.");
        if (modes[0] > 1e50) throw new CommandException($"--modes {modes[0]:R} is too large to be squared in float64; take at most 1e50.");
        if (modes.Distinct().Count() < modes.Length)
            throw new CommandException("--modes must differ: equal ones are learned together and have no vectors of their own.");
        if (_small >= modes[^1] / 2)
            throw new CommandException(
                $"--small {_small} is no small start: it must lie below half of the least mode, {modes[^1] / 2:R}.");
        _step.Check();
        _target = SaddleTarget.Random(_dimension, modes, Seed);
        _networks = [.. _depths.Value.SelectMany(depth => ((string[])[Aligned, Gaussian])
            .Where(kind => _start == kind || _start == "both").Select(kind => Network(depth, kind)))];
        return _target.Problem.Identity;
    }

    public override SaddleRun Do(SaddleNetwork network, JobRun at)
    {
        var descent = at.Once("descent", () => ModeRun.Descent(Gradients, network, _target, at));
        // What was kept of one part must not make room for the next where that one was stopped.
        at.Cancellation.ThrowIfCancellationRequested();
        var flow = at.Once("flow", () => ModeRun.Flow(Gradients, network, _target, FlowTolerance, at));
        at.Cancellation.ThrowIfCancellationRequested();
        return new SaddleRun(descent, flow, Differences(network, at.Cancellation)) { Network = network };
    }

    protected override SaddleRun Restore(SaddleNetwork network, SaddleRun run) => run with { Network = network };

    protected override JobEnd EndOf(SaddleRun run) => run.End;

    protected override string Found(IReadOnlyList<SaddleRun> runs) => SaddlesPage.Found(runs);

    protected override object Results(IReadOnlyList<SaddleRun> runs, string found) => new { Runs = runs.Select(run => run.Summary()) };

    protected override ReportPage Page(IReadOnlyList<SaddleRun> runs, string found) => SaddlesPage.Of(runs, found);

    private SaddleNetwork Network(int depth, string kind)
    {
        var (shape, modes) = (_target.Problem.Shape(depth, _dimension), _modes.Value);
        var scale = Math.Pow(_small, 1.0 / depth);
        var start = kind == Aligned
            ? _target.AlignedStart(shape, scale)
            : Initialization.Gaussian(shape, scale, RandomStream.Named(Seed, "start", depth));
        var constants = _step.Constants(_target.Problem.NewLoss(), shape, start);
        var eta = _step.Step(constants);
        double[]? small = kind == Aligned ? [.. modes.Select(_ => _small.Value)]
            : depth == 2 ? _target.EffectiveStarts(shape, start)
            : null;
        double[]? times = small is null ? null : [.. modes.Select((q, i) => ModeLaw.TimeToHalf(depth, q, small[i]))];
        // Where no law is known, that of the aligned start tells the order of magnitude; a Gaussian start holds less of each mode.
        var last = times?[^1] ?? 2 * ModeLaw.TimeToHalf(depth, modes[^1], _small);
        var steps = _steps.Value ?? (long)Math.Min(MostSteps, Math.Ceiling(Beyond * last / eta));
        return new SaddleNetwork(shape, kind, start, constants, eta, steps, modes, times);
    }

    private IReadOnlyList<FlowDifference> Differences(SaddleNetwork network, CancellationToken cancellation)
    {
        var field = Gradients.OfProduct(network.Shape, _target.Problem.NewLoss());
        using var freed = field as IDisposable;
        try
        {
            return DescentVersusFlow.Compare(field, new ConstantStep(network.Step), network.Start, network.Steps,
                SampleSchedule.Multiples(Math.Max(1, network.Steps / 300)), FlowTolerance, cancellation);
        }
        catch (ArithmeticException)
        {
            // Both runs say by their own ends what happened.
            return [];
        }
    }
}
