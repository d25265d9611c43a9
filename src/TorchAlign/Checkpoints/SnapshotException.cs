namespace TorchAlign.Checkpoints;

/// <summary>A snapshot does not hold what the run that reads it remembers: it is of another run, or of another version.</summary>
public sealed class SnapshotException(string message) : Exception(message);
