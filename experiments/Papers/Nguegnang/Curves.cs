using System.CommandLine;
using System.Diagnostics;
using TorchAlign.Dynamics;
using TorchAlign.Experiments.Options;
using TorchAlign.Experiments.Python;
using TorchAlign.Experiments.Settings;
using TorchAlign.Landscape;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchAlign.Recording;
using TorchSharp;

namespace TorchAlign.Experiments.Papers;

/// <summary>
/// [NRT, section 5]: loss, norms and balancedness of descent at the guaranteed step for several depths, on random inputs and on
/// X = I, beside the bounds M and K of the theorem. The depths run side by side.
/// </summary>
internal sealed class Curves
{
    private const string Both = "both";
    private const string Name = "curves";

    private readonly RunOptions _run = new(defaultSeed: 7, onDevice: "Where descent is computed; norms are the host's");
    private readonly StepOptions _step = new();

    private readonly Option<string> _problem = Opt.Choice(
        "--problem", "random: an autoencoder on Gaussian points; identity: X = I and a Gaussian target.",
        Both, SquaredProblem.RandomInputs, SquaredProblem.Factorization);

    private readonly Option<int> _dimension = Opt.Default("--dimension", 70, "d, inputs and outputs.");
    private readonly Option<int> _rank = Opt.Default("--rank", 35, "r, the width of every hidden layer.");
    private readonly Option<int?> _points = Opt.Maybe<int?>("--points", "n of the random problem. [10 d]");
    private readonly Option<string> _depths = Opt.Default("--depth", "2,3,4,5,6", "Depths N.");
    private readonly Option<double> _steps = Opt.Default("--steps", 20_000.0, "Steps of each network; 1e6 is understood.");
    private readonly Option<double> _scale = Opt.Default("--scale", 0.7, "Singular values of every layer of the balanced start.");

    private readonly Option<bool> _compare = Opt.Flag(
        "--compare-pytorch", "Time and check the PyTorch twin too, 1,000 eager steps of each network.");

    public Command Build()
    {
        var command = new Command(Name, """
            Loss, norms and balancedness of descent at the guaranteed step, depths 2 to 6, beside the bounds of the theorem.

            Example: torchalign paper nrt curves --steps 1e6 --compare-pytorch
            """);
        foreach (var option in (Option[])[_problem, _dimension, _rank, _points, _depths, _steps, _scale, _compare]) command.Add(option);
        _step.AddTo(command);
        _run.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(parsed, cancellation)));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        var dimension = Require.AtLeast(1, "--dimension", parsed.GetValue(_dimension));
        var settings = new CurvesSettings(
            parsed.GetValue(_problem)!,
            dimension,
            Require.Rank(parsed.GetValue(_rank), dimension),
            Require.AtLeast(1, "--points", parsed.GetValue(_points) ?? 10 * dimension),
            Require.Depths(parsed.GetValue(_depths)!),
            Require.Steps(parsed.GetValue(_steps)),
            Require.Positive("--scale", parsed.GetValue(_scale)),
            _step.From(parsed),
            parsed.GetValue(_compare),
            parsed.GetValue(_run.Seed),
            _run.ThreadsOf(parsed),
            parsed.GetValue(_run.Device)!);
        parsed.RefuseIdle((_points, settings.Problem != SquaredProblem.Factorization, "in the random problem"));
        var gradients = GradientSource.On(settings.Device);
        if (settings.ComparePytorch && gradients.Device.type != DeviceType.CPU)
            throw new CommandException(
                $"--compare-pytorch times both sides on the CPU; leave --device {settings.Device} away, or see bench --device.");
        List<SquaredProblem> problems = [];
        if (settings.Problem != SquaredProblem.Factorization)
            problems.Add(Sizes.Checked(() => SquaredProblem.Autoencoder(dimension, settings.Points, settings.Seed)));
        if (settings.Problem != SquaredProblem.RandomInputs)
            problems.Add(Sizes.Checked(() => SquaredProblem.GaussianTarget(dimension, settings.Seed)));
        if (settings.ComparePytorch && PythonTwinFacts.Find().Path is null)
            throw new CommandException($"No python3 with torch was found, so --compare-pytorch has nothing to compare with. "
                + $"{PythonTwin.Remedy}");
        var networks = Sizes.Checked(() => Networks(problems, settings));
        // The networks share the cores; torch measures norms only, each in its own thread.
        var plan = new PaperPlan($"paper nrt {Name}", settings, settings.Seed, Threads: 1, gradients.Device,
            new DataIdentity(string.Join("; ", problems.Select(p => p.Data.Name)), string.Join("; ", problems.Select(p => p.Data.Hash))),
            CurvesTables.Trajectory(settings.Depths[^1]), ConstantsTable.Description);
        return PaperRun.Execute(plan, Output.From(parsed, _run, $"nrt-{Name}"), cancellation,
            (run, stop) => Work(run, settings, gradients, networks, stop));
    }

    private static List<CurveNetwork> Networks(IReadOnlyList<SquaredProblem> problems, CurvesSettings settings)
    {
        var networks = new List<CurveNetwork>();
        foreach (var problem in problems)
            foreach (var depth in settings.Depths)
            {
                var shape = problem.Shape(depth, settings.Rank);
                var start = Initialization.Balanced(shape, settings.Scale, new RandomStream(settings.Seed + depth));
                var constants = settings.Step.Constants(problem.NewLoss(), shape, start);
                networks.Add(new CurveNetwork(problem, shape, start, constants, settings.Step.Step(constants)));
            }
        return networks;
    }

    private static PaperResult Work(
        PaperRun run, CurvesSettings settings, GradientSource gradients, List<CurveNetwork> networks, CancellationToken cancellation)
    {
        // Before the long run, while the machine is its own.
        var speed = settings.ComparePytorch ? CurvesSpeed.Measure(run, networks, settings.Threads, cancellation) : null;
        var curves = new List<Curve>();
        var times = new List<ProblemTime>();
        foreach (var problem in networks.GroupBy(network => network.Problem))
        {
            using var process = Process.GetCurrentProcess();
            var (watch, computing) = (Stopwatch.StartNew(), process.TotalProcessorTime);
            var least = new RankLandscape(problem.Key.NewLoss()).LeastLoss(settings.Rank);
            var descents = Follow(run, settings, gradients, [.. problem], cancellation);
            curves.AddRange(problem.Zip(descents, (network, descent) => new Curve(network, descent, least)));
            process.Refresh();
            times.Add(new ProblemTime(problem.Key.Name, descents.Sum(descent => descent.Steps), watch.Elapsed.TotalSeconds,
                (process.TotalProcessorTime - computing).TotalSeconds));
        }
        foreach (var curve in curves)
        {
            CurvesTables.Write(run.Table(CurvesTables.TrajectoryFile), curve, settings.Depths[^1]);
            ConstantsTable.Write(run.Table(ConstantsTable.Description.File), curve.Network.Label, curve.Network.Constants);
        }
        NpzWriter.Write(run.PathOf(RunFolder.StateFile), [.. curves.SelectMany(Layers)]);
        var result = curves.Any(c => c.Descent.End == RunEnd.Interrupted) ? "interrupted"
            : curves.FirstOrDefault(c => c.Descent.End.Name != "step-limit")?.Descent.End.Name ?? "step-limit";
        return new PaperResult(CurvesSummary.Of(curves, times, speed), result, CurvesPage.Of(curves, settings, times, speed));
    }

    /// <summary>The networks of a problem side by side; in their order.</summary>
    private static ObservedDescent[] Follow(
        PaperRun run, CurvesSettings settings, GradientSource gradients, CurveNetwork[] networks, CancellationToken cancellation)
    {
        // The deepest first: they take longest.
        var order = networks.OrderByDescending(network => network.Shape.Depth).ToArray();
        var descents = Jobs.Run(run, $"following descent, {networks[0].Problem.Name}", order, settings.Threads, (network, progress) =>
        {
            var loss = new EigenbasisLoss(network.Problem.Moments);
            var descent = ObservedDescent.Follow(
                gradients, network.Shape, loss, loss.Rotate(network.Shape, network.Start), new ConstantStep(network.Step),
                settings.Steps, samplesPerDecade: 12, progress, cancellation);
            return descent with { Final = loss.RotateBack(network.Shape, descent.Final) };
        });
        return [.. networks.Select(network => descents[Array.IndexOf(order, network)])];
    }

    /// <summary>PROBLEM_N_Wj (d_j, d_{j-1}): the last layers of each network.</summary>
    private static IEnumerable<NpzArray> Layers(Curve curve)
    {
        var shape = curve.Network.Shape;
        for (var k = 0; k < shape.Depth; k++)
            yield return NpzArray.Float64($"{curve.Network.Problem.Name}_{shape.Depth}_W{k + 1}",
                shape.Layer(curve.Descent.Final.AsSpan(), k).ToArray(), shape.Rows(k), shape.Columns(k));
    }
}

