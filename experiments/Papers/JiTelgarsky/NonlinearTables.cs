using TorchAlign.Recording;

namespace TorchAlign.Experiments.Papers;

/// <summary>The tables of <c>paper jt nonlinear</c>.</summary>
internal static class NonlinearTables
{
    public static TableDescription Training { get; } = new("training.csv",
    [
        new("start", "which start: default or equal norms"),
        new("step", "steps of stochastic gradient descent"),
        new("epoch", "images seen, in passes over the set"),
        new("loss", "mean cross-entropy over all images"),
        new("accuracy", "share of all images whose class has the largest logit"),
    ]);

    public static TableDescription Layers { get; } = new("layers.csv",
    [
        new("start", "which start: default or equal norms"),
        new("step", "steps of stochastic gradient descent"),
        new("layer", "a dense layer, dense1 nearest the input"),
        new("frobenius_norm", "||W||_F"),
        new("spectral_norm", "||W||_2"),
        new("spectral_ratio", "||W||_2 / ||W||_F"),
        new("rank_one_residual", "||W / ||W||_F - u v^T||_F"),
        new("alignment_below", "|<v, u>|: the leading right singular vector against the leading left one of the dense layer below"),
    ]);
}
