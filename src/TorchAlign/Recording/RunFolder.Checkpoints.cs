using TorchAlign.Alignment;
using TorchAlign.Checkpoints;
using TorchAlign.Data;

namespace TorchAlign.Recording;

/// <summary>Keeping a run, and going on with one that stopped.</summary>
public sealed partial class RunFolder
{
    private const string TablesPart = "tables";
    private const string IdentityEntry = "run_sha256";

    private string _identity = "";

    /// <summary>What run.json says of the run in a folder.</summary>
    /// <exception cref="RecordingException">There is no run, its run.json is damaged, or a checkpoint beside it is of another configuration
    /// or other data.</exception>
    public static RunRecord Read(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        var description = System.IO.Path.Combine(full, DescriptionFile);
        var record = RunFile.Read(description);
        var identity = RunFile.Identity(File.ReadAllText(description));
        foreach (var file in CheckpointFiles(full))
        {
            if (TryRead(file, out _) is { } checkpoint && checkpoint.ReadText(IdentityEntry) != identity)
                throw new RecordingException(
                    $"'{description}' has been changed since the run began: {file} was written under another configuration or on other "
                    + "data. Put it back as it was, or start a new run.");
        }
        return record;
    }

    /// <summary>
    /// Opens the folder of a run that is not under way any more, its tables cut back to the newest checkpoint that is good; without a
    /// checkpoint the run begins anew.
    /// </summary>
    /// <param name="path">The folder; <see cref="Read"/> has told of its run.</param>
    /// <param name="run">The run, as it was described when it began.</param>
    /// <param name="notice">Told of a checkpoint that is not good.</param>
    /// <param name="checkpoint">What <see cref="WriteCheckpoint"/> was given; null where the run begins anew.</param>
    /// <exception cref="RecordingException">The run is under way, none of its checkpoints is good, or the folder cannot be
    /// written.</exception>
    public static RunFolder Resume(string path, RunDescription run, Action<string> notice, out Snapshot? checkpoint)
    {
        var full = System.IO.Path.GetFullPath(path);
        var folder = new RunFolder(full, run, RunMark.Take(full));
        try
        {
            checkpoint = folder.TakeUp(notice);
            if (checkpoint is null) folder.Begin();
            return folder;
        }
        catch
        {
            folder.CloseTables();
            folder._mark.GiveBack();
            throw;
        }
    }

    /// <summary>Keeps what a run remembers, and how far its tables have come.</summary>
    /// <exception cref="RecordingException">The disk refused; the checkpoints before this one stay.</exception>
    public void WriteCheckpoint(Snapshot snapshot)
    {
        snapshot.Write(IdentityEntry, _identity);
        foreach (var (file, table) in _tables)
        {
            var (part, mark) = (snapshot.Part(TablesPart).Part(file), table.Mark());
            part.Write("length", mark.Length);
            part.Write("sha256", mark.Sha256);
        }
        CheckpointFile.Write(Path, snapshot);
    }

    /// <summary>Lists a process that goes on with the run in run.json.</summary>
    /// <exception cref="RecordingException">The disk refused.</exception>
    public void AddSession(RunSession session) => AtomicFile.Write(
        PathOf(DescriptionFile), RunFile.AddSession(File.ReadAllText(PathOf(DescriptionFile)), session));

    /// <summary>The rows of trajectory.csv, as <see cref="Append"/> was given them.</summary>
    /// <remarks>
    /// Numbers have their bits in trajectory.csv and trajectory.npz again; w_prod, which is not written for many inputs, is empty there.
    /// </remarks>
    public IReadOnlyList<(string Network, Observation Observation)> ReadTrajectory() =>
        RecordingException.Guard(PathOf(TrajectoryFile), () => _table!.Read(PathOf(TrajectoryFile), _networks));

    /// <summary>The rows of the trajectory in the folder of a run that is not open.</summary>
    /// <exception cref="RecordingException">There is none, or a row is damaged.</exception>
    public static IReadOnlyList<(string Network, Observation Observation)> ReadTrajectory(
        string path, IReadOnlyList<NetworkIdentity> networks)
    {
        var file = System.IO.Path.Combine(path, TrajectoryFile);
        if (!File.Exists(file)) throw new RecordingException($"The run in '{path}' has no {TrajectoryFile}, which holds its course.");
        return RecordingException.Guard(file, () =>
            new TrajectoryTable(networks).Read(file, networks.ToDictionary(network => network.Name, network => network.Shape)));
    }

    private static IEnumerable<string> CheckpointFiles(string folder) =>
        ((string[])[CheckpointFile.Newest, CheckpointFile.Before]).Select(file => System.IO.Path.Combine(folder, file)).Where(File.Exists);

    /// <summary>A checkpoint that is whole and says of which run it is; null where it is not.</summary>
    private static Snapshot? TryRead(string file, out string failure)
    {
        try
        {
            failure = "";
            var checkpoint = CheckpointFile.Read(file);
            _ = checkpoint.ReadText(IdentityEntry);
            return checkpoint;
        }
        catch (DataException error)
        {
            failure = error.Message;
        }
        catch (SnapshotException error)
        {
            failure = Lacks(file, error);
        }
        return null;
    }

    private static string Lacks(string file, SnapshotException error) => $"{file} is not a checkpoint of such a run: {error.Message}.";

    /// <summary>The newest good checkpoint, with the tables at its place; null where there is none at all.</summary>
    private Snapshot? TakeUp(Action<string> notice)
    {
        var failures = new List<string>();
        foreach (var file in CheckpointFiles(Path))
        {
            if (TryRead(file, out var failure) is { } checkpoint && OpenTables(file, checkpoint, out failure))
            {
                foreach (var earlier in failures) notice($"{earlier} The checkpoint before it is used.");
                _identity = checkpoint.ReadText(IdentityEntry);
                return checkpoint;
            }
            failures.Add(failure);
            CloseTables();
        }
        if (failures.Count == 0) return null;
        throw new RecordingException(
            $"No checkpoint can be used. {string.Join(' ', failures)} Start the run afresh: --resume with --replace.");
    }

    /// <summary>Opens the tables and cuts them back to a checkpoint; they are as they were if one of them does not fit.</summary>
    private bool OpenTables(string checkpointFile, Snapshot checkpoint, out string failure)
    {
        var marks = new Dictionary<string, TableMark>();
        foreach (var (file, columns) in Tables())
        {
            try
            {
                var part = checkpoint.Part(TablesPart).Part(file);
                marks[file] = new TableMark(part.ReadInt64("length"), part.ReadText("sha256"));
            }
            catch (SnapshotException error)
            {
                failure = Lacks(checkpointFile, error);
                return false;
            }
            _tables.Add(file, TableWriter.Open(PathOf(file), columns));
            failure = $"{checkpointFile} does not fit: '{PathOf(file)}' has not the rows that were there when it was written.";
            if (!_tables[file].Reaches(marks[file])) return false;
        }
        foreach (var (file, mark) in marks) _tables[file].CutBackTo(mark);
        failure = "";
        return true;
    }
}
