using System.Diagnostics;
using Spectre.Console;
using TorchAlign.Checkpoints;
using TorchAlign.Devices;
using TorchAlign.Experiments.Machines;
using TorchAlign.Experiments.Options;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Experiments.Settings;
using TorchAlign.Recording;
using static TorchSharp.torch;

namespace TorchAlign.Experiments.Papers;

/// <summary>What an experiment of a paper is before it runs.</summary>
/// <param name="Command">As the user calls it, for summary.json: <c>paper rnbu binary</c>.</param>
/// <param name="Configuration">Every option in force; any object that serialises to JSON.</param>
/// <param name="Seed">Of data and starts.</param>
/// <param name="Threads">Threads of torch.</param>
/// <param name="Device">Where it is computed.</param>
/// <param name="Data">Which data it sees.</param>
/// <param name="Tables">The tables it writes, row by row.</param>
internal sealed record PaperPlan(
    string Command, object Configuration, int Seed, int Threads, Device Device, DataIdentity Data,
    params IReadOnlyList<TableDescription> Tables);

/// <summary>What came out.</summary>
/// <param name="Results">The experiment's own part of summary.json.</param>
/// <param name="End">Its worst end, which names the result and decides the exit status.</param>
/// <param name="Ends">How many jobs ended by each name.</param>
/// <param name="Page">The report; its tables are printed too.</param>
internal sealed record PaperResult(object Results, JobEnd End, IReadOnlyDictionary<string, int> Ends, ReportPage Page)
{
    /// <summary>What an interrupted experiment says instead of its claim.</summary>
    public static string NothingClaimed(IReadOnlyDictionary<string, int> ends) =>
        $"Interrupted after {ends.Sum(end => end.Key == JobEnd.Interrupted.Name ? 0 : end.Value)} of {ends.Values.Sum()} jobs: "
        + "nothing is claimed.";
}

/// <summary>
/// What every experiment of a paper needs around its mathematics: the folder, its checkpoints, progress on standard error, a good end
/// after Ctrl-C, summary.json, the report, and the tables on screen.
/// </summary>
internal sealed class PaperRun
{
    private const string SecondsEntry = "seconds";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly RunFolder _folder;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private volatile Progress _progress = new("", 0);

    private PaperRun(RunFolder folder, TimeSpan every, Snapshot? checkpoint) => (_folder, Every, Checkpoint) = (folder, every, checkpoint);

    /// <summary>Between two checkpoints; zero for none but that of an interruption.</summary>
    public TimeSpan Every { get; }

    /// <summary>Where the run goes on; null where it starts.</summary>
    public Snapshot? Checkpoint { get; }

    /// <summary>Wall time over all processes.</summary>
    private double Seconds => _watch.Elapsed.TotalSeconds + (Checkpoint?.ReadDouble(SecondsEntry) ?? 0);

    private sealed record Progress(string What, double Share);

    /// <summary>A table of the plan, open for rows.</summary>
    public TableWriter Table(string file) => _folder.Table(file);

    /// <summary>The path of a further file in the run's folder.</summary>
    public string PathOf(string file) => _folder.PathOf(file);

    /// <summary>Says how far the experiment is; cheap, from any thread.</summary>
    /// <param name="what">What is being done, in a few words.</param>
    /// <param name="share">Of the whole, 0 to 1.</param>
    public void Tell(string what, double share) => _progress = new Progress(what, Math.Clamp(share, 0, 1));

    /// <summary>Writes a checkpoint, and how far the tables have come with it.</summary>
    /// <exception cref="RecordingException">The disk refused.</exception>
    public void Keep(Snapshot memory)
    {
        memory.Write(SecondsEntry, Seconds);
        _folder.WriteCheckpoint(memory);
    }

