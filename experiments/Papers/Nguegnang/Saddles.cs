using System.CommandLine;
using TorchAlign.Dynamics;
using TorchAlign.Experiments.Options;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Papers;

/// <summary>
/// Deep matrix factorisation, X = I, from a small start: the singular values of the target are learned one after another, the largest
/// first, with plateaus at saddles in between. Descent at the guaranteed step beside the flow and the law of <see cref="ModeLaw"/>.
/// </summary>
internal sealed class Saddles
{
    private const string Name = "saddles";
    private const string Aligned = "aligned";
    private const string Gaussian = "gaussian";

    /// <summary>Times the predicted time of the last mode; so far every run goes, if not told otherwise.</summary>
    private const double Beyond = 1.3;

    private const double MostSteps = 5e7;
    private const double FlowTolerance = 1e-10;

    private readonly RunOptions _run = new(defaultSeed: 7, onDevice: "Where descent and the flow are computed; the law is the host's");
    private readonly StepOptions _step = new();
    private readonly Option<int> _dimension = Opt.Default("--dimension", 10, "d, of all layers.");
    private readonly Option<string> _modes = Opt.Default("--modes", "4,3,2,1", "Singular values of the target, others are 0.");
    private readonly Option<string> _depths = Opt.Default("--depth", "2,3,4", "Depths N.");
    private readonly Option<double> _small = Opt.Default("--small", 1e-4, "Singular values of the product at the start.");

    private readonly Option<string> _start = Opt.Choice(
        "--start", "aligned: balanced layers in the target's bases, for which the law is exact; gaussian: any small layers.", "both",
        Aligned, Gaussian);

    private readonly Option<double?> _steps = Opt.Maybe<double?>("--steps", "Steps of each network. [until the last mode is learned]");

