using System.Globalization;
using Spectre.Console;
using TorchAlign.Dynamics;
using TorchAlign.Experiments.Settings;

namespace TorchAlign.Experiments.Runs;

/// <summary>
/// Shows on standard error how far the runs are: risk, 1 - cos and the time left. Reads what the runs publish and never
/// touches them; on a pipe it stays silent.
/// </summary>
internal static class RunProgress
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    public static void Show(IReadOnlyList<(string Label, NetworkRun Run)> networks, StopSettings stop, Task work)
    {
        if (Console.IsErrorRedirected)
        {
            work.GetAwaiter().GetResult();
            return;
        }
        Terminal.Error.Progress()
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(),
                new RemainingTimeColumn())
            .Start(context =>
            {
                var bars = networks.Select(network => context.AddTask(network.Label, autoStart: false, maxValue: 1)).ToArray();
                var ended = false;
                while (!ended)
                {
                    ended = Task.WaitAny([work], Interval) == 0;
                    for (var i = 0; i < bars.Length; i++) Update(bars[i], networks[i].Label, networks[i].Run, stop);
                }
            });
        work.GetAwaiter().GetResult();
    }

    private static void Update(ProgressTask bar, string label, NetworkRun run, StopSettings stop)
    {
        if (run.Latest is not { } seen || run.Progress is not { } progress) return;
        if (!bar.IsStarted) bar.StartTask();
        bar.Value = run.End is not null ? 1 : Math.Min(0.999, Fraction(progress, run.IsDescent, seen, stop));
        var risk = (progress.LogRisk / Math.Log(10)).ToString("G4", CultureInfo.InvariantCulture);
        var angle = seen.OneMinusCosine.ToString("0.0e0", CultureInfo.InvariantCulture);
        bar.Description = $"{label}  risk 10^{risk}  1-cos {angle}  {run.End?.Name}".EscapeMarkup();
        if (run.End is not null) bar.StopTask();
    }

    /// <summary>The largest share of the way to any of the stops; ways through orders of magnitude count their logarithm.</summary>
    private static double Fraction(TrajectoryProgress progress, bool isDescent, Alignment.Observation seen, StopSettings stop)
    {
        var share = isDescent ? progress.Steps / stop.Steps : Math.Log(1 + progress.Steps) / Math.Log(1 + stop.Steps);
        if (stop.OneMinusCosine is { } target) share = Math.Max(share, Math.Log(Math.Min(seen.OneMinusCosine, 1)) / Math.Log(target));
        if (stop.Log10Risk is { } risk) share = Math.Max(share, progress.LogRisk / Math.Log(10) / risk);
        return double.IsFinite(share) ? Math.Clamp(share, 0, 1) : 0;
    }
}
