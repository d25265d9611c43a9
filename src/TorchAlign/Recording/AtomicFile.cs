using System.Text;

namespace TorchAlign.Recording;

/// <summary>Files that appear whole or not at all: written beside their place, then renamed into it.</summary>
public static class AtomicFile
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Writes <paramref name="text"/> as UTF-8 without a byte order mark.</summary>
    /// <exception cref="RecordingException">The file system refused; nothing is left behind.</exception>
    public static void Write(string path, string text) => Write(path, stream => stream.Write(Utf8.GetBytes(text)));

    /// <summary>Lets <paramref name="fill"/> write to a temporary stream that replaces <paramref name="path"/>.</summary>
    /// <exception cref="RecordingException">The file system refused; nothing is left behind.</exception>
    public static void Write(string path, Action<Stream> fill) => Write(path, temporary =>
    {
        using var stream = new FileStream(temporary, FileMode.Create, FileAccess.ReadWrite);
        fill(stream);
        // A rename can reach the disk before the bytes do.
        stream.Flush(flushToDisk: true);
    });

    /// <summary>Lets <paramref name="fill"/> write a file of a temporary name that then replaces <paramref name="path"/>.</summary>
    /// <exception cref="RecordingException">The file system refused; nothing is left behind.</exception>
    public static void Write(string path, Action<string> fill)
    {
        var temporary = path + ".part";
        try
        {
            RecordingException.Guard(path, () =>
            {
                fill(temporary);
                File.Move(temporary, path, overwrite: true);
            });
        }
        catch
        {
            Discard(temporary);
            throw;
        }
    }

    private static void Discard(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The first error is the one to report.
        }
    }
}
