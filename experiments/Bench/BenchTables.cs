using System.Globalization;
using Spectre.Console;

namespace TorchAlign.Experiments.Bench;

/// <summary>A report for people: medians, with the least and the largest round behind them.</summary>
internal static class BenchTables
{
    public static void Print(BenchReport report, IAnsiConsole console)
    {
        var machine = report.Machine;
        console.WriteLine($"{machine.Cpu}, {machine.Cores} cores, {machine.Os}, "
            + $"load {Load(machine.LoadBefore)} to {Load(machine.LoadAfter)}, {report.Date:yyyy-MM-dd HH:mm}");
        console.WriteLine($"ours    TorchAlign {report.Ours.Version}, .NET {report.Ours.Dotnet}, "
            + $"libtorch {report.Ours.Torch} ({report.Ours.Blas}), {report.Ours.Threads} threads");
        console.WriteLine(report.Python is { } python
            ? $"PyTorch {python.Torch}, numpy {python.Numpy}, Python {python.Version}, {python.Threads} threads, "
                + $"BLAS {string.Join(", ", python.Blas.Select(Path.GetFileName))}"
            : $"PyTorch not measured: {report.PythonProblem}");
        console.WriteLine($"Medians of {report.Rounds} rounds (least .. largest); ratios are taken within a round. float64 everywhere.");
        if (report.Descent.Count > 0) Descent(report, console);
        foreach (var flow in report.Flow) Flow(report, flow, console);
        if (report.AssumptionFive is { } descent)
            console.WriteLine($"Assumption 5, figure 1, logistic, L = {descent.Hidden.Count + 1}: {descent.Steps:N0} steps "
                + $"in {Number(descent.Seconds)} s, {Number(descent.StepsPerSecond)} steps/s; log10 risk {Number(descent.Log10Risk)}, 1 - cos {Number(descent.OneMinusCosine)}");
        if (report.Costs.Count > 0) Costs(report.Costs, console);
        foreach (var memory in report.Memory)
            console.WriteLine($"peak memory, {memory.Name} on the largest case: {Mega(memory.PeakBytes)} of {Mega(memory.GoalBytes)} "
                + $"(data {Mega(memory.DataBytes)}, 3 x parameters {Mega(3 * memory.ParameterBytes)}, 200 MB)"
                + Verdict(report, memory.PeakBytes <= memory.GoalBytes));
        if (!report.Judged) console.WriteLine("Goals not judged (--no-goals).");
        foreach (var goal in report.Missed) console.WriteLine($"goal not met: {goal}");
    }

    private static void Descent(BenchReport report, IAnsiConsole console)
    {
        var results = report.Descent;
        var table = new Table().RoundedBorder().Title("Seconds of a descent step: ours; PyTorch, eager and collapsed; ours through torch autograd (and how many of ours fit in)");
        foreach (var column in (string[])["n, d, hidden", "loss", "deviation", "ours", "eager", "collapsed", "autograd", "eager / ours", "goal"])
            table.AddColumn(new TableColumn(column).RightAligned());
        foreach (var result in results)
        {
            var (times, ratios, check) = (result.SecondsPerStep, result.Ratios, result.Check);
            table.AddRow(
                $"{result.Points}, {result.Dimension}, {string.Join('-', result.Hidden)}", result.Loss,
                $"{Math.Max(check.Autograd, Math.Max(check.Eager ?? 0, check.Collapsed ?? 0)):0.0e0}", Time(times.Ours.Median),
                With(times.Eager, ratios.Eager), With(times.Collapsed, ratios.Collapsed), With(times.Autograd, ratios.Autograd),
                Ratio(ratios.Eager), $"{result.Goal:0}{(ratios.Eager is { } eager ? Verdict(report, eager.Median >= result.Goal) : "")}");
        }
        console.Write(table);
        console.WriteLine("Threads of torch itself, 1 or all, whichever was faster for it (its BLAS may use all): "
            + string.Join("; ", results.Select(Threads)));
        foreach (var result in results)
            if (result.Read is { } read)
                console.WriteLine($"{result.Name}: a step ({Time(read.SecondsPerStep.Median)}) is {Ratio(read.Multiple)} reads of its "
                    + $"{Mega(read.DataBytes)} of data at {Number(read.BytesPerSecond.Median / 1e9)} GB/s "
                    + $"({Number(read.BytesPerSecond.Min / 1e9)} .. {Number(read.BytesPerSecond.Max / 1e9)}, "
                    + $"both the best of several in a round, the sums over {Mega(read.ArrayBytes)}); goal {read.Goal}{Verdict(report, read.Multiple.Median <= read.Goal)}");
    }

