using System.CommandLine;
using TorchAlign.Dynamics;
using TorchAlign.Experiments.Options;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Experiments.Reporting.Charting;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Papers;

/// <summary>
/// How far above the guaranteed step of [NRT] descent may go before its loss rises, and before it diverges: found by bisection for
/// several depths and starts, for the published constants and for the sharper ones of the same argument.
/// </summary>
internal sealed class Slack
{
    private const string Name = "slack";
    private const string TableFile = "slack.csv";

    private readonly RunOptions _run = new(defaultSeed: 7, onDevice: "Where descent is computed, looked at after every step");
    private readonly Option<int> _dimension = Opt.Default("--dimension", 20, "d, inputs and outputs.");
    private readonly Option<int> _rank = Opt.Default("--rank", 10, "r, the width of every hidden layer.");
    private readonly Option<int?> _points = Opt.Maybe<int?>("--points", "n, Gaussian points with Y = X. [3 d]");
    private readonly Option<string> _depths = Opt.Default("--depth", "2,3,4,5,6", "Depths N.");
    private readonly Option<int> _seeds = Opt.Default("--seeds", 5, "Data and starts for each depth, from --seed on.");
    private readonly Option<double> _steps = Opt.Default("--steps", 2000.0,
        "Steps of every run: an instability that shows later is not seen.");
    private readonly Option<double> _resolution = Opt.Default("--resolution", 0.01,
        "Ratio of neighbouring steps at the end of the bisection, minus 1.");
    private readonly Option<double> _scale = Opt.Default("--scale", 0.7, "Singular values of every layer of the balanced start.");