    public Command Build()
    {
        var command = new Command(Name, """
            Singular values learned one after another from a small start: descent, the flow, and the law that predicts when.

            Example: torchalign paper nrt saddles --modes 5,4,3 --small 1e-6 --depth 2,3
            """);
        foreach (var option in (Option[])[_dimension, _modes, _depths, _small, _start, _steps]) command.Add(option);
        _step.AddTo(command);
        _run.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(parsed, cancellation)));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        var modes = Require.PositiveList("--modes", parsed.GetValue(_modes)!).OrderDescending().ToArray();
        var settings = new SaddleSettings(
            Require.AtLeast(1, "--dimension", parsed.GetValue(_dimension)),
            modes,
            Require.Depths(parsed.GetValue(_depths)!),
            Require.Positive("--small", parsed.GetValue(_small)),
            parsed.GetValue(_start)!,
            parsed.GetValue(_steps) is { } steps ? Require.Steps(steps) : null,
            _step.From(parsed),
            parsed.GetValue(_run.Seed),
            _run.ThreadsOf(parsed),
            parsed.GetValue(_run.Device)!);
        if (modes.Length > settings.Dimension)
            throw new CommandException($"--modes names {modes.Length} singular values; a {settings.Dimension} x {settings.Dimension} "
                + $"target has no more than {settings.Dimension}.");
        if (modes.Distinct().Count() < modes.Length)
            throw new CommandException("--modes must differ: equal ones are learned together and have no vectors of their own.");
        if (settings.Small >= modes[^1] / 2)
            throw new CommandException($"--small {settings.Small:R} is no small start: it must lie below half of the least mode, "
                + $"{modes[^1] / 2:R}.");
        var gradients = GradientSource.On(settings.Device);
        var target = Target(settings.Dimension, settings.Modes, settings.Seed);
        var networks = Networks(settings, target).ToArray();
        var plan = new PaperPlan($"paper nrt {Name}", settings, settings.Seed, Threads: 1, gradients.Device, target.Problem.Identity,
            SaddleTables.Modes(modes.Length), SaddleTables.Times, SaddleTables.Differences, ConstantsTable.Description);
        return PaperRun.Execute(plan, Output.From(parsed, _run, $"nrt-{Name}"), cancellation,
            (run, stop) => Work(run, settings, gradients, target, networks, stop));
    }

    /// <summary>Y = U diag(q) V^T with random bases.</summary>
    internal static SaddleTarget Target(int dimension, double[] modes, int seed)
    {
        var gaussian = new Matrix(dimension, dimension);
        new RandomStream(seed).FillGaussian(gaussian.Values);
        var bases = Svd.Of(gaussian);
        var diagonal = Matrix.Diagonal(dimension, dimension, modes);
        var problem = SquaredProblem.Target(bases.U * diagonal.TimesTransposed(bases.V),
            $"target of singular values {string.Join(", ", modes)}");
        return new SaddleTarget(problem, bases.U, bases.V);
    }

    private static IEnumerable<SaddleNetwork> Networks(SaddleSettings settings, SaddleTarget target)
    {
        foreach (var depth in settings.Depths)
        {
            if (settings.Start != Gaussian) yield return Network(depth, Aligned, AlignedStart(depth));
            if (settings.Start != Aligned)
                yield return Network(depth, Gaussian, Initialization.Gaussian(
                    target.Problem.Shape(depth, settings.Dimension), Math.Pow(settings.Small, 1.0 / depth),
                    new RandomStream(settings.Seed + depth)));
        }

        // W_1 = s V^T, W_j = s I, W_N = s U.
        double[] AlignedStart(int depth)
        {
            var shape = target.Problem.Shape(depth, settings.Dimension);
            var state = Initialization.Identity(shape, Math.Pow(settings.Small, 1.0 / depth));
            (LinearProduct.Layer(shape, state, 0) * target.Right.Transpose()).Values.CopyTo(shape.Layer(state.AsSpan(), 0));
            (target.Left * LinearProduct.Layer(shape, state, depth - 1)).Values.CopyTo(shape.Layer(state.AsSpan(), depth - 1));
            return state;
        }

        SaddleNetwork Network(int depth, string kind, double[] start)
        {
            var shape = target.Problem.Shape(depth, settings.Dimension);
            var constants = settings.Step.Constants(target.Problem.NewLoss(), shape, start);
            var step = settings.Step.Step(constants);
            double[]? small = kind == Aligned ? [.. settings.Modes.Select(_ => settings.Small)]
                : depth == 2 ? ModeLaw.EffectiveStarts(shape, start, target.Left.ColumnRange(0, settings.Modes.Length),
                target.Right.ColumnRange(0, settings.Modes.Length))
                : null;
            double[]? times = small is null ? null : [.. settings.Modes.Select((q, i) => ModeLaw.TimeToHalf(depth, q, small[i]))];
            // Where no law is known, that of the aligned start tells the order of magnitude; a Gaussian start holds less of each mode.
            var last = times?[^1] ?? 2 * ModeLaw.TimeToHalf(depth, settings.Modes[^1], settings.Small);
            var steps = settings.Steps ?? (long)Math.Min(MostSteps, Math.Ceiling(Beyond * last / step));
            return new SaddleNetwork(shape, kind, start, constants, step, steps, times);
        }
    }

    private static PaperResult Work(
        PaperRun run, SaddleSettings settings, GradientSource gradients, SaddleTarget target, SaddleNetwork[] networks,
        CancellationToken cancellation)
    {
        var order = networks.OrderByDescending(network => network.Steps * network.Shape.Length).ToArray();
        var followed = Jobs.Run(run, "following descent and flow", order, settings.Threads, (network, progress) =>
        {
            var loss = SquaredLoss.Sum(target.Problem.Moments);
            var descent = ModeRun.Descent(
                gradients, network, loss, target, settings.Modes.Length, share => progress(0.6 * share), cancellation);
            var flow = ModeRun.Flow(gradients, network, loss, target, settings.Modes.Length, FlowTolerance, cancellation);
            return (Descent: descent, Flow: flow, Differences: Differences(gradients, network, loss, cancellation));
        });
        var runs = networks.Select(network =>
        {
            var (descent, flow, differences) = followed[Array.IndexOf(order, network)];
            return new SaddleRun(network, descent, flow, differences,
                [.. settings.Modes.Select((q, i) => new LearnedMode(q, network.PredictedTimes?[i] ?? double.NaN,
                    descent.TimeTo(i, q / 2), flow.TimeTo(i, q / 2)))]);
        }).ToArray();
        foreach (var one in runs)
        {
            SaddleTables.Write(run, one);
            ConstantsTable.Write(run.Table(ConstantsTable.Description.File), one.Network.Label, one.Network.Constants);
        }
        var ends = runs.SelectMany(one => (RunEnd[])[one.Descent.End, one.Flow.End]).ToArray();
        var result = ends.Contains(RunEnd.Interrupted) ? "interrupted"
            : ends.FirstOrDefault(end => end.Name is not ("step-limit" or "clock-reached"))?.Name
            ?? (runs.All(one => one.AllLearned) ? "all-modes-learned" : "step-limit");
        return new PaperResult(new { Runs = runs.Select(one => one.Summary()) }, result, SaddlesPage.Of(settings, runs));
    }

    private static IReadOnlyList<FlowDifference> Differences(
        GradientSource gradients, SaddleNetwork network, SquaredLoss loss, CancellationToken cancellation)
    {
        var field = gradients.OfProduct(network.Shape, loss);
        using var freed = field as IDisposable;
        try
        {
            return DescentVersusFlow.Compare(field, new ConstantStep(network.Step), network.Start, network.Steps,
                new EveryNth(Math.Max(1, network.Steps / 300)), FlowTolerance, cancellation);
        }
        catch (Exception error) when (error is OperationCanceledException or ArithmeticException)
        {
            // Both runs say by their own ends what happened.
            return [];
        }
    }
}

