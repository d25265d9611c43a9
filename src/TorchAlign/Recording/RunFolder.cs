using TorchAlign.Alignment;
using TorchAlign.Networks;

namespace TorchAlign.Recording;

/// <summary>
/// The folder of one run: run.json (written at the start), trajectory.csv (row by row), summary.json (at the end) and
/// whatever else the caller puts beside them before <see cref="Finish(Summary, bool)"/>. From start to end the folder holds a file
/// UNFINISHED, so a run is whole or marked; a marked one is taken up again from its checkpoint or replaced by the next run, a
/// whole one replaced only on request.
/// </summary>
public sealed partial class RunFolder : IDisposable
{
    public const string DescriptionFile = "run.json";
    public const string TrajectoryFile = "trajectory.csv";
    public const string ArraysFile = "trajectory.npz";
    public const string StateFile = "state.npz";
    public const string SummaryFile = "summary.json";
    public const string ReportFile = "report.html";

    /// <summary>What a report says in words and tables, for a page that is made again.</summary>
    public const string PageFile = "report.json";

    /// <summary>The mark of a run that is under way or was killed.</summary>
    public const string UnfinishedFile = "UNFINISHED";

    private static readonly string[] RunFiles =
        [DescriptionFile, TrajectoryFile, ArraysFile, StateFile, SummaryFile, ReportFile, PageFile];

    private readonly RunDescription _run;
    private readonly RunMark _mark;
    private readonly TrajectoryTable? _table;
    private readonly Dictionary<string, NetworkShape> _networks;
    private readonly Dictionary<string, TableWriter> _tables = [];

    private RunFolder(string path, RunDescription run, RunMark mark)
    {
        Path = path;
        _run = run;
        _mark = mark;
        _table = run.Networks.Count > 0 ? new TrajectoryTable(run.Networks) : null;
        _networks = run.Networks.ToDictionary(n => n.Name, n => n.Shape);
    }

    /// <summary>The folder's full path.</summary>
    public string Path { get; }

    /// <summary>True after <see cref="Finish(Summary, bool)"/>.</summary>
    public bool Finished { get; private set; }

    /// <summary>A table named in <see cref="RunDescription.Tables"/>, open for rows.</summary>
    public TableWriter Table(string file) => _tables[file];

    public string PathOf(string file) => System.IO.Path.Combine(Path, file);

