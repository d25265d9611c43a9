using System.Globalization;
using Spectre.Console;

namespace TorchAlign.Experiments.Bench.OnDevice;

/// <summary>A report for people: medians, with the least and the largest round behind them.</summary>
internal static class DeviceTables
{
    public static void Print(DeviceReport report, IAnsiConsole console)
    {
        var machine = report.Machine;
        console.WriteLine($"{report.Device}, {report.Dtype}, scale {Number(report.Scale)}; "
            + $"{machine.Cpu}, {machine.Cores} cores, {machine.Os}, load {machine.LoadBefore:0.0} to {machine.LoadAfter:0.0}, {report.Date:yyyy-MM-dd HH:mm}");
        console.WriteLine($"ours    TorchAlign {report.Ours.Version}, .NET {report.Ours.Dotnet}, libtorch {report.Ours.Torch}");
        console.WriteLine(report.Python is { } python
            ? $"PyTorch {python.Torch}, Python {python.Version}"
            : $"PyTorch not measured: {report.PythonProblem}");
        console.WriteLine($"Medians of {report.Rounds} rounds (least .. largest); "
            + $"a copy moves {Giga(report.CopyBytesPerSecond)} GB/s, read and written.");
        foreach (var result in report.Descent) Descent(result, console);
        if (report.Ensemble is { } ensemble) Ensemble(ensemble, console);
    }

    private static void Descent(DeviceDescentResult result, IAnsiConsole console)
    {
        var table = new Table().RoundedBorder().Title(
            $"n = {result.Points}, d = {result.Dimension}, hidden {string.Join('-', result.Hidden)}, {result.Loss}");
        foreach (var column in (string[])["", "ms a step", "of ours", "deviation"]) table.AddColumn(new TableColumn(column).RightAligned());
        table.AddRow("TorchAlign", Milli(result.SecondsPerStep), "1", "");
        foreach (var form in result.PyTorch)
            table.AddRow($"PyTorch, {form.Form}", form.SecondsPerStep is { } seconds ? Milli(seconds) : "not measured",
                form.Ratio is { } ratio ? Text(ratio) : "", form.Deviation is { } deviation ? $"{deviation:0.0e0}" : "");
        console.Write(table);
        console.WriteLine(
            $"Two reads of the data a step at {Text(result.ShareOfCopyBandwidth)} of the copy's bandwidth ({result.DataProducts}).");
        foreach (var form in result.PyTorch)
            if (form.Problem is { } problem) console.WriteLine($"PyTorch, {form.Form}: {problem}");
    }

    private static void Ensemble(EnsembleResult result, IAnsiConsole console)
    {
        var table = new Table().RoundedBorder().Title(
            $"{result.Members:N0} networks of figure 1: {result.Points} points, hidden {string.Join('-', result.Hidden)}");
        foreach (var column in (string[])["", "steps a second", "ensemble over it"])
            table.AddColumn(new TableColumn(column).RightAligned());
        table.AddRow("ensemble", Text(result.StepsPerSecond), "");
        table.AddRow("fused field on the CPU, one by one", Text(result.FusedStepsPerSecond), Text(result.OverFused));
        table.AddRow("PyTorch, one by one", result.PyTorchStepsPerSecond is { } theirs ? Text(theirs) : "not measured",
            result.OverPyTorch is { } ratio ? Text(ratio) : "");
        console.Write(table);
        if (result.Problem is { } problem) console.WriteLine($"PyTorch: {problem}");
    }

    private static string Text(Spread spread) => $"{Number(spread.Median)} ({Number(spread.Min)} .. {Number(spread.Max)})";

    private static string Milli(Spread seconds) =>
        $"{Number(1e3 * seconds.Median)} ({Number(1e3 * seconds.Min)} .. {Number(1e3 * seconds.Max)})";

    private static string Giga(Spread bytes) => $"{Number(bytes.Median / 1e9)} ({Number(bytes.Min / 1e9)} .. {Number(bytes.Max / 1e9)})";

    private static string Number(double value) => value.ToString("G3", CultureInfo.InvariantCulture);
}
