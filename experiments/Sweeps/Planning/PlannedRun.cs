namespace TorchAlign.Experiments.Sweeps.Planning;

/// <summary>A run of a sweep.</summary>
/// <param name="Hash">Of its full configuration and data; the name of its folder.</param>
/// <param name="Settings">Options that the study gives and their values, in its order.</param>
/// <param name="Arguments">The command line, without what says where the results go.</param>
internal sealed record PlannedRun(
    string Hash, IReadOnlyDictionary<string, string> Settings, IReadOnlyList<string> Arguments);
