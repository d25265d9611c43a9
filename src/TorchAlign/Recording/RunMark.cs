using System.Text;

namespace TorchAlign.Recording;

/// <summary>
/// The file UNFINISHED of a run under way, with a lock on it, so that no second process writes to the folder; the system drops the
/// lock with the process, however that ends.
/// </summary>
internal sealed class RunMark : IDisposable
{
    private const string Remark = """
        This run is under way, or was stopped before it could finish.
        trajectory.csv holds whole rows up to that point; the other files may be missing.
        checkpoint.npz, where there is one, is what --resume goes on from.
        A run that finishes removes this file last.

        """;

    private readonly FileStream _file;
    private readonly string _path;
    private readonly bool _isNew;

    private RunMark(FileStream file, string path, bool isNew) => (_file, _path, _isNew) = (file, path, isNew);

    /// <exception cref="RecordingException">Another run holds it, or the folder cannot be written.</exception>
    public static RunMark Take(string folder)
    {
        var path = System.IO.Path.Combine(folder, RunFolder.UnfinishedFile);
        return RecordingException.Guard(path, () =>
        {
            while (true)
            {
                var isNew = !File.Exists(path);
                FileStream mark;
                try
                {
                    mark = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 0);
                }
                catch (IOException e) when (AtomicFile.IsHeld(e))
                {
                    throw new RecordingException($"Another run is writing to '{folder}'. Choose another folder, or wait for it to end.", e);
                }
                if (!File.Exists(path))
                {
                    // The run before has taken it away between our opening and locking it.
                    mark.Dispose();
                    continue;
                }
                mark.SetLength(0);
                mark.Write(Encoding.UTF8.GetBytes(Remark));
                return new RunMark(mark, path, isNew);
            }
        });
    }

    /// <summary>Takes the mark away: the run is whole.</summary>
    public void Remove()
    {
        // Deleted under the lock, so that nobody takes a mark that is about to go; Windows must let go of it first.
        if (OperatingSystem.IsWindows()) _file.Dispose();
        RecordingException.Guard(_path, () => File.Delete(_path));
        _file.Dispose();
    }

    /// <summary>Leaves the folder as it was found.</summary>
    public void GiveBack()
    {
        if (_isNew) Remove();
        else _file.Dispose();
    }

    /// <summary>Lets go of the lock; the mark stays.</summary>
    public void Dispose() => _file.Dispose();
}
