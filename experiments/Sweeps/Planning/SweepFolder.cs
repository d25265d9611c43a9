using System.Text.Json;
using System.Text.Json.Nodes;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Sweeps.Planning;

/// <summary>
/// The folder of a sweep: study.yaml (a copy), plan.json (its runs), runs/HASH (one folder a run), report-scripts (what the runs' reports
/// share), sweep.csv and sweep.html, and slurm/ where it went there. All that is known of a sweep is in these files.
/// </summary>
internal sealed class SweepFolder
{
    public const string StudyFile = "study.yaml";
    public const string PlanFile = "plan.json";
    private const string LockFile = ".sweep.lock";
    private const string Schema = "torchalign/sweep/1";

    private SweepFolder(string path) => Path = path;

    /// <summary>The full path.</summary>
    public string Path { get; }

    public string Runs => PathOf("runs");

    public string PathOf(params string[] names) => System.IO.Path.Combine([Path, .. names]);

    public string RunFolder(PlannedRun run) => PathOf("runs", run.Hash);

    /// <summary>A folder to sweep in: a new or empty one, or that of an earlier sweep of the same command.</summary>
    /// <exception cref="CommandException">The folder holds something else.</exception>
    public static SweepFolder At(string path, IReadOnlyList<string> command)
    {
        var folder = new SweepFolder(System.IO.Path.GetFullPath(path));
        if (File.Exists(folder.PathOf(PlanFile)))
        {
            var plan = folder.ReadPlan();
            if (!plan.Command.SequenceEqual(command))
                throw new CommandException($"'{folder.Path}' holds a sweep of '{string.Join(' ', plan.Command)}', not of "
                    + $"'{string.Join(' ', command)}'. Choose another folder with --out.");
        }
        else if (File.Exists(folder.Path) || (Directory.Exists(folder.Path) && !folder.IsASweeps()))
        {
            throw new CommandException($"'{folder.Path}' is there already and holds no sweep. Choose another folder with --out.");
        }
        return folder;
    }

    /// <summary>The folder of a sweep that was begun.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public static SweepFolder Open(string path)
    {
        var folder = new SweepFolder(System.IO.Path.GetFullPath(path));
        return File.Exists(folder.PathOf(PlanFile))
            ? folder
            : throw new CommandException($"'{path}' is no folder of a sweep: it has no {PlanFile}. Give the folder that 'sweep' wrote to.");
    }

    /// <summary>
    /// Writes the study and the plan; runs of an earlier plan that were begun stay in it. A file is touched only where it changes.
    /// </summary>
    /// <returns>The plan as it is now.</returns>
    /// <exception cref="RecordingException">The folder cannot be written.</exception>
    public SweepPlan Save(SweepPlan plan, string studyText)
    {
        try
        {
            Directory.CreateDirectory(Runs);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new RecordingException($"Cannot make the folder '{Runs}': {error.Message} Choose another one with --out.", error);
        }
        if (File.Exists(PathOf(PlanFile)))
        {
            var now = plan.Runs.Select(run => run.Hash).ToHashSet();
            plan = plan with
            {
                Earlier = [.. ReadPlan().All.Where(run => !now.Contains(run.Hash) && Directory.Exists(RunFolder(run)))],
            };
        }
        Update(StudyFile, studyText);
        Update(PlanFile, RecordJson.Serialize(new
        {
            Schema,
            plan.Name,
            plan.Command,
            plan.StudyFolder,
            plan.Device,
            plan.Reports,
            plan.Build,
            plan.Runs,
            plan.Earlier,
        }));
        return plan;
    }

    /// <summary>Whether a sweep was planned here.</summary>
    public bool HasPlan => File.Exists(PathOf(PlanFile));

    /// <exception cref="CommandException">The plan is damaged.</exception>
    public SweepPlan ReadPlan()
    {
        try
        {
            var text = File.ReadAllText(PathOf(PlanFile));
            if ((string?)JsonNode.Parse(text)?["schema"] == Schema
                && JsonSerializer.Deserialize<SweepPlan>(text, RecordJson.Options) is { } plan) return plan;
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            throw new CommandException($"Cannot read '{PathOf(PlanFile)}': {error.Message} "
                + "Call 'sweep' with the study again after removing this file; finished runs are kept.");
        }
        throw new CommandException($"'{PathOf(PlanFile)}' is no plan of a sweep of this version. "
            + "Call 'sweep' with the study again after removing this file; finished runs are kept.");
    }

    /// <summary>Keeps other sweeps out of the folder as long as it is held.</summary>
    /// <exception cref="CommandException">Another sweep is at work here.</exception>
    public FileStream Lock()
    {
        try
        {
            return new FileStream(PathOf(LockFile), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
        }
        catch (IOException error) when (AtomicFile.IsHeld(error))
        {
            throw new CommandException($"Another sweep is at work in '{Path}'. Wait for it, or end it first.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"Cannot write to '{Path}': {error.Message.TrimEnd('.')}. Choose another folder with --out.");
        }
    }

    /// <summary>Empty, or marked: the lock is the first file of a sweep, so one that was killed at once has left it too.</summary>
    private bool IsASweeps() =>
        File.Exists(PathOf(LockFile)) || File.Exists(PathOf(StudyFile)) || !Directory.EnumerateFileSystemEntries(Path).Any();

    private void Update(string file, string text)
    {
        if (File.Exists(PathOf(file)) && File.ReadAllText(PathOf(file)) == text) return;
        AtomicFile.Write(PathOf(file), text);
    }
}
