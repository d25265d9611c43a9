using TorchAlign.Experiments.Reporting;
using TorchAlign.Experiments.Reporting.Charting;

namespace TorchAlign.Experiments.Papers;

/// <summary>The report of <c>paper nrt steps</c>.</summary>
internal static class DecreasingStepsPage
{
    public static ReportPage Of(IReadOnlyList<Curve> curves, string found)
    {
        IGrouping<string, Curve>[] depths = [.. curves.GroupBy(one => one.Network.Depth)];
        return new ReportPage
        {
            Title = "Constant against decreasing steps",
            Claim = found,
            Tables =
            [
                Runs(curves),
                ConstantsTable.Show("Constants of the theorem", [.. depths.Select(depth => (depth.Key, depth.First().Network.Constants))]),
            ],
            Charts =
            [
                .. depths.SelectMany(depth => (Chart?[])
                [
                    Line("steps", "over the steps", "L minus the least loss of rank r, step by step.", "step", [.. depth], s => s.Step),
                    Line("time", "over the time", "The same curves over t = Σ η.", "t", [.. depth], s => s.Time),
                ]).OfType<Chart>(),
            ],
        };
    }

    /// <summary>How a network's steps are called.</summary>
    public static string Rule(CurveNetwork network) => network.Tau switch
    {
        null => "η",
        1 => "η/(k + 1)",
        { } tau => $"η/(1 + k/{Numbers.CountOrShort(tau)})",
    };

    private static ReportTable Runs(IReadOnlyList<Curve> curves) => new("Runs",
        ["depth", "rule", "first step", "steps", "t", "L − least of rank r", "‖∇L‖", "least decrease/(η‖∇L‖²)", "σ", "largest rise",
            "deviation over t", "end"],
        [
            .. curves.Select(one => (IReadOnlyList<string>)
            [
                one.Network.Depth, Rule(one.Network), Numbers.Short(one.Network.Step), Numbers.Count(one.Descent.Steps),
                Numbers.Short(one.Last.Time), Numbers.Short(one.Excess), Numbers.Short(one.Last.GradientNorm),
                Numbers.Short(one.Descent.LeastShare), Numbers.Short(one.Network.Constants.Sigma), Numbers.Short(one.Descent.LargestRise),
                one.Network.Tau is null ? "" : Numbers.Short(DecreasingSteps.Deviation(one, curves)), one.End.Name,
            ]),
        ])
    {
        Note = "Deviation over t: the largest difference of the loss from that of the constant step at the same t, relative to L − least "
            + "there plus 10^−3 of its first value. Both follow the gradient flow, which knows no step.",
    };

    private static Chart? Line(
        string name, string title, string caption, string axis, Curve[] curves, Func<LossSample, double> place) =>
        Charts.Line(new LinePlot
        {
            Name = $"{name}-{curves[0].Network.Shape.Depth}",
            Title = $"{curves[0].Network.Depth}, {title}",
            Caption = caption,
            X = new Axis(axis, ScaleKind.Log) { Tight = true },
            Y = new Axis("L − least loss", ScaleKind.Log) { Floor = 1e-16 },
            Series = curves.Select((one, i) => new Series(Rule(one.Network), Palette.Network(i),
                one.Descent.Samples.Select(s => new Sample(place(s), s.Loss - one.Network.LeastLoss, s.Step)))
            {
                Width = Palette.Width(i, curves.Length),
            }),
        });
}
