using TorchAlign.Experiments.Options;
using TorchAlign.Networks;
using TorchAlign.Numerics;

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

    public Setting<int> Rank { get; } = Declare.Count(
        "--rank", rank, "r, the width of every hidden layer, the largest rank of the product.");

    public Setting<int[]> Depths { get; } = Declare.Depths(depths);

    /// <exception cref="CommandException">r is no bottleneck.</exception>
    public void Check()
    {
        if (Rank > Dimension)
            throw new CommandException($"--rank {Rank} is larger than --dimension {Dimension}: a hidden layer would be no bottleneck.");
    }
}

/// <summary>The balanced start of such networks.</summary>
internal sealed class BalancedStart : SettingGroup
{
    private readonly Setting<double> _scale = Declare.Positive("--scale", 0.7, "Singular values of every layer of the balanced start.");

    /// <exception cref="CommandException">The product of the deepest network is out of range.</exception>
    public void Check(int[] depths)
    {
        if (Math.Pow(_scale, depths[^1]) is not (> 1e-50 and < 1e50))
            throw new CommandException(
                $"--scale {_scale} in each of {depths[^1]} layers leaves no digits of the loss; take one nearer 1.");
    }

    /// <summary>W(0) (P).</summary>
    public double[] Of(NetworkShape shape, int seed) =>
        Initialization.Balanced(shape, _scale, RandomStream.Named(seed, "start", shape.Depth));
}
