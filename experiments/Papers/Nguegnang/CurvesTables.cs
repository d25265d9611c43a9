using TorchAlign.Recording;

namespace TorchAlign.Experiments.Papers;

/// <summary>The table of the trajectories of <c>paper nrt curves</c>.</summary>
internal static class CurvesTables
{
    public const string TrajectoryFile = "curves.csv";

    public static TableDescription Trajectory(int depth) => new(TrajectoryFile,
    [
        new("problem", "random: an autoencoder on Gaussian points; identity: X = I"),
        new("depth", "N"),
        new("step", "k"),
        new("time", "sum of the steps' sizes"),
        new("loss", "L(W) = 1/2 ||Y - W_N ... W_1 X||_F^2"),
        new("excess", "L(W) minus the least loss over all products of rank r"),
        new("gradient_norm", "||grad L||"),
        new("defect", "max_j ||W_{j+1}^T W_{j+1} - W_j W_j^T||_2"),
        new("product_norm", "||W_N ... W_1||_2"),
        .. Enumerable.Range(1, depth).Select(j => new Column($"layer_norm_{j}", $"||W_{j}||_2")),
    ]);

    public static void Write(TableWriter table, Curve curve, int depth)
    {
        foreach (var sample in curve.Descent.Samples)
            table.Append(
            [
                curve.Network.Problem.Name, Cell.Of(curve.Network.Shape.Depth), Cell.Of(sample.Step), Cell.Of(sample.Time),
                Cell.Of(sample.Loss), Cell.Of(sample.Loss - curve.LeastLoss), Cell.Of(sample.GradientNorm), Cell.Of(sample.Defect),
                Cell.Of(sample.ProductNorm), .. sample.LayerNorms.Select(Cell.Of),
                .. Enumerable.Repeat("", depth - sample.LayerNorms.Length),
            ]);
    }
}

/// <summary>The results in summary.json.</summary>
internal static class CurvesSummary
{
    public static object Of(IReadOnlyList<Curve> curves, IReadOnlyList<ProblemTime> times, CurvesSpeed? speed) => new
    {
        Networks = curves.Select(curve => new
        {
            Problem = curve.Network.Problem.Name,
            curve.Network.Shape.Depth,
            curve.Network.Shape.Widths,
            curve.Network.Constants,
            Eta = curve.Network.Step,
            Result = curve.Descent.End.Name,
            curve.Descent.Steps,
            InitialLoss = curve.Descent.Samples[0].Loss,
            curve.Last.Loss,
            curve.LeastLoss,
            curve.Last.GradientNorm,
            curve.Descent.Watch.LargestRise,
            curve.Descent.Watch.LeastShare,
            curve.LayersWithinK,
            curve.ProductWithinM,
            curve.DefectWithinDelta,
            curve.KeptGuarantee,
        }),
        Times = times,
        Pytorch = speed?.Summary(times),
    };
}
