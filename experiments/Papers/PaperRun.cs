using System.Diagnostics;
using Spectre.Console;
using TorchAlign.Devices;
using TorchAlign.Experiments.Machines;
using TorchAlign.Experiments.Options;
using TorchAlign.Experiments.Reporting;
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
/// <param name="Result">Its named end, such as <c>loss-below</c> or <c>interrupted</c>.</param>
/// <param name="Page">The report; its tables are printed too.</param>
internal sealed record PaperResult(object Results, string Result, ReportPage Page);

/// <summary>
/// What every experiment of a paper needs around its mathematics: the folder, progress on standard error, a good end after
/// Ctrl-C, summary.json, the report, and the tables on screen.
/// </summary>
internal sealed class PaperRun
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly RunFolder _folder;
    private volatile Progress _progress = new("", 0);

    private PaperRun(RunFolder folder) => _folder = folder;

    private sealed record Progress(string What, double Share);

    /// <summary>A table of the plan, open for rows.</summary>
    public TableWriter Table(string file) => _folder.Table(file);

    /// <summary>The path of a further file in the run's folder.</summary>
    public string PathOf(string file) => _folder.PathOf(file);

    /// <summary>Says how far the experiment is; cheap, from any thread.</summary>
    /// <param name="what">What is being done, in a few words.</param>
    /// <param name="share">Of the whole, 0 to 1.</param>
    public void Tell(string what, double share) => _progress = new Progress(what, Math.Clamp(share, 0, 1));

    /// <summary>
    /// Runs the experiment in the folder of <paramref name="output"/>. After a cancellation <paramref name="work"/> must return what
    /// it has, with the result <c>interrupted</c>: that is kept and reported like any other.
    /// </summary>
    /// <returns>The exit code.</returns>
    public static int Execute(
        PaperPlan plan, Output output, CancellationToken cancellation, Func<PaperRun, CancellationToken, PaperResult> work)
    {
        set_num_threads(plan.Threads);
        using var folder = output.Open(Describe(plan, output));
        if (folder is null) return CommandLine.Success;
        var run = new PaperRun(folder);
        var watch = Stopwatch.StartNew();
        PaperResult result;
        try
        {
            result = run.WithProgress(Task.Run(() => work(run, cancellation), CancellationToken.None));
        }
        catch
        {
            // That data do not fit on the device is found in the work.
            folder.DiscardIfEmpty();
            throw;
        }
        var summary = RecordJson.Serialize(new
        {
            Schema = "torchalign/1",
            plan.Command,
            plan.Seed,
            result.Result,
            Seconds = watch.Elapsed.TotalSeconds,
            result.Results,
        });
        var page = result.Page with { Configuration = result.Page.Configuration ?? RecordJson.ToNode(plan.Configuration) };
        foreach (var warning in Report.Write(folder.Path, page).Warnings) Terminal.Error.WriteLine($"torchalign: {warning}");
        folder.Finish(summary);
        if (output.Json) Console.Out.Write(summary);
        else Print(page, folder.Path);
        return cancellation.IsCancellationRequested ? CommandLine.Interrupted : CommandLine.Success;
    }

    private static RunDescription Describe(PaperPlan plan, Output output) => new()
    {
        CommandLine = output.CommandLine,
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
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
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

    private static void Print(ReportPage page, string folder)
    {
        var console = Terminal.Out;
        console.MarkupLineInterpolated($"[bold]{page.Title}[/]");
        foreach (var shown in page.Tables)
        {
            var table = new Table().RoundedBorder().Title(shown.Heading.EscapeMarkup());
            var width = shown.Rows.Max(row => row.Count);
            for (var i = 0; i < width; i++)
            {
                var column = new TableColumn(i < shown.Columns.Count ? shown.Columns[i].EscapeMarkup() : "");
                table.AddColumn(i == 0 ? column : column.RightAligned());
            }
            if (shown.Columns.Count == 0) table.HideHeaders();
            foreach (var row in shown.Rows) table.AddRow([.. row.Select(cell => new Text(cell))]);
            console.Write(table);
            if (shown.Note is { } note) console.WriteLine(note);
        }
        console.WriteLine($"Written to {folder}");
    }
}
