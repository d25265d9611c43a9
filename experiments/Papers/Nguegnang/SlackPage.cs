using TorchAlign.Experiments.Reporting;
using TorchAlign.Experiments.Reporting.Charting;

namespace TorchAlign.Experiments.Papers;

/// <summary>The report of <c>paper nrt slack</c>.</summary>
internal static class SlackPage
{
    private static readonly (string Label, Func<Slack.Measured, double> Step)[] _kinds =
    [
        ("stable up to", m => m.Stable), ("monotone up to", m => m.Monotone), ("sharpened bound", m => m.Sharpened),
        ("published bound", m => m.Published),
    ];

    private static readonly Column<Slack.Measured>[] _ratios =
    [
        new("slack", "monotone / published", m => m.Slack) { Median = "monotone / published", Least = "least", Largest = "largest" },
        new("left", "monotone / sharpened", m => m.Monotone / m.Sharpened) { Median = "monotone / sharpened" },
        new("room", "stable / monotone", m => m.Stable / m.Monotone) { Median = "stable / monotone" },
    ];

    /// <param name="depths">Ascending.</param>
    /// <param name="columns">Of the table on disk.</param>
    /// <param name="found">What was found.</param>
    /// <param name="runs">How many steps were made, and how finely they were tried.</param>
    public static ReportPage Of(
        IGrouping<int, Slack.Measured>[] depths, IReadOnlyList<Column<Slack.Measured>> columns, string found, string runs) => new()
        {
            Title = "The slack of the guaranteed step",
            Claim = found,
            Tables =
            [
                GroupTable.Of("Slack", "depth", [.. columns, .. _ratios],
                    depths.SelectMany(depth => depth).GroupBy(m => $"N = {m.Depth}")) with
                {
                    Note = $"Medians over the seeds, {runs}. Stable: the loss never exceeds 1,000 times its start. An instability that "
                        + "needs more steps is not seen. Least and largest: of monotone / published.",
                },
            ],
            Charts =
            [
                .. ((Chart?[])
                [
                    Line("ratios", "Steps over the guaranteed one", "How far above the published bound descent stays monotone and stable, "
                        + "and where the sharpened bound lies. Medians; dotted: the least and largest of the seeds.",
                        "times the published bound", depths, relative: true),
                    Line("steps", "The steps themselves", "Guaranteed and measured step sizes, depth by depth.", "η", depths,
                        relative: false),
                ]).OfType<Chart>(),
            ],
        };

    private static Chart? Line(
        string name, string title, string caption, string quantity, IGrouping<int, Slack.Measured>[] depths, bool relative)
    {
        return Charts.Line(new LinePlot
        {
            Name = name,
            Title = title,
            Caption = caption,
            X = new Axis("depth N") { Whole = true },
            Y = new Axis(quantity, ScaleKind.Log),
            Series = Enumerable.Range(0, relative ? 3 : 4).SelectMany(kind => (Series[])
            [
                Curve(kind, "", Statistics.Median),
                .. kind < 2 ? (Series[])
                [
                    Curve(kind, ": least", Enumerable.Min) with { Dash = Palette.Dash(2), Width = 1 },
                    Curve(kind, ": largest", Enumerable.Max) with { Dash = Palette.Dash(2), Width = 1 },
                ] : [],
            ]),
            Rules = relative ? [new Rule(1, "published bound", Palette.Ink)] : [],
        });

        Series Curve(int kind, string suffix, Func<IEnumerable<double>, double> of) => new(
            _kinds[kind].Label + suffix, Palette.Network(kind), depths.Select(depth => new Sample(
                depth.Key, of(depth.Select(m => _kinds[kind].Step(m) / (relative ? m.Published : 1))), depth.Key)));
    }
}