/// <summary>Every option in force.</summary>
internal sealed record SaddleSettings(
    int Dimension, double[] Modes, int[] Depths, double Small, string Start, long? Steps, StepChoice Step,
    int Seed, int Threads, string Device);

/// <summary>Y = U diag(q) V^T.</summary>
internal sealed record SaddleTarget(SquaredProblem Problem, Matrix Left, Matrix Right);

/// <param name="Shape">d - d - ... - d.</param>
/// <param name="Kind">aligned or gaussian.</param>
/// <param name="Start">W(0) (P).</param>
/// <param name="Constants">Of the theorem at the start.</param>
/// <param name="Step">eta.</param>
/// <param name="Steps">How many.</param>
/// <param name="PredictedTimes">When each mode passes half; null where no law is known.</param>
internal sealed record SaddleNetwork(
    NetworkShape Shape, string Kind, double[] Start, NguegnangConstants Constants, double Step, long Steps, double[]? PredictedTimes)
{
    public string Label => $"N={Shape.Depth} {Kind}";
}

/// <summary>When a mode q passed q/2; NaN where it did not, or no law is known.</summary>
internal sealed record LearnedMode(double Target, double Predicted, double Descent, double Flow);

internal sealed record SaddleRun(
    SaddleNetwork Network, ModeRun Descent, ModeRun Flow, IReadOnlyList<FlowDifference> Differences, LearnedMode[] Modes)
{
    public bool AllLearned => Modes.All(mode => double.IsFinite(mode.Descent));

    /// <summary>Largest ones first, each before the next.</summary>
    public bool InOrder => AllLearned && Modes.Zip(Modes.Skip(1)).All(pair => pair.First.Descent < pair.Second.Descent);

    public double LargestDifference => Differences.Count == 0 ? double.NaN : Differences.Max(d => d.Distance / d.StateNorm);

    public object Summary() => new
    {
        Network.Shape.Depth,
        Start = Network.Kind,
        Eta = Network.Step,
        Result = Descent.End.Name,
        Network.Steps,
        Modes,
        InOrder,
        LargestRelativeDifference = LargestDifference,
        Descent.LargestRise,
    };
}
