using System.Collections.Concurrent;
using System.Diagnostics;

namespace TorchAlign.Experiments;

/// <summary>What must not outlive this process, even where that ends without returning: temporary folders and child processes.</summary>
internal static class Leftovers
{
    private static readonly TimeSpan KilledWithin = TimeSpan.FromMilliseconds(200);
    private static readonly ConcurrentDictionary<Held, bool> All = new();

    /// <summary>A temporary folder, which goes with what is returned or with the process.</summary>
    /// <param name="prefix">Of its name.</param>
    public static TemporaryFolder Folder(string prefix) => new(Directory.CreateTempSubdirectory(prefix));

    /// <summary>A child that is ended with what is returned, where it runs still, or with the process.</summary>
    public static IDisposable Child(Process child) => new Held(() => End(child));

    /// <summary>Removes all there is, when the process is about to end.</summary>
    public static void Remove()
    {
        foreach (var held in All.Keys) held.Dispose();
        // What .NET makes for debuggers, and takes away where a process ends by itself.
        foreach (var kind in (string[])["clr-debug-pipe", "dotnet-diagnostic"])
            foreach (var file in Directory.GetFiles(Path.GetTempPath(), $"{kind}-{Environment.ProcessId}-*")) File.Delete(file);
    }

    private static void End(Process child)
    {
        try
        {
            if (child.HasExited) return;
            child.Kill(entireProcessTree: true);
            child.WaitForExit(KilledWithin);
        }
        catch (Exception error) when (error is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It has ended.
        }
    }

    private sealed class Held : IDisposable
    {
        private readonly Action _end;

        public Held(Action end)
        {
            _end = end;
            All[this] = true;
        }

        public void Dispose()
        {
            if (All.TryRemove(this, out _)) _end();
        }
    }

    internal sealed class TemporaryFolder : IDisposable
    {
        private readonly Held _held;

        public TemporaryFolder(DirectoryInfo folder)
        {
            Path = folder.FullName;
            _held = new Held(() => Delete(Path));
        }

        public string Path { get; }

        public void Dispose() => _held.Dispose();

        private static void Delete(string path)
        {
            try
            {
                Directory.Delete(path, recursive: true);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // A child that is being ended writes to it, or somebody has removed it.
            }
        }
    }
}
