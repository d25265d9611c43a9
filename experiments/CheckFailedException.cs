namespace TorchAlign.Experiments;

/// <summary>Both sides do not compute the same, so their times mean nothing.</summary>
internal sealed class CheckFailedException(string message) : Exception(message);
