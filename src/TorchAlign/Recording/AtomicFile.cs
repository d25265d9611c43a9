using System.Runtime.InteropServices;
using System.Text;

namespace TorchAlign.Recording;

/// <summary>Files that appear whole or not at all: written beside their place, then renamed into it.</summary>
public static partial class AtomicFile
{
    internal const string TemporarySuffix = ".part";

    private static readonly HashSet<string> Pending = [];

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Held by whoever writes a row of a table, which cannot be taken back, and for the names of temporary files.</summary>
    internal static Lock Gate { get; } = new();

    /// <summary>
    /// Stops all writing of files and tables for good and removes temporary files, for a process that is about to end while other threads
    /// write. Waits for a row that is being written, but not for a disk that does not answer.
    /// </summary>
    public static void Abandon()
    {
        // Never left.
        Gate.TryEnter(TimeSpan.FromMilliseconds(200));
        foreach (var temporary in Pending.ToArray()) Discard(temporary);
    }

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
    /// <param name="path">The file.</param>
    /// <param name="fill">Told the temporary name.</param>
    /// <param name="before">What the file was is kept under this name; null: nowhere.</param>
    /// <exception cref="RecordingException">The file system refused; nothing is left behind, and the file is what it was.</exception>
    public static void Write(string path, Action<string> fill, string? before = null)
    {
        var temporary = path + TemporarySuffix;
        lock (Gate) Pending.Add(temporary);
        try
        {
            RecordingException.Guard(path, () =>
            {
                fill(temporary);
                // The file has two names for a moment, and is never without one: a rename that fails loses nothing.
                if (before is not null && File.Exists(path)) File.Replace(temporary, path, before, ignoreMetadataErrors: true);
                else File.Move(temporary, path, overwrite: true);
            });
        }
        catch
        {
            Discard(temporary);
            throw;
        }
        finally
        {
            lock (Gate) Pending.Remove(temporary);
        }
    }

    /// <summary>
    /// Sees to it that the renames in a folder outlast a power failure, where the system can (fsync of the folder; Windows does it by
    /// itself).
    /// </summary>
    internal static void SyncFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        var descriptor = Open(folder, 0);
        if (descriptor < 0) return;
        // Some file systems cannot; the renames are then as safe as they make them.
        _ = Sync(descriptor);
        _ = Close(descriptor);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

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