/// <summary>Every option in force.</summary>
internal sealed record CurvesSettings(
    string Problem, int Dimension, int Rank, int Points, int[] Depths, long Steps, double Scale, StepChoice Step,
    bool ComparePytorch, int Seed, int Threads, string Device);

/// <summary>What the networks of a problem took side by side, samples for the charts included.</summary>
/// <param name="Problem">Its name.</param>
/// <param name="Steps">Of all networks together.</param>
/// <param name="Seconds">Wall time.</param>
/// <param name="CpuSeconds">Of all threads: what it takes on a machine that others do not load.</param>
internal sealed record ProblemTime(string Problem, long Steps, double Seconds, double CpuSeconds)
{
    public double SecondsPerStep => Seconds / Steps;
}

/// <summary>A network before its run.</summary>
internal sealed record CurveNetwork(
    SquaredProblem Problem, NetworkShape Shape, double[] Start, NguegnangConstants Constants, double Step)
{
    public string Label => $"{Problem.Name} N={Shape.Depth}";
}

/// <summary>A network's run.</summary>
/// <param name="Network">Whose.</param>
/// <param name="Descent">What was seen.</param>
/// <param name="LeastLoss">Of all products of rank r.</param>
internal sealed record Curve(CurveNetwork Network, ObservedDescent Descent, double LeastLoss)
{
    public LossSample Last => Descent.Samples[^1];

    /// <summary>max ||W_j||_2^2 / K over the samples; at most 1 says the theorem.</summary>
    public double LayersWithinK => Descent.Samples.Max(s => s.LayerNorms.Max() * s.LayerNorms.Max()) / Network.Constants.K;

    /// <summary>max ||W_N ... W_1||_2 / M.</summary>
    public double ProductWithinM => Descent.Samples.Max(s => s.ProductNorm) / Network.Constants.M;

    /// <summary>max defect / delta.</summary>
    public double DefectWithinDelta => Descent.Samples.Max(s => s.Defect) / Network.Constants.Delta;

    /// <summary>Rises of the loss below this share are rounding.</summary>
    public const double Rounding = 1e-12;

    public bool FellAtEveryStep => Descent.Watch.LargestRise <= Rounding;

    /// <summary>Whether everything that the theorem bounds stayed within its bound.</summary>
    public bool KeptGuarantee => FellAtEveryStep && LayersWithinK <= 1 && ProductWithinM <= 1 && DefectWithinDelta <= 1
        && !(Descent.Watch.LeastShare < Network.Constants.Sigma);
}
