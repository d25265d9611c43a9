using TorchAlign.Dynamics;
using TorchAlign.Experiments.Options;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Papers;

/// <summary>
/// How far above the guaranteed step of [NRT] descent may go before its loss rises, and before it diverges: found by bisection for
/// several depths and starts, for the published constants and for the sharper ones of the same argument.
/// </summary>
internal sealed class Slack() : NguegnangExperiment<(int Depth, int Seed), Slack.Measured>("slack", """
    How far above the guaranteed step descent stays monotone, and stable: bisection, depth by depth.

    Example: torchalign paper nrt slack --depth 2,4,8 --seeds 3
    """, "Where descent is computed, looked at after every step")
{
    private readonly BottleneckSettings _network = new(dimension: 20, rank: 10, "2,3,4,5,6");
    private readonly Setting<int?> _points = Declare.CountOrNone("--points", "n, Gaussian points with Y = X. [3 d]");
    private readonly Setting<int> _seeds = Declare.Count("--seeds", 5, "Data and starts for each depth, from --seed on.");
    private readonly Setting<long> _steps = Declare.Steps("--steps", 2000,
        "Steps of every run: an instability that shows later is not seen.");
    private readonly Setting<double> _resolution = new(
        Opt.Default("--resolution", 0.01, "Ratio of neighbouring steps at the end of the bisection, minus 1."),
        value => value is >= 1e-6 and < 1 ? null : "must lie between 1e-6 and 1");
    private readonly BalancedStart _start = new();
    private SquaredProblem[] _problems = null!;

    internal sealed record Measured(int Depth, int Seed, double Published, double Sharpened, double Monotone, double Stable)
    {
        public JobEnd End => double.IsNaN(Monotone) || double.IsNaN(Stable) ? JobEnd.Of(RunEnd.NonFinite)
            : Monotone < Published ? JobEnd.BoundFailed : new JobEnd("measured", JobGrade.Reached);

        public double Slack => Monotone / Published;
    }

    protected override IReadOnlyList<Column<Measured>> Columns =>
    [
        new("depth", "N", m => m.Depth),
        new("seed", "of data and start", m => m.Seed),
        new("published", "the longest guaranteed step with the published constants", m => m.Published) { Median = "bound (published)" },
        new("sharpened", "the same with the smaller constants that the argument allows", m => m.Sharpened)
            { Median = "bound (sharpened)" },
        new("monotone", "the longest step found with which the loss never rises", m => m.Monotone) { Median = "monotone up to" },
        new("stable", "the longest step with which the loss stays below 1000 times its start", m => m.Stable) { Median = "stable up to" },
        new("result", "measured; bound-failed: the loss rises at the published bound; non-finite: at every step", m => m.End.Name),
    ];

    public override IReadOnlyList<(int Depth, int Seed)> Jobs =>
        [.. _network.Depths.Value.SelectMany(depth => Enumerable.Range(Seed, _seeds).Select(seed => (depth, seed)))];

    protected override string Doing => "bisecting";

    protected override double Cost((int Depth, int Seed) job) => job.Depth;

    protected override DataIdentity Prepare()
    {
        _network.Check();
        _start.Check(_network.Depths);
        var points = _points.Value ??= 3 * _network.Dimension;
        _problems = [.. Enumerable.Range(Seed, _seeds).Select(seed => SquaredProblem.Autoencoder(_network.Dimension, points, seed))];
        return _problems[0].Identity;
    }

    public override Measured Do((int Depth, int Seed) job, JobRun at)
    {
        var problem = _problems[job.Seed - Seed];
        var shape = problem.Shape(job.Depth, _network.Rank);
        var start = _start.Of(shape, job.Seed);
        double Bound(StepGuarantee guarantee) => NguegnangConstants.ForLongestStep(problem.NewLoss(), shape, start, guarantee).StepBound;
        var (published, sharpened) = (Bound(StepGuarantee.Published), Bound(StepGuarantee.Sharpened));
        var field = Gradients.OfProduct(shape, problem.NewLoss());
        using var freed = field as IDisposable;
        var slack = StepSlack.Measure(field, start, published, _steps, _resolution, at.Cancellation);
        return new Measured(job.Depth, job.Seed, published, sharpened, slack.LargestMonotone, slack.LargestStable);
    }

    protected override JobEnd EndOf(Measured measured) => measured.End;

    protected override string Found(IReadOnlyList<Measured> all)
    {
        var depths = Depths(all);
        if (depths.Length == 0) return $"The bound failed in all of {all.Count} runs.";
        string At(Index depth, Func<Measured, double> ratio) => Numbers.Short(Statistics.Median(depths[depth].Select(ratio)));
        var (least, bad) = (all.Select(m => m.Slack).Where(double.IsFinite).Min(), all.Count - depths.Sum(depth => depth.Count()));
        var held = bad == 0 ? "so the bound held" : $"and the bound failed in {bad} of {all.Count} runs, which are left out";
        return $"Descent stays monotone up to {At(0, m => m.Slack)} times the guaranteed step at N = {depths[0].Key} and "
            + $"{At(^1, m => m.Slack)} times at N = {depths[^1].Key} (medians of {_seeds} seeds; the least over all is "
            + $"{Numbers.Short(least)}, {held}). Of this slack the same argument with smaller constants takes "
            + $"{At(0, m => m.Sharpened / m.Published)} to {At(^1, m => m.Sharpened / m.Published)} times.";
    }

    protected override object Results(IReadOnlyList<Measured> all, string found) => new
    {
        Depths = Depths(all).Select(d =>
        {
            double Median(Func<Measured, double> value) => Statistics.Median(d.Select(value));
            return new
            {
                Depth = d.Key,
                Published = Median(m => m.Published),
                Sharpened = Median(m => m.Sharpened),
                Monotone = Median(m => m.Monotone),
                Stable = Median(m => m.Stable),
                MonotoneOverPublished = new { Least = d.Min(m => m.Slack), Median = Median(m => m.Slack), Largest = d.Max(m => m.Slack) },
            };
        }),
    };

    protected override ReportPage Page(IReadOnlyList<Measured> all, string found) =>
        SlackPage.Of(Depths(all), Columns, found, $"{Numbers.Count(_steps)} steps a run, step sizes to {Numbers.Short(_resolution)}");

    /// <summary>Those that came out as the theorem says.</summary>
    private static IGrouping<int, Measured>[] Depths(IReadOnlyList<Measured> all) =>
        [.. all.Where(m => m.End.Grade == JobGrade.Reached).GroupBy(m => m.Depth)];
}
