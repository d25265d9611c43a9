namespace TorchAlign.Experiments.Settings;

/// <summary>
/// What --threads takes. The bound does not depend on this machine, which may plan the runs of another; it keeps a slip of the finger from
/// asking the system for more threads than it starts.
/// </summary>
internal static class ThreadCount
{
    private const int Most = 1024;

    /// <summary>What is wrong with a number of threads; null for nothing.</summary>
    public static string? Refuse(int threads) => threads is >= 1 and <= Most ? null : $"must be from 1 to {Most}";

    /// <exception cref="CommandException">There are too many, or none.</exception>
    public static int Require(int threads) =>
        Refuse(threads) is { } wrong ? throw new CommandException($"--threads {wrong}; got {threads}.") : threads;
}
