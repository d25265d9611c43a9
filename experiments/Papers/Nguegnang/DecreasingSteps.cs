using System.CommandLine;
using TorchAlign.Dynamics;
using TorchAlign.Experiments.Options;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Experiments.Reporting.Charting;
using TorchAlign.Experiments.Settings;
using TorchAlign.Landscape;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Papers;

/// <summary>
/// [NRT] allows every sequence below the bound with sum eta_k = infinity: a constant step against
/// eta_k = eta / (1 + k / tau), whose sum grows like tau log k. Along the way descent follows the flow, so the loss depends on
/// the time t = sum eta_i and hardly on the rule: the curves coincide over t, not over k.
/// </summary>
internal sealed class DecreasingSteps
{
    private const string Name = "steps";
    private const string TrajectoryFile = "steps.csv";

    private readonly RunOptions _run = new(defaultSeed: 7, onDevice: "Where descent is computed; norms are the host's");
    private readonly StepOptions _step = new();
    private readonly Option<int> _dimension = Opt.Default("--dimension", 20, "d, inputs and outputs.");
    private readonly Option<int> _rank = Opt.Default("--rank", 10, "r, the width of every hidden layer.");
    private readonly Option<int?> _points = Opt.Maybe<int?>("--points", "n, Gaussian points with Y = X. [3 d]");
    private readonly Option<string> _depths = Opt.Default("--depth", "2,3,4", "Depths N.");
    private readonly Option<double> _steps = Opt.Default("--steps", 300_000.0, "Steps of each run; 1e6 is understood.");

    private readonly Option<string> _scales = Opt.Default(
        "--tau", "1,1000,100000", "Time scales of the decreasing steps eta / (1 + k / tau); 1 is eta / (k + 1).");

    private readonly Option<double> _scale = Opt.Default("--scale", 0.7, "Singular values of every layer of the balanced start.");

