namespace TorchAlign.Data;

/// <summary>
/// Data that cannot be used. The message says where (file, line, column), what, and what to do about it.
/// </summary>
public sealed class DataException : Exception
{
    /// <summary>An error with its whole text.</summary>
    public DataException(string message) : base(message) { }

    /// <summary>An error with its whole text and the error it came from.</summary>
    public DataException(string message, Exception? inner) : base(message, inner) { }
}
