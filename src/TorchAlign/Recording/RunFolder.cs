using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using TorchAlign.Alignment;
using TorchAlign.Networks;

namespace TorchAlign.Recording;

/// <summary>
/// The folder of one run: run.json (written at the start), trajectory.csv (row by row), summary.json (at the end) and
/// whatever else the caller puts beside them before <see cref="Finish(Summary)"/>. From start to end the folder holds a file
/// UNFINISHED, so a run is whole or marked; a marked one is replaced by the next run, a whole one only on request.
/// </summary>
public sealed class RunFolder : IDisposable
{
    public const string DescriptionFile = "run.json";
    public const string TrajectoryFile = "trajectory.csv";
    public const string ArraysFile = "trajectory.npz";
    public const string StateFile = "state.npz";
    public const string SummaryFile = "summary.json";
    public const string ReportFile = "report.html";

    /// <summary>The mark of a run that is under way or was killed.</summary>
    public const string UnfinishedFile = "UNFINISHED";

    private const string Schema = "torchalign/run/1";
    private const string TablesKey = "tables";
    private const string Remark = """
        This run is under way, or was stopped before it could finish.
        trajectory.csv holds whole rows up to that point; the other files may be missing.
        A run that finishes removes this file last.

        """;

    private static readonly string[] RunFiles =
        [DescriptionFile, TrajectoryFile, ArraysFile, StateFile, SummaryFile, ReportFile];

    private readonly FileStream _mark;
    private readonly TrajectoryTable? _table;
    private readonly Dictionary<string, NetworkShape> _networks;
    private readonly Dictionary<string, TableWriter> _tables = [];

    private RunFolder(string path, RunDescription run, FileStream mark)
    {
        Path = path;
        _mark = mark;
        _table = run.Networks.Count > 0 ? new TrajectoryTable(run.Networks) : null;
        _networks = run.Networks.ToDictionary(n => n.Name, n => n.Shape);
        AtomicFile.Write(PathOf(DescriptionFile), Describe(run, _table));
        if (_table is not null) Open(new TableDescription(TrajectoryFile, _table.Columns));
        foreach (var table in run.Tables) Open(table);
    }

    /// <summary>The folder's full path.</summary>
    public string Path { get; }

