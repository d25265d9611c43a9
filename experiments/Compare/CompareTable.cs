using System.Globalization;
using Spectre.Console;

namespace TorchAlign.Experiments.Compare;

/// <summary>The report as tables.</summary>
internal static class CompareTable
{
    private static readonly string[] Columns =
        ["ours", "twin", "quantity", "largest", "at", "layer", "allowed", "other bits", ""];

    public static void Print(CompareReport report, IAnsiConsole console)
    {
        var same = report.SameLibtorch
            ? "One libtorch on both sides: where the operations are the same, so must be the bits."
            : "Not one libtorch on both sides: equal bits are not asked for.";
        console.WriteLine(
            $"{report.Subject}: ours with torch {report.OurTorch} ({report.TorchSharpSource}), the twin's torch "
            + $"{report.TwinTorch}, {report.Threads} thread(s). {same}");
        foreach (var run in report.Comparisons.GroupBy(Run))
        {
            var first = run.First();
            console.WriteLine();
            console.WriteLine(
                $"{run.Key.Network} ({string.Join('-', first.Widths)}), {run.Key.Loss}, {run.Key.Method}, "
                + $"{first.Steps} steps, log10 risk {Log10(first.LogRiskFirst)} to {Log10(first.LogRiskLast)}");
            var table = new Table().RoundedBorder();
            foreach (var column in Columns) table.AddColumn(column);
            foreach (var comparison in run)
                foreach (var deviation in comparison.Deviations)
                    table.AddRow(comparison.Ours, comparison.Twin, deviation.Quantity, Small(deviation.Largest),
                        deviation.At.ToString("G4", CultureInfo.InvariantCulture), $"{deviation.Layer}",
                        Small(deviation.Allowed), $"{deviation.DifferingNumbers} of {deviation.Numbers}", deviation.Met ? "met" : "NOT MET");
            console.Write(table);
        }
        console.WriteLine();
        foreach (var reason in report.Comparisons.Select(comparison => comparison.Tolerance).Distinct())
            console.WriteLine($"Allowed: {reason}.");
        console.WriteLine(report.Met ? "All met." : "NOT MET: see above.");
    }

    private static (string Network, string Loss, string Method) Run(Comparison comparison) =>
        (comparison.Network, comparison.Loss, comparison.Method.Replace("diagnostics of ", ""));

    private static string Small(double value) =>
        value.ToString(value == 0 ? "0" : "0.0e0", CultureInfo.InvariantCulture);

    private static string Log10(double log) => (log / Math.Log(10)).ToString("G4", CultureInfo.InvariantCulture);
}
