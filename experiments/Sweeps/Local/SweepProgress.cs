using System.Diagnostics;
using Spectre.Console;
using TorchAlign.Experiments.Sweeps.Planning;

namespace TorchAlign.Experiments.Sweeps.Local;

/// <summary>Counts what the workers do and shows it on standard error: a live table on a terminal, a line now and then on a pipe.</summary>
internal sealed class SweepProgress(int total, int done, int jobs)
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan PipeInterval = TimeSpan.FromSeconds(10);

    private readonly object _gate = new();
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly (PlannedRun Run, TimeSpan Since)?[] _current = new (PlannedRun, TimeSpan)?[jobs];

    /// <summary>Runs that ended well in this call.</summary>
    public int Made { get; private set; }

    public int Failed { get; private set; }

    /// <summary>The runs' own time: what each took in its worker, from its command line to its last file.</summary>
    public double OwnSeconds { get; private set; }

    public double Seconds => _watch.Elapsed.TotalSeconds;

    public void Started(int job, PlannedRun run)
    {
        lock (_gate) _current[job] = (run, _watch.Elapsed);
    }

    public void Ended(int job, PlannedRun run, RunOutcome outcome)
    {
        lock (_gate)
        {
            _current[job] = null;
            OwnSeconds += outcome.Seconds;
            if (outcome.Stopped) return;
            if (outcome.Cause is null) Made++;
            else Failed++;
        }
    }

    /// <summary>Shows the state until the work is over; its exceptions are left to the caller.</summary>
    public void ShowUntil(Task work)
    {
        if (Console.IsErrorRedirected)
            while (!Ended(work, PipeInterval)) Terminal.Error.WriteLine($"torchalign: {Line()}");
        else
            Terminal.Error.Live(Table()).Start(context =>
            {
                while (!Ended(work, Refresh)) context.UpdateTarget(Table());
                context.UpdateTarget(Table());
            });
    }

    private static bool Ended(Task work, TimeSpan interval) => Task.WaitAny([work], interval) == 0;

    private string Line()
    {
        lock (_gate)
        {
            var ended = Made + Failed;
            var left = total - done - ended;
            var rest = ended > 0 && left > 0 ? $", about {Duration(_watch.Elapsed / ended * left)} to go" : "";
            return FormattableString.Invariant($"{done + Made:N0} of {total:N0} runs done, {Failed:N0} failed{rest}");
        }
    }

    private Table Table()
    {
        var table = new Table().RoundedBorder().Expand().AddColumn("worker").AddColumn("run").AddColumn("since", column => column.RightAligned());
        lock (_gate)
        {
            for (var job = 0; job < _current.Length; job++)
                if (_current[job] is var (run, since))
                    table.AddRow($"{job + 1}", Settings(run).EscapeMarkup(), Duration(_watch.Elapsed - since));
                else
                    table.AddRow($"{job + 1}", "", "");
        }
        return table.Title(Line().EscapeMarkup());
    }

    private static string Settings(PlannedRun run) => string.Join("  ", run.Settings.Select(setting => $"{setting.Key} {setting.Value}"));

    private static string Duration(TimeSpan time) => time.TotalHours >= 1 ? $"{(int)time.TotalHours} h {time.Minutes} min"
        : time.TotalMinutes >= 1 ? $"{time.Minutes} min {time.Seconds} s" : $"{time.Seconds} s";
}