    /// <summary>True after <see cref="Finish(Summary)"/>.</summary>
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
        var mark = Mark(full);
        try
        {
            if (File.Exists(System.IO.Path.Combine(full, DescriptionFile))) Clear(full);
            return new RunFolder(full, run, mark);
        }
        catch
        {
            mark.Dispose();
            throw;
        }
    }

    /// <summary>Whether a folder holds a run that was brought to its end.</summary>
    public static bool IsFinished(string path) =>
        File.Exists(System.IO.Path.Combine(path, SummaryFile))
        && !File.Exists(System.IO.Path.Combine(path, UnfinishedFile));

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
        RecordingException.Guard(PathOf(StateFile), () => NpzWriter.Write(PathOf(StateFile), [.. arrays]));
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
        RecordingException.Guard(PathOf(ArraysFile), () => NpzWriter.Write(PathOf(ArraysFile), [.. arrays]));
    }

    /// <summary>Writes summary.json and takes the mark away: the last call, after every other file is in place.</summary>
    /// <exception cref="RecordingException">The disk refused; the run stays marked.</exception>
    public void Finish(Summary summary) => Finish(summary.ToJson());

    /// <inheritdoc cref="Finish(Summary)"/>
    public void Finish(string summaryJson)
    {
        CloseTables();
        AtomicFile.Write(PathOf(SummaryFile), summaryJson);
        _mark.Dispose();
        RecordingException.Guard(PathOf(UnfinishedFile), () => File.Delete(PathOf(UnfinishedFile)));
        Finished = true;
    }

    /// <summary>Closes the files; a run that was not finished keeps its mark.</summary>
    public void Dispose()
    {
        CloseTables();
        _mark.Dispose();
    }

    private void Open(TableDescription table) => _tables.Add(table.File, new TableWriter(PathOf(table.File), table.Columns));

    private void CloseTables()
    {
        foreach (var table in _tables.Values) table.Dispose();
    }

    private NetworkShape ShapeOf(string network) => _networks.TryGetValue(network, out var shape)
        ? shape
        : throw new ArgumentException(
            $"No network '{network}' in this run; it has {string.Join(", ", _networks.Keys)}.", nameof(network));

    private static string Describe(RunDescription run, TrajectoryTable? trajectory)
    {
        var json = new JsonObject
        {
            ["schema"] = Schema,
            ["startedAt"] = run.StartedAt.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"),
            ["commandLine"] = RecordJson.ToNode(run.CommandLine),
            ["seed"] = run.Seed,
            ["configuration"] = RecordJson.ToNode(run.Configuration),
            ["versions"] = RecordJson.ToNode(run.Versions),
            ["device"] = run.Device,
            ["dtype"] = run.Dtype,
            ["data"] = RecordJson.ToNode(run.Data),
            ["networks"] = RecordJson.ToNode(run.Networks.Select(n => new { n.Name, n.Shape.Depth, n.Shape.Widths })),
        };
        if (trajectory is not null) json["columns"] = Describe(trajectory.Columns);
        if (run.Tables.Count > 0)
            json[TablesKey] = new JsonObject(run.Tables.Select(t => KeyValuePair.Create(t.File, (JsonNode?)Describe(t.Columns))));
        return RecordJson.Serialize(json);
    }

    private static JsonObject Describe(IReadOnlyList<Column> columns) =>
        new(columns.Select(column => KeyValuePair.Create(column.Name, (JsonNode?)column.Meaning)));

    /// <summary>Creates the mark and holds a lock on it, so that no second process writes here.</summary>
    private static FileStream Mark(string folder)
    {
        var path = System.IO.Path.Combine(folder, UnfinishedFile);
        return RecordingException.Guard(path, () =>
        {
            FileStream mark;
            try
            {
                mark = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 0);
            }
            catch (IOException e) when (e.GetType() == typeof(IOException) && File.Exists(path))
            {
                throw new RecordingException($"Another run is writing to '{folder}'. Choose another folder.", e);
            }
            mark.SetLength(0);
            mark.Write(Encoding.UTF8.GetBytes(Remark));
            return mark;
        });
    }

    /// <summary>Removes what an earlier run left, all but run.json, which says that the folder is ours.</summary>
    private static void Clear(string folder) => RecordingException.Guard(folder, () =>
    {
        foreach (var file in RunFiles.Where(f => f != DescriptionFile).Concat(OwnTables(folder)))
            File.Delete(System.IO.Path.Combine(folder, file));
        foreach (var spec in Directory.GetFiles(folder, "*.vl.json"))
        {
            File.Delete(spec);
            File.Delete(spec[..^".vl.json".Length] + ".svg");
        }
    });

    private static IEnumerable<string> OwnTables(string folder)
    {
        var run = JsonNode.Parse(File.ReadAllText(System.IO.Path.Combine(folder, DescriptionFile)));
        // A name from a file is not to lead out of the folder.
        return (run?[TablesKey] as JsonObject ?? []).Select(table => System.IO.Path.GetFileName(table.Key));
    }

    /// <summary>A file that merely has the name of one of ours is not ours to replace.</summary>
    private static void RefuseForeign(string folder)
    {
        var found = RunFiles.FirstOrDefault(file => File.Exists(System.IO.Path.Combine(folder, file)));
        if (found is null || IsOurs(System.IO.Path.Combine(folder, DescriptionFile))) return;
        throw new RecordingException(
            $"'{folder}' has a file {found} that no run of TorchAlign wrote. Choose another folder.");
    }

    private static bool IsOurs(string description)
    {
        if (!File.Exists(description)) return false;
        return RecordingException.Guard(description, () =>
        {
            try
            {
                var schema = (JsonNode.Parse(File.ReadAllText(description)) as JsonObject)?["schema"];
                return schema?.GetValueKind() == JsonValueKind.String
                       && schema.GetValue<string>().StartsWith("torchalign/run/", StringComparison.Ordinal);
            }
            catch (JsonException)
            {
                return false;
            }
        });
    }
}