    /// <summary>
    /// Runs the experiment in the folder of <paramref name="output"/>. After a cancellation <paramref name="work"/> must return what
    /// it has, as interrupted: that is kept and reported like any other.
    /// </summary>
    /// <param name="plan">What it is.</param>
    /// <param name="output">Where it goes.</param>
    /// <param name="keeping">How it is kept, and which run it goes on with.</param>
    /// <param name="cancellation">Ends it in good order.</param>
    /// <param name="work">The experiment itself.</param>
    /// <returns>The exit code.</returns>
    public static int Execute(
        PaperPlan plan, Output output, Keeping keeping, CancellationToken cancellation,
        Func<PaperRun, CancellationToken, PaperResult> work)
    {
        set_num_threads(plan.Threads);
        var earlier = keeping.Earlier;
        var description = Describe(plan, output, keeping);
        using var folder = output.Open(description, earlier is not null, Notice, out var checkpoint);
        if (folder is null) return CommandLine.Success;
        if (checkpoint is not null)
        {
            folder.AddSession(new RunSession(output.CommandLine, description.Versions, description.Device, null, 0));
            if (earlier!.OtherVersions(description.Versions) is { } note) Notice(note);
        }
        Interruption.GoesOnWith($"{plan.Command} --resume {folder.Path}", () => RunFolder.CanGoOn(folder.Path));
        var run = new PaperRun(folder, keeping.Every, checkpoint);
        PaperResult result;
        try
        {
            result = run.WithProgress(Task.Run(() => work(run, cancellation), CancellationToken.None));
        }
        catch
        {
            // That data do not fit on the device is found in the work.
            if (earlier is null && !File.Exists(folder.PathOf(CheckpointFile.Newest))) folder.DiscardIfEmpty();
            throw;
        }
        var summary = RecordJson.Serialize(new
        {
            Schema = "torchalign/1",
            plan.Command,
            plan.Seed,
            Result = result.End.Name,
            result.End.ExitStatus,
            Seconds = run.Seconds,
            result.Ends,
            result.Results,
        });
        var interrupted = result.End.Grade == JobGrade.Interrupted;
        var page = result.Page with
        {
            // Whatever the experiment made of half its runs.
            Claim = interrupted ? PaperResult.NothingClaimed(result.Ends) : result.Page.Claim,
            Configuration = result.Page.Configuration ?? RecordJson.ToNode(plan.Configuration),
        };
        var failed = result.End.ExitStatus == CommandLine.Failure;
        // In a sweep there are no files of single charts, from which a page could be made again.
        if (ReportChoice.Wants(failed) && PageScripts.SharedWith(folder.Path) is null) PageFile.Write(folder.Path, page);
        foreach (var warning in Report.WriteWanted(folder.Path, () => page, failed, cancellation)) Notice(warning);
        folder.Finish(summary, keepCheckpoint: interrupted);
        if (output.Json) Console.Out.Write(summary);
        else Print(page, folder.Path, interrupted);
        return result.End.ExitStatus;
    }

    private static void Notice(string text) => Console.Error.WriteLine($"torchalign: {text}");

    private static RunDescription Describe(PaperPlan plan, Output output, Keeping keeping) => new()
    {
        CommandLine = keeping.Earlier?.Record.CommandLine ?? output.CommandLine,
        Command = plan.Command,
        Configuration = plan.Configuration,
        Seed = plan.Seed,
        Versions = ProgramVersions.Current,
        Device = DeviceName.Describe(plan.Device),
        Dtype = "float64",
        Data = plan.Data,
        Networks = [],
        Tables = plan.Tables,
    };

    private PaperResult WithProgress(Task<PaperResult> work)
    {
        if (Console.IsErrorRedirected) return work.GetAwaiter().GetResult();
        Terminal.Error.Progress()
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(),
                new RemainingTimeColumn())
            .Start(context =>
            {
                var bar = context.AddTask("", maxValue: 1);
                var ended = false;
                while (!ended)
                {
                    ended = Task.WaitAny([work], Interval) == 0;
                    (bar.Description, bar.Value) = (_progress.What.EscapeMarkup(), ended ? 1 : Math.Min(0.999, _progress.Share));
                }
            });
        return work.GetAwaiter().GetResult();
    }

    private static void Print(ReportPage page, string folder, bool interrupted)
    {
        var console = Terminal.Out;
        console.MarkupLineInterpolated($"[bold]{page.Title}[/]");
        if (interrupted) console.WriteLine(page.Claim);
        foreach (var shown in page.Tables)
        {
            console.Write(PrintedTable.Of(shown, console.Profile.Width));
            if (shown.Note is { } note) console.WriteLine(note);
        }
        console.WriteLine($"Written to {folder}");
    }
}
