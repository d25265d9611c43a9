using TorchAlign.Experiments.Reporting;
using TorchAlign.Experiments.Reporting.Charting;
using TorchAlign.Landscape;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Papers;

/// <summary>
/// [NRT]: for almost all starts descent finds the global minimum at N = 2, and at N >= 3 one among the products of some rank k that is
/// not known beforehand. Many starts: which k each found, whether the loss is the predicted one, and whether it is a strict saddle.
/// </summary>
internal sealed class Starts() : NguegnangExperiment<(int Depth, int Start), Starts.End>("starts", """
    Which critical point descent finds, from many starts: its rank k, the loss predicted for k, minimum or saddle.

    Example: torchalign paper nrt starts --depth 2,3,4 --starts 500
    """, "Where descent is computed; ranks and curvatures are the host's")
{
    private static readonly CriticalPointCriteria _criteria = new();
    private readonly BottleneckSettings _network = new(dimension: 10, rank: 5, "2,3");
    private readonly Setting<int> _points = Declare.Count("--points", 50, "n, Gaussian inputs with independent Gaussian targets.");
    private readonly Setting<int> _starts = Declare.Count("--starts", 200, "Starts for each depth.");
    private readonly Setting<int?> _startRank = Declare.CountOrNone("--start-rank", "Balanced starts of this rank in place of Gaussian "
        + "ones. The flow keeps it; at N = 2 rounding grows and leads on, at N >= 3 it does not.", unit: "K");
    private readonly Setting<long> _steps = Declare.Steps("--steps", 1e7, "Most steps of a run; 1e6 is understood.");
    private readonly Setting<double> _scale = Declare.Positive(
        "--scale", 0.5, "Standard deviation of the Gaussian starts, times the root of the layer's inputs.");
    private SquaredProblem _problem = null!;

    internal sealed record End(int Depth, int Start, FoundPoint Found)
    {
        public CriticalPointReport Report => Found.Report;
    }

    protected override IReadOnlyList<Column<End>> Columns =>
    [
        new("depth", "N", e => e.Depth),
        new("start", "which start, from 0", e => e.Start),
        new("steps", "until the gradient was small enough", e => e.Found.Steps) { Median = "median steps" },
        new("eta", "the constant step", e => e.Found.Step),
        new("gradient_norm", "||grad L|| at the end", e => e.Report.GradientNorm) { Largest = "largest ‖∇L‖" },
        new("rank", "k, the numerical rank of W_N ... W_1 at the end", e => e.Report.Rank),
        new("loss", "L at the end", e => e.Report.Loss),
        new("predicted_loss", "least loss over all products of rank k", e => e.Report.PredictedLoss) { First = "predicted loss" },
        new("relative_excess", "(loss - predicted) / predicted", e => e.Report.RelativeExcess) { Largest = "|relative excess|" },
        new("distance", "||P - P_k||_F from the nearest minimiser of that rank", e => e.Report.Distance) { Largest = "largest distance" },
        new("least_curvature", "least eigenvalue of the Hessian", e => e.Report.Curvature.Least) { Least = "least curvature" },
        new("largest_curvature", "largest eigenvalue of the Hessian", e => e.Report.Curvature.Largest) { Largest = "largest curvature" },
        new("kind", "globalMinimum, strictSaddle, flatSaddle or notCritical", e => e.Report.Kind) { Counted = Enum.GetNames<PointKind>() },
        new("result", "how the run ended", e => e.Found.End.Name),
    ];

    public override IReadOnlyList<(int Depth, int Start)> Jobs =>
        [.. _network.Depths.Value.SelectMany(depth => Enumerable.Range(0, _starts).Select(start => (depth, start)))];

    protected override DataIdentity Prepare()
    {
        _network.Check();
        if (_startRank.Value > _network.Rank)
            throw new CommandException($"--start-rank must lie between 1 and --rank {_network.Rank}; got {_startRank}.");
        _problem = SquaredProblem.Regression(_network.Dimension, _points, Seed);
        return _problem.Identity;
    }

    public override End Do((int Depth, int Start) job, JobRun at)
    {
        var (shape, random) = (_problem.Shape(job.Depth, _network.Rank), RandomStream.Named(Seed, "start", job.Depth, job.Start));
        var landscape = new RankLandscape(_problem.NewLoss());
        var field = Gradients.OfProduct(shape, landscape.Loss);
        using var freed = field as IDisposable;
        var start = _startRank.Value is { } rank
            ? Initialization.Balanced(shape, [.. Enumerable.Range(0, rank).Select(_ => random.NextDouble(_scale / 2, _scale))], random)
            : Initialization.Gaussian(shape, _scale, random);
        var found = new CriticalPointSearch(landscape, shape, field).Run(start, _criteria, _steps, at.Cancellation);
        return new End(job.Depth, job.Start, found);
    }

    protected override JobEnd EndOf(End end) => JobEnd.OfPrediction(end.Found.End, end.Report.IsAsPredicted);

    protected override string Found(IReadOnlyList<End> ends) =>
        $"{Numbers.Count(ends.Count(end => end.Report.IsAsPredicted))} of {Numbers.Count(ends.Count)} "
        + $"{(_startRank.Value is { } rank ? $"starts of rank {rank}" : "Gaussian starts")} ended at a critical point (‖∇L‖ ≤ "
        + $"{Numbers.Short(_criteria.GradientNorm)}) whose loss is the least that its rank k allows, within "
        + $"{Numbers.Short(_criteria.RelativeLoss)}. Global minima: " + string.Join(", ", ends.GroupBy(end => end.Depth).Select(depth =>
            $"{depth.Count(end => end.Report.Kind == PointKind.GlobalMinimum)} at N = {depth.Key}"))
        + $", of {Numbers.Count(_starts)} starts each (d = {_network.Dimension}, n = {_points}, hidden width {_network.Rank}).";

    protected override object Results(IReadOnlyList<End> ends, string found) => new
    {
        Criteria = _criteria,
        Depths = ends.GroupBy(end => end.Depth, end => end.Found).Select(depth => CriticalPointCensus.Of(depth.Key, [.. depth])),
    };

    protected override ReportPage Page(IReadOnlyList<End> ends, string found) => new()
    {
        Title = "Which critical point descent finds",
        Claim = found,
        Tables =
        [
            GroupTable.Of("What was found", "depth and rank", Columns, ends.OrderBy(end => (end.Depth, -end.Report.Rank)).GroupBy(end =>
                 $"N = {end.Depth}, k = {end.Report.Rank}{(end.Report.Rank == _network.Rank ? " (largest)" : "")}")) with
            {
                Note = "Predicted: half of ‖Y − P*X‖_F² and the qᵢ² with i > k, qᵢ the singular values of Q = YXᵀ(XXᵀ)^(−1/2). A point "
                    + "above the global minimum is a strict saddle where the Hessian has a negative eigenvalue, flat where it shows none. "
                    + "Distance: from the nearest product of least loss, Frobenius. Curvature: of the Hessian; the least is 0 up to "
                    + "rounding of the largest at a minimum, since rotations between the layers change nothing.",
            },
            new("Predicted losses", ["rank k", .. Enumerable.Range(0, _network.Rank + 1).Select(k => $"{k}")],
                [["least loss", .. ends[0].Report.LeastLosses.Select(Numbers.Short)]]),
        ],
        Charts =
        [
            Histogram.OfWhole("rank", "The rank that was found", $"The largest there is: {_network.Rank}.", "k", _network.Rank,
                ends.ToLookup(end => $"N = {end.Depth}", end => end.Report.Rank)),
            Histogram.OfDecades("steps", "Steps until the gradient was small",
                "Four bars a decade; the number of runs whose gradient was small enough after so many steps.", "steps",
                ends.ToLookup(end => $"N = {end.Depth}", end => end.Found.Steps)),
        ],
    };
}