    public Command Build()
    {
        var command = new Command(Name, """
            How far above the guaranteed step descent stays monotone, and stable: bisection, depth by depth.

            Example: torchalign paper nrt slack --depth 2,4,8 --seeds 3
            """);
        foreach (var option in (Option[])[_dimension, _rank, _points, _depths, _seeds, _steps, _resolution, _scale]) command.Add(option);
        _run.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(parsed, cancellation)));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        var dimension = Require.AtLeast(1, "--dimension", parsed.GetValue(_dimension));
        var resolution = Require.Positive("--resolution", parsed.GetValue(_resolution));
        if (resolution is < 1e-6 or >= 1) throw new CommandException($"--resolution must lie between 1e-6 and 1; got {resolution:R}.");
        var settings = new Settings(
            dimension,
            Require.Rank(parsed.GetValue(_rank), dimension),
            Require.AtLeast(1, "--points", parsed.GetValue(_points) ?? 3 * dimension),
            Require.Depths(parsed.GetValue(_depths)!),
            Require.AtLeast(1, "--seeds", parsed.GetValue(_seeds)),
            Require.Steps(parsed.GetValue(_steps)),
            resolution,
            Require.Positive("--scale", parsed.GetValue(_scale)),
            parsed.GetValue(_run.Seed),
            _run.ThreadsOf(parsed),
            parsed.GetValue(_run.Device)!);
        var gradients = GradientSource.On(settings.Device);
        var problems = Enumerable.Range(settings.Seed, settings.Seeds)
            .Select(seed => (Seed: seed, Problem: SquaredProblem.Autoencoder(dimension, settings.Points, seed))).ToArray();
        var plan = new PaperPlan($"paper nrt {Name}", settings, settings.Seed, Threads: 1, gradients.Device, problems[0].Problem.Identity,
            new TableDescription(TableFile,
            [
                new("depth", "N"),
                new("seed", "of data and start"),
                new("published", "the longest guaranteed step with the published constants"),
                new("sharpened", "the same with the smaller constants that the argument allows"),
                new("monotone", "the longest step found with which the loss never rises"),
                new("stable", "the longest step found with which the loss never exceeds 1000 times its start"),
            ]));
        return PaperRun.Execute(plan, Output.From(parsed, _run, $"nrt-{Name}"), cancellation,
            (run, stop) => Work(run, settings, gradients, problems, stop));
    }

    private static PaperResult Work(
        PaperRun run, Settings settings, GradientSource gradients, (int Seed, SquaredProblem Problem)[] problems,
        CancellationToken cancellation)
    {
        var jobs = settings.Depths.Reverse().SelectMany(depth => problems.Select(p => (Depth: depth, p.Seed, p.Problem))).ToArray();
        var measured = Jobs.Run(run, "bisecting", jobs, settings.Threads,
            (job, _) => Measure(settings, gradients, job.Depth, job.Seed, job.Problem, cancellation));
        var slacks = measured.OfType<Measured>().OrderBy(m => m.Depth).ThenBy(m => m.Seed).ToArray();
        if (slacks.Length == 0) throw new OperationCanceledException();
        foreach (var m in slacks)
            run.Table(TableFile).Append(
                [Cell.Of(m.Depth), Cell.Of(m.Seed), Cell.Of(m.Published), Cell.Of(m.Sharpened), Cell.Of(m.Monotone), Cell.Of(m.Stable)]);
        var depths = slacks.GroupBy(m => m.Depth).Select(group => new DepthSlack(group.Key, [.. group])).ToArray();
        return new PaperResult(
            new { Depths = depths.Select(d => d.Summary()) }, slacks.Length < jobs.Length ? "interrupted" : "measured",
            Page(settings, depths));
    }

    /// <summary>Null after a cancellation.</summary>
    private static Measured? Measure(
        Settings settings, GradientSource gradients, int depth, int seed, SquaredProblem problem, CancellationToken cancellation)
    {
        var shape = problem.Shape(depth, settings.Rank);
        var start = Initialization.Balanced(shape, settings.Scale, new RandomStream(seed + depth));
        double Bound(StepGuarantee guarantee) => NguegnangConstants.ForLongestStep(problem.NewLoss(), shape, start, guarantee).StepBound;
        var (published, sharpened) = (Bound(StepGuarantee.Published), Bound(StepGuarantee.Sharpened));
        var field = gradients.OfProduct(shape, problem.NewLoss());
        using var freed = field as IDisposable;
        try
        {
            var slack = StepSlack.Measure(field, start, published, settings.Steps, settings.Resolution, cancellation);
            return new Measured(depth, seed, published, sharpened, slack.LargestMonotone, slack.LargestStable);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private static ReportPage Page(Settings settings, DepthSlack[] depths)
    {
        var (first, last) = (depths[0], depths[^1]);
        var least = depths.SelectMany(d => d.All).Min(m => m.Monotone / m.Published);
        return new ReportPage
        {
            Title = "The slack of the guaranteed step",
            Claim = $"Descent stays monotone up to {Numbers.Short(first.Median(m => m.Monotone / m.Published))} times the guaranteed "
                + $"step at N = {first.Depth} and "
                + $"{Numbers.Short(last.Median(m => m.Monotone / m.Published))} times at N = {last.Depth} (medians of {first.All.Length} "
                + $"seeds; the least over all is "
                + $"{Numbers.Short(least)}, {(least >= 1 ? "so the bound held" : "below 1: the bound failed")}). Of this slack the same "
                + $"argument with smaller "
                + $"constants takes {Numbers.Short(first.Median(m => m.Sharpened / m.Published))} to "
                + $"{Numbers.Short(last.Median(m => m.Sharpened / m.Published))} times.",
            Tables =
            [
                new ReportTable("Slack", ["depth", "bound (published)", "bound (sharpened)", "monotone up to", "stable up to",
                    "monotone / published", "least and largest",
                    "monotone / sharpened", "stable / monotone"],
                [
                    .. depths.Select(d => (IReadOnlyList<string>)
                    [
                        $"N = {d.Depth}", Numbers.Short(d.Median(m => m.Published)), Numbers.Short(d.Median(m => m.Sharpened)),
                        Numbers.Short(d.Median(m => m.Monotone)), Numbers.Short(d.Median(m => m.Stable)),
                        Numbers.Short(d.Median(m => m.Monotone / m.Published)),
                        $"{Numbers.Short(d.All.Min(m => m.Monotone / m.Published))} … "
                            + $"{Numbers.Short(d.All.Max(m => m.Monotone / m.Published))}",
                        Numbers.Short(d.Median(m => m.Monotone / m.Sharpened)), Numbers.Short(d.Median(m => m.Stable / m.Monotone)),
                    ]),
                ])
                {
                    Note = $"Medians over the seeds, {Numbers.Count(settings.Steps)} steps a run, step sizes to "
                        + $"{Numbers.Short(settings.Resolution)}. Stable: the loss never exceeds "
                        + "1,000 times its start. An instability that needs more steps is not seen.",
                },
            ],
            Charts =
            [
                .. ((Chart?[])
                [
                    Line("ratios", "Steps over the guaranteed one", "How far above the published bound descent stays monotone and "
                        + "stable, and where the sharpened "
                        + "bound lies. Medians; dashed: the least and largest of the seeds.", "times the published bound", depths,
                        m => m.Published, [new Rule(1, "published bound", Palette.Ink)]),
                    Line("steps", "The steps themselves", "Guaranteed and measured step sizes, depth by depth.", "η", depths, _ => 1, []),
                ]).OfType<Chart>(),
            ],
        };
    }

    private static Chart? Line(
        string name, string title, string caption, string quantity, DepthSlack[] depths, Func<Measured, double> unit,
        IReadOnlyList<Rule> rules)
    {
        (string Label, Func<Measured, double> Step)[] kinds =
        [
            ("stable up to", m => m.Stable), ("monotone up to", m => m.Monotone), ("sharpened bound", m => m.Sharpened),
            .. rules.Count == 0 ? ((string, Func<Measured, double>)[])[("published bound", m => m.Published)] : [],
        ];
        var series = kinds.SelectMany((kind, i) =>
        {
            Series Curve(string label, Func<DepthSlack, double> value) =>
                new(label, Palette.Network(i), depths.Select(d => new Sample(d.Depth, value(d), d.Depth)));
            double Of(Measured m) => kind.Step(m) / unit(m);
            return (Series[])
            [
                Curve(kind.Label, d => d.Median(Of)),
                .. i < 2 ? (Series[])
                [
                    Curve($"{kind.Label}: least", d => d.All.Min(Of)) with { Dash = Palette.Dash(2), Width = 1 },
                    Curve($"{kind.Label}: largest", d => d.All.Max(Of)) with { Dash = Palette.Dash(2), Width = 1 },
                ] : [],
            ];
        });
        return Charts.Line(new LinePlot
        {
            Name = name,
            Title = title,
            Caption = caption,
            X = new Axis("depth N") { Whole = true },
            Y = new Axis(quantity, ScaleKind.Log),
            Series = series,
            Rules = rules,
        });
    }

    /// <summary>Every option in force.</summary>
    private sealed record Settings(
        int Dimension, int Rank, int Points, int[] Depths, int Seeds, long Steps, double Resolution, double Scale,
        int Seed, int Threads, string Device);

    private sealed record Measured(int Depth, int Seed, double Published, double Sharpened, double Monotone, double Stable);

    private sealed record DepthSlack(int Depth, Measured[] All)
    {
        public double Median(Func<Measured, double> value)
        {
            double[] sorted = [.. All.Select(value).Order()];
            return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
        }

        public object Summary() => new
        {
            Depth,
            Published = Median(m => m.Published),
            Sharpened = Median(m => m.Sharpened),
            Monotone = Median(m => m.Monotone),
            Stable = Median(m => m.Stable),
            MonotoneOverPublished = new
            {
                Least = All.Min(m => m.Monotone / m.Published),
                Median = Median(m => m.Monotone / m.Published),
                Largest = All.Max(m => m.Monotone / m.Published),
            },
        };
    }
}