    private static void Flow(BenchReport report, FlowResult flow, IAnsiConsole console)
    {
        var table = new Table().RoundedBorder().Title(
            $"{flow.Name}: the flow, n = {flow.Points}, d = {flow.Dimension}, hidden {string.Join('-', flow.Hidden)}, {flow.Loss}, {flow.Stepper}");
        foreach (var column in (string[])["1 - cos", "ours", "evaluations", "goal", "PyTorch, eager", "ratio"])
            table.AddColumn(new TableColumn(column).RightAligned());
        foreach (var target in flow.Targets)
            table.AddRow($"{target.OneMinusCosine:0e0}", $"{Time(target.Seconds.Median)} ({Time(target.Seconds.Min)} .. {Time(target.Seconds.Max)})",
                target.Evaluations.ToString("N0", CultureInfo.InvariantCulture),
                target.GoalSeconds is { } goal ? $"{Time(goal)}{Verdict(report, target.Seconds.Median <= goal)}" : "",
                target.PythonSeconds is { } seconds ? Time(seconds) : flow.Python is null ? "" : "not reached",
                target.Ratio is { } ratio ? Number(ratio) : "");
        console.Write(table);
        console.WriteLine($"{flow.Name}: drift of the invariants {Number(flow.BalancednessDrift)} ||W||^2, sin * norm {Number(flow.AngleTimesNorm)}"
            + (flow.PredictedAngleTimesNorm is { } predicted ? $" (predicted |v| {Number(predicted)})" : ""));
        if (flow.Python is { } python)
            console.WriteLine($"{flow.Name}: PyTorch reached 1 - cos = {Number(python.OneMinusCosine)} "
                + $"in {Number(python.Seconds)} s ({python.Steps:N0} steps, lr {python.LearningRate})");
    }

    private static void Costs(IReadOnlyList<CostResult> costs, IAnsiConsole console)
    {
        var table = new Table().RoundedBorder().Title("Seconds of a gradient on one thread grow like size^exponent");
        foreach (var column in (string[])["against", "fixed", "sizes", "seconds", "exponent", "operations"]) table.AddColumn(column);
        foreach (var cost in costs)
            table.AddRow(cost.Against, cost.Fixed, string.Join(' ', cost.Sizes), string.Join(' ', cost.Seconds.Select(Time)),
                $"{cost.Exponent:0.00}", $"{cost.Expected:0}");
        console.Write(table);
    }

    private static string Threads(DescentResult result)
    {
        var threads = result.TorchThreads;
        var python = threads.Eager is null ? "" : $" eager {threads.Eager}, collapsed {threads.Collapsed},";
        return $"{result.Name}{python} autograd {threads.Autograd}";
    }

    private static string With(Spread? time, Spread? ratio) => time is null || ratio is null ? "" : $"{Time(time.Median)} ({Number(ratio.Median)}x)";

    private static string Ratio(Spread? ratio) => ratio is null ? "" : $"{Number(ratio.Median)} ({Number(ratio.Min)} .. {Number(ratio.Max)})";

    private static string Verdict(BenchReport report, bool met) => !report.Judged ? "" : met ? ": met" : ": not met";

    private static string Time(double seconds) => seconds switch
    {
        >= 1 => $"{Number(seconds)} s",
        >= 1e-3 => $"{Number(seconds * 1e3)} ms",
        >= 1e-6 => $"{Number(seconds * 1e6)} us",
        _ => $"{Number(seconds * 1e9)} ns",
    };

    private static string Mega(long bytes) => $"{bytes / 1e6:0} MB";

    private static string Load(double? load) => load is { } value ? Number(value) : "unknown";

    private static string Number(double value) => value.ToString("G3", CultureInfo.InvariantCulture);
}
