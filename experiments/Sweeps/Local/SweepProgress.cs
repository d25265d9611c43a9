using System.Diagnostics;
using Spectre.Console;
using TorchAlign.Experiments.Sweeps.Gathering;
using TorchAlign.Experiments.Sweeps.Planning;

namespace TorchAlign.Experiments.Sweeps.Local;

/// <summary>Counts what the workers do and shows it on standard error: a live table on a terminal, a line now and then on a pipe.</summary>
/// <param name="total">Runs of the sweep.</param>
/// <param name="done">Those that were done before this call.</param>
/// <param name="open">Those that this call is to make.</param>
/// <param name="jobs">Workers.</param>
internal sealed class SweepProgress(int total, int done, int open, int jobs)
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan PipeInterval = TimeSpan.FromSeconds(10);

    private readonly object _gate = new();
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly (IReadOnlyList<PlannedRun> Runs, TimeSpan Since)?[] _current = new (IReadOnlyList<PlannedRun>, TimeSpan)?[jobs];

    private readonly Dictionary<RunState, int> _ended = [];

    /// <summary>Runs that this call brought to an end of their own.</summary>
    public int Made => _ended.Where(count => count.Key.IsWhole()).Sum(count => count.Value);

    /// <summary>The runs' own time: what each took in its worker, from its command line to its last file.</summary>
    public double OwnSeconds { get; private set; }

    public double Seconds => _watch.Elapsed.TotalSeconds;

    /// <summary>A worker has begun with a run, or with several together.</summary>
    public void Started(int job, IReadOnlyList<PlannedRun> runs)
    {
        lock (_gate) _current[job] = (runs, _watch.Elapsed);
    }

    /// <summary>A run has ended, or was stopped, in this state.</summary>
    public void Ended(RunOutcome outcome, RunState state)
    {
        lock (_gate)
        {
            OwnSeconds += outcome.Seconds;
            if (!outcome.Stopped) _ended[state] = Count(state) + 1;
        }
    }

    public void Idle(int job)
    {
        lock (_gate) _current[job] = null;
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
            var (ended, left) = (_ended.Values.Sum(), open - _ended.Values.Sum());
            var rest = ended > 0 && left > 0 ? $", about {Duration(_watch.Elapsed / ended * left)} to go" : "";
            return FormattableString.Invariant(
                $"{done + Count(RunState.Done):N0} of {total:N0} runs done, {Count(RunState.Failed):N0} failed") + string.Concat(
                new[] { RunState.Diverged, RunState.Missed, RunState.Crossed }.Where(state => Count(state) > 0)
                    .Select(state => FormattableString.Invariant($", {Count(state):N0} {SweepTable.StateName(state)}"))) + rest;
        }
    }

    private int Count(RunState state) => _ended.GetValueOrDefault(state);

    private Table Table()
    {
        var table = new Table().RoundedBorder().Expand().AddColumn("worker").AddColumn("run").AddColumn("since", column => column.RightAligned());
        lock (_gate)
        {
            for (var job = 0; job < _current.Length; job++)
                if (_current[job] is var (runs, since))
                    table.AddRow($"{job + 1}", Settings(runs).EscapeMarkup(), Duration(_watch.Elapsed - since));
                else
                    table.AddRow($"{job + 1}", "", "");
        }
        return table.Title(Line().EscapeMarkup());
    }

    private static string Settings(IReadOnlyList<PlannedRun> runs) =>
        (runs.Count > 1 ? FormattableString.Invariant($"{runs.Count:N0} runs together, the first of them: ") : "")
        + string.Join("  ", runs[0].Settings.Select(setting => $"{setting.Key} {setting.Value}"));

    private static string Duration(TimeSpan time) => time.TotalHours >= 1 ? $"{(int)time.TotalHours} h {time.Minutes} min"
        : time.TotalMinutes >= 1 ? $"{time.Minutes} min {time.Seconds} s" : $"{time.Seconds} s";
}
