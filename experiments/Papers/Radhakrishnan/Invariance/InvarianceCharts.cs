using TorchAlign.Experiments.Reporting.Charting;

namespace TorchAlign.Experiments.Papers;

/// <summary>The charts of an experiment: a hue for each network, and a panel for each layer where layers differ.</summary>
internal static class InvarianceCharts
{
    /// <summary>Singular values drawn of each layer; more would hide one another.</summary>
    private const int DrawnValues = 12;

    private static readonly Axis Steps = new("steps of descent", ScaleKind.SymLog) { Tight = true };

    public static IReadOnlyList<Chart> Of(IReadOnlyList<NetworkDescent> runs) =>
    [
        .. new[]
        {
            Charts.Line(new LinePlot
            {
                Name = "loss",
                Title = "Loss",
                Caption = "The loss of each network; a curve that ends above the others has met the least loss of its product, a "
                    + "critical point or the cap.",
                X = Steps,
                Y = new Axis("loss", ScaleKind.Log),
                Series = Each(runs, sample => sample.Loss),
            }),
            Charts.Line(new LinePlot
            {
                Name = "off-diagonal",
                Title = "Invariance: off-diagonal mass",
                Caption = "‖offdiag(U(0)ᵀ W V(0))‖_F / ‖W‖_F, a panel for each layer: at rounding where a network keeps the bases it "
                    + "started in.",
                X = Steps,
                Y = Mass,
                Series = Layers(runs, sample => sample.Scores.OffDiagonal),
            }),
            Charts.Line(new LinePlot
            {
                Name = "inner-off-diagonal",
                Title = "Invariance between the layers: off-diagonal mass in inner bases",
                Caption = "The same with V₁ and the last U free, a panel for each layer: at rounding where the bases between the "
                    + "layers are kept.",
                X = Steps,
                Y = Mass,
                Series = Layers(runs, sample => sample.Inner ?? []),
                Without = "a random start has no bases between the layers to be kept.",
            }),
            Charts.Line(new LinePlot
            {
                Name = "score",
                Title = "Invariance: the authors' score",
                Caption = "The mean over inner singular vectors of their best |cosine| with those at the start; 1 if they are kept. "
                    + "Where singular values tie or cross, vectors are arbitrary and the score falls although bases are kept.",
                X = Steps,
                Y = new Axis("mean best |cosine| with the start"),
                Series = Each(runs, sample => sample.Score),
            }),
            Charts.Line(new LinePlot
            {
                Name = "adjacent",
                Title = "Alignment of adjacent layers",
                Caption = "The mean best |cosine| between the right singular vectors of a layer and the left ones of the layer below; "
                    + "the least of all pairs.",
                X = Steps,
                Y = new Axis("least adjacent alignment"),
                Series = Each(runs, sample => sample.Adjacent),
            }),
            Charts.Line(new LinePlot
            {
                Name = "spectral-norms",
                Title = "Spectral norms",
                Caption = "‖W‖₂, a panel for each layer.",
                X = Steps,
                Y = new Axis("spectral norm"),
                Series = Layers(runs, sample => [.. sample.Scores.SingularValues.Select(values => values[0])]),
            }),
        }.Concat(runs.Select(SingularValues)).OfType<Chart>(),
    ];

    private static Axis Mass => new("off-diagonal mass", ScaleKind.Log) { Floor = 1e-18 };

    private static Chart? SingularValues(NetworkDescent run, int index)
    {
        var values = run.Last.Scores.SingularValues;
        var count = values.Max(layer => layer.Length);
        var drawn = Math.Min(DrawnValues, count);
        return Charts.Line(new LinePlot
        {
            Name = $"singular-values-{index + 1}",
            Title = $"Singular values: {run.Network.Name}",
            Caption = "The paths of the singular values, a panel for each layer, the greatest darkest"
                + (count > drawn ? $"; the {drawn} greatest of up to {count}." : "."),
            X = Steps,
            Y = new Axis("singular value"),
            Series =
                from k in Enumerable.Range(0, values.Length)
                from j in Enumerable.Range(0, Math.Min(drawn, values[k].Length))
                select new Series($"σ{Ticks.Subscript(j + 1)}", Palette.Layer(index, j, drawn),
                    run.Samples.Select(sample => new Sample(sample.Step, sample.Scores.SingularValues[k][j], sample.Step)))
                {
                    Panel = Layer(k),
                    Width = 1.3,
                },
        });
    }

    private static IEnumerable<Series> Each(IReadOnlyList<NetworkDescent> runs, Func<DescentSample, double> value) =>
        runs.Select((run, i) => new Series(
            run.Network.Name, Palette.Network(i), run.Samples.Select(sample => new Sample(sample.Step, value(sample), sample.Step)))
        {
            Width = Palette.Width(i, runs.Count),
        });

    private static IEnumerable<Series> Layers(IReadOnlyList<NetworkDescent> runs, Func<DescentSample, double[]> values) =>
        from pair in runs.Index()
        from k in Enumerable.Range(0, values(pair.Item.Samples[0]).Length)
        select new Series(pair.Item.Network.Name, Palette.Network(pair.Index),
            pair.Item.Samples.Select(sample => new Sample(sample.Step, values(sample)[k], sample.Step)))
        {
            Panel = Layer(k),
            Width = 0.7 * Palette.Width(pair.Index, runs.Count),
        };

    private static string Layer(int k) => $"W{Ticks.Subscript(k + 1)}";
}
