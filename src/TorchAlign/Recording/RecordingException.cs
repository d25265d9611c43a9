namespace TorchAlign.Recording;

/// <summary>A run could not be recorded: cause, the path it concerns and the remedy are in the message.</summary>
public sealed class RecordingException : Exception
{
    public RecordingException(string message) : base(message)
    {
    }

    public RecordingException(string message, Exception cause) : base(message, cause)
    {
    }

    /// <summary>Runs <paramref name="action"/>, turning what a file system throws into one type that names the path.</summary>
    internal static T Guard<T>(string path, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (UnauthorizedAccessException e)
        {
            throw new RecordingException(
                $"No permission to write '{path}'. Choose another folder or change its permissions.", e);
        }
        catch (IOException e)
        {
            throw new RecordingException(
                $"Cannot write '{path}': {e.Message.TrimEnd('.')}. Check the path and the space left on the disk.", e);
        }
    }

    internal static void Guard(string path, Action action) => Guard(path, () =>
    {
        action();
        return true;
    });
}
