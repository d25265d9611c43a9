using System.Globalization;
using TorchAlign.Experiments.Reporting.Charting;
using TorchAlign.Experiments.Settings;

namespace TorchAlign.Experiments.Tasks;

/// <summary>The charts of a run of a task: a curve for each network, or for each of its layers, against steps or clock.</summary>
internal static class TaskCharts
{
    /// <summary>Singular values drawn of a matrix; more would hide one another.</summary>
    private const int DrawnValues = 12;

    /// <summary>A margin or share that is 0 is not drawn on a logarithmic axis, and what rounding leaves of 0 neither.</summary>
    private const double Rounding = 1e-18;

    public static IReadOnlyList<Chart> Of(RunSettings settings, IReadOnlyList<TaskPath> paths)
    {
        var along = settings.Method.Method == "descent"
            ? new Axis("steps of descent", ScaleKind.SymLog) { Tight = true }
            : new Axis(settings.Method.Clock == "time" ? "time t" : $"clock s, {settings.Method.Clock}", ScaleKind.Log) { Tight = true };
        var descent = settings.Method.Method == "descent";
        double At(TaskSample sample) => descent ? sample.Seen.Step : sample.Seen.Clock;

        Chart? Each(string name, string title, string caption, Axis y, Func<TaskSample, double> value, params IReadOnlyList<Rule> rules) =>
            Charts.Line(new LinePlot
            {
                Name = name,
                Title = title,
                Caption = caption,
                X = along,
                Y = y,
                Series = paths.Select((path, i) => new Series(path.Network.Label, Palette.Network(i),
                    path.Samples.Select(sample => new Sample(At(sample), value(sample), sample.Seen.Step)))
                { Width = Palette.Width(i, paths.Count) }),
                Rules = rules,
            });

        Chart? Layers(string name, string title, string caption, Axis y, Func<TaskSample, double[]> values, Func<int, string> layer) =>
            Charts.Line(new LinePlot
            {
                Name = name,
                Title = title,
                Caption = caption,
                X = along,
                Y = y,
                Series =
                    from path in paths.Index()
                    from k in Enumerable.Range(0, values(path.Item.Last).Length)
                    select new Series($"{path.Item.Network.Label}: {layer(k)}",
                        Palette.Layer(path.Index, k, values(path.Item.Last).Length),
                        path.Item.Samples.Select(sample => new Sample(At(sample), values(sample)[k], sample.Seen.Step)))
                    { Dash = Palette.Dash(k) },
            });

        Chart? Values(TaskPath path, string name, string title, Func<TaskSample, double[]> values, string color)
        {
            var count = values(path.Last).Length;
            return Charts.Line(new LinePlot
            {
                Name = name,
                Title = title,
                Caption = $"The paths of the singular values{(count > DrawnValues ? $", the {DrawnValues} greatest of {count}" : "")}.",
                X = along,
                Y = new Axis("singular value"),
                Series = Enumerable.Range(0, Math.Min(count, DrawnValues)).Select(j => new Series("singular values", color,
                    path.Samples.Select(sample => new Sample(At(sample), values(sample)[j], sample.Seen.Step)))
                { Path = (j + 1).ToString(CultureInfo.InvariantCulture), Width = 1.3 }),
            });
        }

        var mass = new Axis("off-diagonal mass", ScaleKind.Log) { Floor = Rounding };
        List<Chart?> charts =
        [
            Each("risk", "Risk", "The risk of each network.", new Axis("log₁₀ R"), sample => sample.Seen.Log10Risk),
            Each("gradient", "Gradient", "The norm of the gradient over all layers.", new Axis("log₁₀ ‖∇R‖"),
                sample => sample.Seen.LogGradientNorm / Math.Log(10)),
        ];
        if (paths[0].Last.Classes is not null)
        {
            charts.Add(Each("training-error", "Training error", "The share of the points that another class wins, or ties.",
                new Axis("training error"), sample => sample.Classes!.TrainingError));
            charts.Add(Each("margin", "Margin", "The least lead of the right class, over ‖P‖_F: positive where the points are separated.",
                new Axis("margin of the direction"), sample => sample.Classes!.DirectionMargin,
                new Rule(0, "separated above", Palette.Muted)));
        }
        else
        {
            charts.Add(Each("excess", "Loss above its least", "(R − Rᵣ) / (R₀ − Rᵣ): plateaus are saddles that are passed.",
                new Axis("excess, as a share", ScaleKind.Log) { Floor = Rounding }, sample => sample.Distance!.ExcessShare));
            charts.Add(Each("nearest-rank", "Nearest best product", "The rank k whose best product Pₖ lies nearest to that of the network.",
                new Axis("k") { Whole = true }, sample => sample.Distance!.NearestRank));
            charts.Add(Each("distance", "Distances", "‖(P − Pₖ)X‖_F to the nearest of these: each dip is a saddle, the last the end.",
                new Axis("distance of the predictions", ScaleKind.Log) { Floor = Rounding }, sample => sample.Distance!.ToNearest));
        }
        charts.Add(Layers("alignment", "Alignment of adjacent layers", "Overlap of the first left singular vector of a layer with the "
            + "first right one of the next.", new Axis("|⟨vₖ₊₁, uₖ⟩|"), sample => sample.Seen.AdjacentAlignments, Pair));
        charts.Add(Layers("adjacent-score", "Alignment of adjacent layers, all vectors", "The mean best |cosine| between the right "
            + "singular vectors of a layer and the left ones of the layer below [RNBU].", new Axis("mean best |cosine|"),
            sample => sample.Seen.AdjacentScores, Pair));
        charts.Add(Layers("off-diagonal", "Invariance: mass off the bases of the start",
            "‖offdiag(U(0)ᵀ W V(0))‖_F / ‖W‖_F of every layer: "
            + "at rounding where a layer keeps the singular vectors it started with.", mass, sample => sample.Seen.OffDiagonal, Layer));
        charts.Add(Each("data-off-diagonal", "The product in the bases of the data", "‖offdiag(Uᵀ P V)‖_F / ‖P‖_F: 0 where the network "
            + "learns the modes of the data one by one.", mass, sample => sample.Seen.DataOffDiagonal));
        charts.Add(Each("balancedness", "Balancedness", "Change of Wₖ₊₁ᵀWₖ₊₁ − WₖWₖᵀ over ‖W‖²: the flow would keep it at 0.",
            new Axis("balancedness drift / ‖W‖²", ScaleKind.Log) { Floor = Rounding }, sample => sample.Seen.BalancednessDrift));
        foreach (var (i, path) in paths.Index())
        {
            charts.Add(Values(path, $"product-values-{i + 1}", $"Singular values of the product, {path.Network.Label}",
                sample => sample.Seen.ProductSingularValues, Palette.Network(i)));
            var depth = path.Network.Shape.Depth;
            if (depth == 1) continue;
            Chart[] each = [.. Enumerable.Range(0, depth).Select(k => Values(path, $"w{k + 1}", $"W{Ticks.Subscript(k + 1)}",
                sample => sample.Seen.SingularValues[k], Palette.Layer(i, k, depth))).OfType<Chart>()];
            if (each.Length == 0) continue;
            var columns = Math.Min(each.Length, 4);
            charts.Add(Charts.Panel($"layer-values-{i + 1}", $"Singular values of the layers, {path.Network.Label}",
                "The paths of the singular values, layer by layer.", 170, 140,
                [.. Enumerable.Range(0, columns).Select(c => (IReadOnlyList<Chart>)[.. each.Where((_, k) => k % columns == c)])]));
        }
        return [.. charts.OfType<Chart>()];
    }

    private static string Layer(int k) => $"W{Ticks.Subscript(k + 1)}";

    private static string Pair(int k) => $"W{Ticks.Subscript(k + 1)}, W{Ticks.Subscript(k + 2)}";
}
