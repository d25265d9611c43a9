namespace TorchAlign.Experiments.Settings;

/// <summary>How a run is kept, and which run it goes on with.</summary>
/// <param name="Every">Between two checkpoints; zero for none but that of an interruption.</param>
/// <param name="Earlier">The run that is taken up; null for a new one.</param>
internal sealed record Keeping(TimeSpan Every, EarlierRun? Earlier);
