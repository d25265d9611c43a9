using TorchAlign.Data;
using TorchAlign.Experiments.Runs;
using TorchAlign.Experiments.Settings;
using TorchAlign.Losses;
using TorchAlign.MaxMargin;
using TorchAlign.Networks;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Compare;

/// <summary>What both sides start from.</summary>
/// <param name="Name">As in a run: L4.</param>
/// <param name="Settings">Loss and method; written as run.json for the twin.</param>
/// <param name="Points">z_i (n, d).</param>
/// <param name="Reference">Their maximum margin.</param>
/// <param name="Shape">Widths.</param>
/// <param name="Start">W(0) (P).</param>
internal sealed record ComparedNetwork(
    string Name, RunSettings Settings, SignedPoints Points, MarginSolution Reference, NetworkShape Shape,
    double[] Start)
{
    public MarginLoss Loss => MarginLoss.All.Single(loss => loss.Name == Settings.Loss);

    /// <summary>u_bar (d), or the first axis where there is none: the twin needs some direction.</summary>
    public double[] Direction => Reference.Separability != Separability.No
        ? Reference.Direction
        : [1, .. new double[Points.Dimension - 1]];

    /// <summary>The same points and start under another loss and method.</summary>
    public ComparedNetwork With(string loss, MethodSettings method) =>
        this with { Settings = Settings with { Loss = loss, Method = method } };

    /// <summary>Writes run.json and start.npz (z, W1 .. WL, u_bar and more) into a folder, for the twins.</summary>
    public void Write(string folder, params IReadOnlyList<NpzArray> more)
    {
        Directory.CreateDirectory(folder);
        AtomicFile.Write(Path.Combine(folder, "run.json"), RecordJson.Serialize(new { configuration = Settings }));
        NpzWriter.Write(Path.Combine(folder, "start.npz"),
        [
            NpzArray.Float64("z", Points.Z, Points.Count, Points.Dimension),
            .. Enumerable.Range(0, Shape.Depth).Select(layer => NpzArray.Float64(
                $"W{layer + 1}", Shape.Layer(Start.AsSpan(), layer).ToArray(),
                Shape.Rows(layer), Shape.Columns(layer))),
            NpzArray.Float64("u_bar", Direction),
            .. more,
        ]);
    }
}
