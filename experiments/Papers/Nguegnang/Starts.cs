using System.CommandLine;
using System.Globalization;
using TorchAlign.Dynamics;
using TorchAlign.Experiments.Options;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Experiments.Reporting.Charting;
using TorchAlign.Landscape;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Papers;

/// <summary>
/// [NRT]: for almost all starts descent finds the global minimum at N = 2, and at N >= 3 a global minimum among the products of some
/// rank k that is not known beforehand. Many starts; which k each found, how well the loss agrees with the predicted one, and
/// whether the point is a minimum or a strict saddle.
/// </summary>
internal sealed class Starts
{
    private const string Name = "starts";
    private const string TableFile = "starts.csv";

    private static readonly CriticalPointCriteria _criteria = new();

    private readonly RunOptions _run = new(defaultSeed: 7, onDevice: "Where descent is computed; ranks and curvatures are the host's");
    private readonly Option<int> _dimension = Opt.Default("--dimension", 10, "d, inputs and outputs.");
    private readonly Option<int> _rank = Opt.Default("--rank", 5, "The width of every hidden layer, the largest rank of the product.");
    private readonly Option<int> _points = Opt.Default("--points", 50, "n, Gaussian inputs with independent Gaussian targets.");
    private readonly Option<string> _depths = Opt.Default("--depth", "2,3", "Depths N.");
    private readonly Option<int> _starts = Opt.Default("--starts", 200, "Starts for each depth.");
    private readonly Option<double> _steps = Opt.Default("--steps", 1e7, "Most steps of a run; 1e6 is understood.");
    private readonly Option<double> _scale = Opt.Default("--scale", 0.5,
        "Standard deviation of the Gaussian starts, times the root of the layer's inputs.");

    private readonly Option<int?> _startRank = Opt.Maybe<int?>(
        "--start-rank", "Balanced starts of this rank in place of Gaussian ones. The flow keeps it; at N = 2 rounding grows and leads "
            + "on, at N >= 3 it does not.", "K");