    /// <summary>
    /// Makes the folder (its parents too) and writes run.json and the header of trajectory.csv. A finished run found
    /// there is replaced only if <paramref name="replace"/> says so.
    /// </summary>
    /// <exception cref="RecordingException">
    /// The folder holds a finished run, a run under way or files that are not a run's; or it cannot be written.
    /// </exception>
    public static RunFolder Create(string path, RunDescription run, bool replace = false)
    {
        var full = System.IO.Path.GetFullPath(path);
        RecordingException.Guard(full, () => Directory.CreateDirectory(full));
        RefuseForeign(full);
        if (IsFinished(full) && !replace)
            throw new RecordingException(
                $"'{full}' holds a finished run. Choose another folder, or ask for it to be replaced.");
        var folder = new RunFolder(full, run, RunMark.Take(full));
        try
        {
            folder.Begin();
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Whether a folder holds a run that was brought to its end.</summary>
    public static bool IsFinished(string path) =>
        File.Exists(System.IO.Path.Combine(path, SummaryFile))
        && !File.Exists(System.IO.Path.Combine(path, UnfinishedFile));

    /// <summary>Whether a folder holds a run with something left to be made: under way, killed, or interrupted at a checkpoint.</summary>
    public static bool CanGoOn(string path) => File.Exists(System.IO.Path.Combine(path, UnfinishedFile))
        || File.Exists(System.IO.Path.Combine(path, CheckpointFile.Newest));

    /// <summary>
    /// Adds an observation of a network (a name from <see cref="RunDescription.Networks"/>) to trajectory.csv; it is in
    /// the file when this returns.
    /// </summary>
    /// <exception cref="RecordingException">The disk refused.</exception>
    public void Append(string network, Observation observation)
    {
        ShapeOf(network);
        _tables[TrajectoryFile].Append(_table!.Row(network, observation));
    }

    /// <summary>
    /// Writes state.npz: NAME_Wk_initial and NAME_Wk_final (d_k, d_{k-1}), k from 1, float64 in C order, for each network;
    /// numpy.load("state.npz")["L4_W1_final"]. A run of one network has its final layers under W1 .. WL too.
    /// </summary>
    /// <exception cref="RecordingException">The disk refused; nothing is left behind.</exception>
    public void WriteState(params IReadOnlyList<NetworkState> states)
    {
        var arrays = states.SelectMany(s =>
            StateArrays.Of(s.Name, ShapeOf(s.Name), "initial", s.Initial)
                .Concat(StateArrays.Of(s.Name, ShapeOf(s.Name), "final", s.Final)));
        if (states.Count == 1) arrays = arrays.Concat(StateArrays.Layers(ShapeOf(states[0].Name), states[0].Final));
        NpzWriter.Write(PathOf(StateFile), [.. arrays]);
    }

    /// <summary>
    /// Writes trajectory.npz: the numbers of trajectory.csv, bit for bit, as one array a network and column under
    /// NAME_COLUMN (float64; int64 for step and evaluations); a run of one network has them under COLUMN too.
    /// numpy.load("trajectory.npz")["L4_one_minus_cosine"].
    /// </summary>
    /// <exception cref="RecordingException">The disk refused; nothing is left behind.</exception>
    public void WriteTrajectory(params IReadOnlyList<(string Network, IReadOnlyList<Observation> Observations)> runs)
    {
        var arrays = runs.SelectMany(run =>
            _table!.Arrays(run.Network + "_", ShapeOf(run.Network), run.Observations));
        if (runs.Count == 1) arrays = arrays.Concat(_table!.Arrays("", ShapeOf(runs[0].Network), runs[0].Observations));
        NpzWriter.Write(PathOf(ArraysFile), [.. arrays]);
    }

    /// <summary>
    /// Writes summary.json and takes the mark away: the last call, after every other file is in place. The checkpoints go too, unless
    /// the run is to be taken up again.
    /// </summary>
    /// <exception cref="RecordingException">The disk refused; the run stays marked.</exception>
    public void Finish(Summary summary, bool keepCheckpoint = false) => Finish(summary.ToJson(), keepCheckpoint);

    /// <inheritdoc cref="Finish(Summary, bool)"/>
    public void Finish(string summaryJson, bool keepCheckpoint = false)
    {
        CloseTables();
        AtomicFile.Write(PathOf(SummaryFile), summaryJson);
        _mark.Remove();
        if (!keepCheckpoint) RecordingException.Guard(Path, () => CheckpointFile.Delete(Path));
        Finished = true;
    }

    /// <summary>
    /// Takes a run away that failed before it had anything to keep: its files go where no table has a row yet, and the folder where
    /// nothing else is in it. What cannot be removed stays marked, for the failure itself is what is to be told.
    /// </summary>
    public void DiscardIfEmpty()
    {
        if (Finished || _tables.Values.Any(table => table.HasRows)) return;
        CloseTables();
        try
        {
            foreach (var table in Tables()) File.Delete(PathOf(table.File));
            File.Delete(PathOf(DescriptionFile));
            _mark.Remove();
            if (!Directory.EnumerateFileSystemEntries(Path).Any()) Directory.Delete(Path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or RecordingException)
        {
            // Marked as unfinished, or empty.
        }
    }

    /// <summary>Closes the files; a run that was not finished keeps its mark.</summary>
    public void Dispose()
    {
        CloseTables();
        _mark.Dispose();
    }

    private IEnumerable<TableDescription> Tables() =>
        _table is null ? _run.Tables : _run.Tables.Prepend(new TableDescription(TrajectoryFile, _table.Columns));

    private void CloseTables()
    {
        foreach (var table in _tables.Values) table.Dispose();
        _tables.Clear();
    }

    /// <summary>Removes an earlier run and writes what there is at the start.</summary>
    private void Begin()
    {
        if (File.Exists(PathOf(DescriptionFile))) Clear(Path);
        var description = RunFile.Describe(_run, _table);
        _identity = RunFile.Identity(description);
        AtomicFile.Write(PathOf(DescriptionFile), description);
        foreach (var table in Tables()) _tables.Add(table.File, new TableWriter(PathOf(table.File), table.Columns));
    }

    private NetworkShape ShapeOf(string network) => _networks.TryGetValue(network, out var shape)
        ? shape
        : throw new ArgumentException(
            $"No network '{network}' in this run; it has {string.Join(", ", _networks.Keys)}.", nameof(network));

    /// <summary>Removes what an earlier run left, all but run.json, which says that the folder is ours.</summary>
    private static void Clear(string folder) => RecordingException.Guard(folder, () =>
    {
        foreach (var file in RunFiles.Where(f => f != DescriptionFile).Concat(OwnTables(folder)))
            File.Delete(System.IO.Path.Combine(folder, file));
        CheckpointFile.Delete(folder);
        foreach (var spec in Directory.GetFiles(folder, "*.vl.json"))
        {
            File.Delete(spec);
            File.Delete(spec[..^".vl.json".Length] + ".svg");
        }
    });

    private static IEnumerable<string> OwnTables(string folder) =>
        RunFile.TablesOf(File.ReadAllText(System.IO.Path.Combine(folder, DescriptionFile)));

    /// <summary>A file that merely has the name of one of ours is not ours to replace.</summary>
    private static void RefuseForeign(string folder)
    {
        var found = RunFiles.FirstOrDefault(file => File.Exists(System.IO.Path.Combine(folder, file)));
        if (found is null || RunFile.IsOurs(System.IO.Path.Combine(folder, DescriptionFile))) return;
        throw new RecordingException(
            $"'{folder}' has a file {found} that no run of TorchAlign wrote. Choose another folder.");
    }
}
