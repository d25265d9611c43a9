namespace TorchAlign.Experiments.Papers;

/// <summary>A sample, and whose it is.</summary>
internal readonly record struct CurveRow(CurveNetwork Network, LossSample At);

/// <summary>Tables of descents, with a row for each sample.</summary>
internal static class CurveTables
{
    /// <summary>N.</summary>
    public static Column<CurveRow> Depth { get; } = new("depth", "N", row => row.Network.Shape.Depth);

    /// <param name="file">Its name.</param>
    /// <param name="network">Columns that say whose descent it is.</param>
    /// <param name="more">Columns after those that all such tables have.</param>
    public static JobTable<Curve> Of(
        string file, IEnumerable<Column<CurveRow>> network, params IEnumerable<Column<CurveRow>> more) =>
        JobTable<Curve>.Of<CurveRow>(file, curve => curve.Descent.Samples.Select(at => new CurveRow(curve.Network, at)),
        [
            .. network,
            new("step", "k", row => row.At.Step),
            new("time", "t, the sum of the steps' sizes", row => row.At.Time),
            new("loss", "L(W) = 1/2 ||Y - W_N ... W_1 X||_F^2", row => row.At.Loss),
            new("excess", "L(W) minus the least loss over all products of rank r", row => row.At.Loss - row.Network.LeastLoss),
            new("gradient_norm", "||grad L||", row => row.At.GradientNorm),
            .. more,
        ]);
}
