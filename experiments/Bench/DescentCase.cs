namespace TorchAlign.Experiments.Bench;

/// <summary>Descent steps of a constant size on n points of dimension d.</summary>
/// <param name="Name">As --case takes it.</param>
/// <param name="Count">n.</param>
/// <param name="Dimension">d.</param>
/// <param name="Hidden">Hidden widths.</param>
/// <param name="Loss">exponential | logistic.</param>
/// <param name="Step">The step size.</param>
/// <param name="CheckSteps">Steps after which the weights of both sides are compared.</param>
/// <param name="Goal">How many times faster than eager PyTorch we want to be.</param>
internal sealed record DescentCase(
    string Name, int Count, int Dimension, int[] Hidden, string Loss, double Step, int CheckSteps, double Goal)
{
    public static IReadOnlyList<DescentCase> All { get; } =
    [
        new("40x2", 40, 2, [2, 2, 2], "logistic", 0.1, 100, 200),
        new("100x10", 100, 10, [32, 32, 32], "logistic", 0.1, 100, 40),
        new("1000x100", 1000, 100, [256, 256, 256], "logistic", 0.1, 20, 100),
        Largest,
    ];

    public static DescentCase Largest => new("10000x784", 10_000, 784, [512, 512, 512], "logistic", 0.1, 3, 100);
}
