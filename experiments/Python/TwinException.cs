namespace TorchAlign.Experiments.Python;

/// <summary>The Python twin cannot be asked; the message says why and what to do.</summary>
internal sealed class TwinException(string message) : Exception(message);
