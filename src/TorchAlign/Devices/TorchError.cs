using System.Runtime.InteropServices;

namespace TorchAlign.Devices;

/// <summary>What an error says, fit to be shown.</summary>
public static class TorchError
{
    /// <summary>The message; of libtorch's errors the first line, below which TorchSharp keeps the C++ stack.</summary>
    public static string Text(Exception error) => error is ExternalException
        ? error.Message.TrimStart().Split('\n')[0].TrimEnd()
        : error.Message;
}