    public Command Build()
    {
        var command = new Command(Name, """
            Which critical point descent finds, from many starts: its rank k, the loss predicted for k, minimum or saddle.

            Example: torchalign paper nrt starts --depth 2,3,4 --starts 500
            """);
        foreach (var option in (Option[])[_dimension, _rank, _points, _depths, _starts, _startRank, _steps, _scale]) command.Add(option);
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
            Require.AtLeast(1, "--points", parsed.GetValue(_points)),
            Require.Depths(parsed.GetValue(_depths)!),
            Require.AtLeast(1, "--starts", parsed.GetValue(_starts)),
            parsed.GetValue(_startRank),
            Require.Steps(parsed.GetValue(_steps)),
            Require.Positive("--scale", parsed.GetValue(_scale)),
            parsed.GetValue(_run.Seed),
            _run.ThreadsOf(parsed),
            parsed.GetValue(_run.Device)!);
        if (settings.StartRank is { } startRank && (startRank < 1 || startRank > settings.Rank))
            throw new CommandException($"--start-rank must lie between 1 and --rank {settings.Rank}; got {startRank}.");
        var gradients = GradientSource.On(settings.Device);
        var problem = SquaredProblem.Regression(dimension, settings.Points, settings.Seed);
        var plan = new PaperPlan($"paper nrt {Name}", settings, settings.Seed, Threads: 1, gradients.Device, problem.Identity,
            new TableDescription(TableFile,
            [
                new("depth", "N"),
                new("start", "which start, from 0"),
                new("steps", "until the gradient was small enough"),
                new("eta", "the constant step"),
                new("gradient_norm", "||grad L|| at the end"),
                new("rank", "k, the numerical rank of W_N ... W_1 at the end"),
                new("loss", "L at the end"),
                new("predicted_loss", "least loss over all products of rank k"),
                new("relative_excess", "(loss - predicted) / predicted"),
                new("distance", "||P - P_k||_F from the nearest minimiser of that rank"),
                new("least_curvature", "least eigenvalue of the Hessian"),
                new("largest_curvature", "largest eigenvalue of the Hessian"),
                new("kind", "globalMinimum, strictSaddle, flatSaddle or notCritical"),
                new("result", "how the run ended"),
            ]));
        return PaperRun.Execute(plan, Output.From(parsed, _run, $"nrt-{Name}"), cancellation,
            (run, stop) => Work(run, settings, gradients, problem, stop));
    }

    private static PaperResult Work(
        PaperRun run, Settings settings, GradientSource gradients, SquaredProblem problem, CancellationToken cancellation)
    {
        var jobs = settings.Depths.Reverse().SelectMany(depth => Enumerable.Range(0, settings.Starts)
            .Select(start => (Depth: depth, Start: start)))
            .ToArray();
        var found = Jobs.Run(run, "descending", jobs, settings.Threads, (job, _) =>
        {
            if (cancellation.IsCancellationRequested) return null;
            var shape = problem.Shape(job.Depth, settings.Rank);
            var random = new RandomStream(unchecked(settings.Seed * 1_000_003L + job.Depth * 100_000L + job.Start));
            var landscape = new RankLandscape(problem.NewLoss());
            var field = gradients.OfProduct(shape, landscape.Loss);
            using var freed = field as IDisposable;
            var search = new CriticalPointSearch(landscape, shape, field);
            var start = settings.StartRank is { } rank
                ? Initialization.Balanced(shape, [.. Enumerable.Range(0, rank)
                .Select(_ => random.NextDouble(settings.Scale / 2, settings.Scale))], random)
                : Initialization.Gaussian(shape, settings.Scale, random);
            return search.Run(start, _criteria, settings.Steps, cancellation);
        });
        var ends = jobs.Zip(found).Where(pair => pair.Second is not null)
            .Select(pair => new End(pair.First.Depth, pair.First.Start, pair.Second!))
            .OrderBy(end => end.Depth).ThenBy(end => end.Start).ToArray();
        if (ends.Length == 0) throw new OperationCanceledException();
        foreach (var end in ends)
            run.Table(TableFile).Append(
            [
                Cell.Of(end.Depth), Cell.Of(end.Start), Cell.Of(end.Found.Steps), Cell.Of(end.Found.Step), Cell.Of(end.Report.GradientNorm),
                Cell.Of(end.Report.Rank), Cell.Of(end.Report.Loss), Cell.Of(end.Report.PredictedLoss), Cell.Of(end.Report.RelativeExcess),
                Cell.Of(end.Report.Distance), Cell.Of(end.Report.Curvature.Least), Cell.Of(end.Report.Curvature.Largest), end.KindName,
                end.Found.End.Name,
            ]);
        var depths = ends.GroupBy(end => end.Depth).Select(group => new Statistics(group.Key, settings.Rank, [.. group])).ToArray();
        var result = ends.Length < jobs.Length || ends.Any(end => end.Found.End == RunEnd.Interrupted) ? "interrupted"
            : ends.All(end => end.AsPredicted) ? "all-as-predicted"
            : "not-all-as-predicted";
        return new PaperResult(new { Criteria = _criteria, Depths = depths.Select(d => d.Summary()) }, result, Page(settings, depths));
    }

    private static ReportPage Page(Settings settings, Statistics[] depths)
    {
        var all = depths.SelectMany(d => d.Ends).ToArray();
        var predicted = all.Count(end => end.AsPredicted);
        var global = string.Join(", ", depths.Select(d => $"{d.Ends.Count(end => end.Report.Kind == PointKind.GlobalMinimum)} at N = "
            + $"{d.Depth}"));
        return new ReportPage
        {
            Title = "Which critical point descent finds",
            Claim = $"{Numbers.Count(predicted)} of {Numbers.Count(all.Length)} "
                + $"{(settings.StartRank is { } rank ? $"starts of rank {rank}" : "Gaussian starts")} ended at a critical point (‖∇L‖ ≤ "
                + $"{Numbers.Short(_criteria.GradientNorm)}) "
                + $"whose loss is the least that its rank k allows, within {Numbers.Short(_criteria.RelativeLoss)}. Global minima: "
                + $"{global}, of "
                + $"{Numbers.Count(settings.Starts)} starts each (d = {settings.Dimension}, n = {settings.Points}, hidden width "
                + $"{settings.Rank}).",
            Tables =
            [
                new ReportTable("What was found", ["depth and rank", "runs", "global minimum", "strict saddle", "flat saddle",
                    "not critical",
                    "predicted loss", "largest |relative excess|", "largest ‖∇L‖", "largest distance", "least curvature", "median steps"],
                [.. depths.SelectMany(d => d.Rows())])
                {
                    Note = "Predicted: half of ‖Y − P*X‖_F² and the qᵢ² with i > k, qᵢ the singular values of Q = YXᵀ(XXᵀ)^(−1/2). "
                        + "A point above the "
                        + "global minimum is a strict "
                        + "saddle where the Hessian has a negative eigenvalue, flat where it shows none. Distance: from the nearest "
                        + "product of least loss, Frobenius. "
                        + "Curvature: the Hessian's least eigenvalue over its largest; 0 up to rounding at a minimum, since rotations "
                        + "between the layers change nothing.",
                },
                new ReportTable("Predicted losses", ["rank k", .. Enumerable.Range(0, settings.Rank + 1)
                    .Select(k => k.ToString(CultureInfo.InvariantCulture))],
                    [["least loss", .. all[0].Report.LeastLosses.Select(Numbers.Short)]]),
            ],
            Charts =
            [
                Histogram.Of("rank", "The rank that was found", $"Of {Numbers.Count(settings.Starts)} starts for each depth; "
                    + $"{settings.Rank} is the largest there is.",
                    "k", [.. Enumerable.Range(0, settings.Rank + 1).Select(k => k.ToString(CultureInfo.InvariantCulture))],
                    [.. depths.Select((d, i) => new CountSeries($"N = {d.Depth}", Palette.Network(i),
                        [.. Enumerable.Range(0, settings.Rank + 1).Select(k => d.Ends.Count(end => end.Report.Rank == k))]))]),
                Steps(depths),
            ],
        };
    }

    /// <summary>Four bins a decade.</summary>
    private static Chart Steps(Statistics[] depths)
    {
        static int Bin(End end) => (int)Math.Floor(4 * Math.Log10(Math.Max(1, end.Found.Steps)));
        var bins = depths.SelectMany(d => d.Ends).Select(Bin).ToArray();
        var range = Enumerable.Range(bins.Min(), bins.Max() - bins.Min() + 1).ToArray();
        return Histogram.Of("steps", "Steps until the gradient was small",
            $"Until ‖∇L‖ ≤ {Numbers.Short(_criteria.GradientNorm)}; each bar counts from its number on.",
            "steps, from", [.. range.Select(bin => Numbers.Short(Math.Round(Math.Pow(10, bin / 4.0), bin < 8 ? 1 : 0)))],
            [.. depths.Select((d, i) => new CountSeries($"N = {d.Depth}", Palette.Network(i),
                [.. range.Select(bin => d.Ends.Count(end => Bin(end) == bin))]))]);
    }

    /// <summary>Every option in force.</summary>
    private sealed record Settings(
        int Dimension, int Rank, int Points, int[] Depths, int Starts, int? StartRank, long Steps, double Scale,
        int Seed, int Threads, string Device);

    private sealed record End(int Depth, int Start, FoundPoint Found)
    {
        public CriticalPointReport Report => Found.Report;

        public string KindName => char.ToLowerInvariant(Report.Kind.ToString()[0]) + Report.Kind.ToString()[1..];

        public bool AsPredicted => Report.Kind != PointKind.NotCritical && Report.IsRankMinimum;
    }

    private sealed record Statistics(int Depth, int LargestRank, End[] Ends)
    {
        public object Summary() => new
        {
            Depth,
            Starts = Ends.Length,
            AsPredicted = Ends.Count(end => end.AsPredicted),
            LargestGradientNorm = Ends.Max(end => end.Report.GradientNorm),
            LargestRelativeExcess = Ends.Max(end => Math.Abs(end.Report.RelativeExcess)),
            MostSteps = Ends.Max(end => end.Found.Steps),
            Kinds = Ends.GroupBy(end => end.KindName).ToDictionary(group => group.Key, group => group.Count()),
            Ranks = Ends.GroupBy(end => end.Report.Rank).OrderBy(group => group.Key).Select(group => new
            {
                Rank = group.Key,
                Runs = group.Count(),
                group.First().Report.PredictedLoss,
                LargestRelativeExcess = group.Max(end => Math.Abs(end.Report.RelativeExcess)),
                LargestDistance = group.Max(end => end.Report.Distance),
            }),
        };

        public IEnumerable<IReadOnlyList<string>> Rows() => Ends.GroupBy(end => end.Report.Rank).OrderByDescending(group => group.Key)
            .Select(group => (IReadOnlyList<string>)
            [
                $"N = {Depth}, k = {group.Key}" + (group.Key == LargestRank ? " (largest)" : ""), Numbers.Count(group.Count()),
                .. ((PointKind[])[PointKind.GlobalMinimum, PointKind.StrictSaddle, PointKind.FlatSaddle, PointKind.NotCritical])
                    .Select(kind => Numbers.Count(group.Count(end => end.Report.Kind == kind))),
                Numbers.Short(group.First().Report.PredictedLoss), Numbers.Short(group.Max(end => Math.Abs(end.Report.RelativeExcess))),
                Numbers.Short(group.Max(end => end.Report.GradientNorm)), Numbers.Short(group.Max(end => end.Report.Distance)),
                Numbers.Short(group.Min(end => end.Report.Curvature.Least / end.Report.Curvature.Largest)),
                Numbers.Count(group.Select(end => end.Found.Steps).Order().ElementAt(group.Count() / 2)),
            ]);
    }
}