    public Command Build()
    {
        var command = new Command(Name, """
            Constant against decreasing steps, eta / (1 + k / tau): the loss depends on the sum of the steps.

            Example: torchalign paper nrt steps --steps 1e6 --depth 2,3
            """);
        foreach (var option in (Option[])[_dimension, _rank, _points, _depths, _steps, _scales, _scale]) command.Add(option);
        _step.AddTo(command);
        _run.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(parsed, cancellation)));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        var dimension = Require.AtLeast(1, "--dimension", parsed.GetValue(_dimension));
        var settings = new Settings(
            dimension,
            Require.Rank(parsed.GetValue(_rank), dimension),
            Require.AtLeast(1, "--points", parsed.GetValue(_points) ?? 3 * dimension),
            Require.Depths(parsed.GetValue(_depths)!),
            Require.Steps(parsed.GetValue(_steps)),
            Require.PositiveList("--tau", parsed.GetValue(_scales)!),
            Require.Positive("--scale", parsed.GetValue(_scale)),
            _step.From(parsed),
            parsed.GetValue(_run.Seed),
            _run.ThreadsOf(parsed),
            parsed.GetValue(_run.Device)!);
        var gradients = GradientSource.On(settings.Device);
        var problem = Sizes.Checked(() => SquaredProblem.Autoencoder(dimension, settings.Points, settings.Seed));
        var networks = Sizes.Checked(() => settings.Depths.Select(depth =>
        {
            var shape = problem.Shape(depth, settings.Rank);
            var start = Initialization.Balanced(shape, settings.Scale, new RandomStream(settings.Seed + depth));
            var constants = settings.Step.Constants(problem.NewLoss(), shape, start);
            return new CurveNetwork(problem, shape, start, constants, settings.Step.Step(constants));
        }).ToArray());
        var plan = new PaperPlan($"paper nrt {Name}", settings, settings.Seed, Threads: 1, gradients.Device, problem.Identity,
            new TableDescription(TrajectoryFile,
            [
                new("depth", "N"),
                new("tau", "time scale of the rule eta / (1 + k / tau); empty for the constant step"),
                new("step", "k"),
                new("time", "t = sum of the steps' sizes"),
                new("loss", "L(W)"),
                new("excess", "L(W) minus the least loss over all products of rank r"),
                new("gradient_norm", "||grad L||"),
            ]),
            ConstantsTable.Description);
        return PaperRun.Execute(plan, Output.From(parsed, _run, $"nrt-{Name}"), cancellation,
            (run, stop) => Work(run, settings, gradients, networks, stop));
    }

    private static PaperResult Work(
        PaperRun run, Settings settings, GradientSource gradients, CurveNetwork[] networks, CancellationToken cancellation)
    {
        var jobs = networks.Reverse().SelectMany(network => settings.Tau.Cast<double?>().Prepend(null)
            .Select(tau => (Network: network, Tau: tau)))
            .ToArray();
        var descents = Jobs.Run(run, "following descent", jobs, settings.Threads, (job, progress) => ObservedDescent.Follow(
            gradients, job.Network.Shape, job.Network.Problem.NewLoss(), job.Network.Start,
            job.Tau is { } tau ? ScheduledStep.Harmonic(job.Network.Step, tau) : new ConstantStep(job.Network.Step),
            settings.Steps, samplesPerDecade: 60, progress, cancellation));
        var least = new RankLandscape(networks[0].Problem.NewLoss()).LeastLoss(settings.Rank);
        var runs = networks.SelectMany(network => jobs.Zip(descents).Where(pair => pair.First.Network == network)
            .Select(pair => new RuleRun(network, pair.First.Tau, pair.Second, least))).ToArray();
        foreach (var one in runs)
            foreach (var s in one.Descent.Samples)
                run.Table(TrajectoryFile).Append(
                [
                    Cell.Of(one.Network.Shape.Depth), one.Tau is { } tau ? Cell.Of(tau) : "", Cell.Of(s.Step), Cell.Of(s.Time),
                    Cell.Of(s.Loss),
                    Cell.Of(s.Loss - least), Cell.Of(s.GradientNorm),
                ]);
        foreach (var network in networks)
            ConstantsTable.Write(run.Table(ConstantsTable.Description.File), $"N={network.Shape.Depth}", network.Constants);
        var interrupted = runs.Any(one => one.Descent.End == RunEnd.Interrupted);
        return new PaperResult(
            new
            {
                Runs = runs.Select(one => new
                {
                    one.Network.Shape.Depth,
                    Eta = one.Network.Step,
                    one.Tau,
                    Result = one.Descent.End.Name,
                    one.Descent.Steps,
                    one.Last.Time,
                    one.Last.Loss,
                    one.Excess,
                    one.Last.GradientNorm,
                    one.Descent.Watch.LargestRise,
                    one.Descent.Watch.LeastShare,
                    DeviationOverTime = one.DeviationFrom(runs.First(other => other.Network == one.Network)),
                }),
            },
            interrupted ? "interrupted" : "step-limit",
            Page(runs, networks));
    }

    private static ReportPage Page(RuleRun[] runs, CurveNetwork[] networks)
    {
        var decreasing = runs.Where(one => one.Tau is not null).ToArray();
        var worst = decreasing.Max(one => one.DeviationFrom(runs.First(other => other.Network == one.Network)));
        return new ReportPage
        {
            Title = "Constant against decreasing steps",
            Claim = $"With η/(1 + k/τ) the loss falls as it does with the constant η, only later: over the time t = Σ η the curves of "
                + $"one depth differ by "
                + $"at most {Numbers.Short(worst)} relative to L − least + 10⁻³ of the start's. "
                + (runs.All(one => one.Descent.Watch.LargestRise <= Curve.Rounding) ? "No run ever rose."
                : "Some runs rose: see the table."),
            Tables =
            [
                new ReportTable("Runs", ["depth", "rule", "first step", "steps", "t", "L − least of rank r", "‖∇L‖",
                    "least decrease/(η‖∇L‖²)", "σ", "largest rise",
                    "deviation over t"],
                [
                    .. runs.Select(one => (IReadOnlyList<string>)
                    [
                        $"N = {one.Network.Shape.Depth}", one.Label, Numbers.Short(one.Network.Step), Numbers.Count(one.Descent.Steps),
                        Numbers.Short(one.Last.Time),
                        Numbers.Short(one.Excess), Numbers.Short(one.Last.GradientNorm), Numbers.Short(one.Descent.Watch.LeastShare),
                        Numbers.Short(one.Network.Constants.Sigma), Numbers.Short(one.Descent.Watch.LargestRise),
                        one.Tau is null ? "" : Numbers.Short(one.DeviationFrom(runs.First(other => other.Network == one.Network))),
                    ]),
                ])
                {
                    Note = "Deviation over t: the largest difference of the loss from that of the constant step at the same t, relative "
                        + "to L − least there plus "
                        + "10^−3 of its first value. Both follow the gradient flow, which knows no step.",
                },
                ConstantsTable.Show("Constants of the theorem", [.. networks.Select(n => ($"N = {n.Shape.Depth}", n.Constants))]),
            ],
            Charts =
            [
                .. networks.SelectMany(network =>
                {
                    var mine = runs.Where(one => one.Network == network).ToArray();
                    var depth = network.Shape.Depth;
                    return (Chart?[])
                    [
                        Line($"steps-{depth}", $"N = {depth}, over the steps", "L minus the least loss of rank r, step by step.",
                            new Axis("step", ScaleKind.Log) { Tight = true }, mine, s => s.Step),
                        Line($"time-{depth}", $"N = {depth}, over the time", "The same curves over t = Σ η.",
                            new Axis("t", ScaleKind.Log) { Tight = true }, mine, s => s.Time),
                    ];
                }).OfType<Chart>(),
            ],
        };
    }

    private static Chart? Line(string name, string title, string caption, Axis x, RuleRun[] runs, Func<LossSample, double> place) =>
        Charts.Line(new LinePlot
        {
            Name = name,
            Title = title,
            Caption = caption,
            X = x,
            Y = new Axis("L − least loss", ScaleKind.Log) { Floor = 1e-16 },
            Series = runs.Select((one, i) => new Series(one.Label, Palette.Network(i),
                one.Descent.Samples.Select(s => new Sample(place(s), s.Loss - one.Least, s.Step)))
            {
                Width = Palette.Width(i, runs.Length),
            }),
        });

    /// <summary>Every option in force.</summary>
    private sealed record Settings(
        int Dimension, int Rank, int Points, int[] Depths, long Steps, double[] Tau, double Scale, StepChoice Step,
        int Seed, int Threads, string Device);

    /// <param name="Network">Whose run.</param>
    /// <param name="Tau">Of the decreasing steps; null for the constant one.</param>
    /// <param name="Descent">What was seen.</param>
    /// <param name="Least">The least loss of rank r.</param>
    private sealed record RuleRun(CurveNetwork Network, double? Tau, ObservedDescent Descent, double Least)
    {
        public string Label => Tau switch { null => "η", 1 => "η/(k + 1)", { } tau => $"η/(1 + k/{Numbers.Count((long)tau)})" };

        public LossSample Last => Descent.Samples[^1];

        public double Excess => Last.Loss - Least;

        /// <summary>Largest difference of the loss from another run's at the same time, which is interpolated in log L.</summary>
        public double DeviationFrom(RuleRun other)
        {
            var samples = other.Descent.Samples;
            var floor = 1e-3 * (samples[0].Loss - Least);
            var worst = 0.0;
            foreach (var s in Descent.Samples)
            {
                var after = samples.TakeWhile(o => o.Time < s.Time).Count();
                if (after == 0 || after == samples.Count) continue;
                var (a, b) = (samples[after - 1], samples[after]);
                var share = (s.Time - a.Time) / (b.Time - a.Time);
                var excess = Math.Exp((1 - share) * Math.Log(a.Loss - Least) + share * Math.Log(b.Loss - Least));
                worst = Math.Max(worst, Math.Abs(s.Loss - Least - excess) / (excess + floor));
            }
            return worst;
        }
    }
}
