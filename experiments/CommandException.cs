namespace TorchAlign.Experiments;

/// <summary>What the user asked cannot be done; the message says why and what to do. Exit code 2.</summary>
public sealed class CommandException(string message) : Exception(message);
