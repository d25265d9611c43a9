using TorchAlign.Experiments.Options;

namespace TorchAlign.Experiments.Papers;

/// <summary>An experiment of [NRT]: small networks side by side on the cores.</summary>
/// <param name="name">As in <c>paper nrt NAME</c>.</param>
/// <param name="help">A sentence, and an example.</param>
/// <param name="onDevice">What it is that runs on --device.</param>
/// <typeparam name="TJob">What a job starts from.</typeparam>
/// <typeparam name="TResult">What it leaves.</typeparam>
internal abstract class NguegnangExperiment<TJob, TResult>(string name, string help, string onDevice)
    : PaperExperiment<TJob, TResult>($"paper nrt {name}", help, new RunOptions(defaultSeed: 7, onDevice)) where TResult : class
{
    protected override bool SideBySide => true;
}

/// <summary>Networks d - r - ... - r - d of some depths.</summary>
internal sealed class BottleneckSettings(int dimension, int rank, string depths) : SettingGroup
{
    public Setting<int> Dimension { get; } = Declare.Count("--dimension", dimension, "d, inputs and outputs.");

    public Setting<int> Rank { get; } = Declare.Count("--rank", rank, "r, the width of every hidden layer, the largest rank of the product.");

    public Setting<int[]> Depths { get; } = Declare.Depths(depths);

    /// <exception cref="CommandException">r is no bottleneck.</exception>
    public void Check() => Require.Rank(Rank, Dimension);
}
