using System.Globalization;
using Spectre.Console;

namespace TorchAlign.Experiments.Compare;

/// <summary>The report as tables.</summary>
internal static class CompareTable
{
    public static void Print(CompareReport report, IAnsiConsole console)
    {
        console.WriteLine(
            $"{report.Subject}: ours with torch {report.OurTorch} ({report.TorchSharpSource}), the twin's torch {report.TwinTorch}, "
            + $"{report.Threads} thread(s). {(report.SameLibtorch ? "Same libtorch: bits must agree where operations do." : "Not the same libtorch: no bits are compared.")}");
        foreach (var run in report.Comparisons.GroupBy(c => (c.Network, c.Loss, Method: c.Method.Replace("diagnostics of ", ""))))
        {
            var first = run.First();
            console.WriteLine();
            console.WriteLine(
                $"{run.Key.Network} ({string.Join('-', first.Widths)}), {run.Key.Loss}, {run.Key.Method}, {first.Steps} steps, "
                + $"log10 risk {Log10(first.LogRiskFirst)} to {Log10(first.LogRiskLast)}");
            var table = new Table().RoundedBorder();
            foreach (var column in (string[])["ours", "twin", "quantity", "largest", "at", "layer", "allowed", "other bits", ""])
                table.AddColumn(column);
            foreach (var comparison in run)
                foreach (var deviation in comparison.Deviations)
                    table.AddRow(comparison.Ours, comparison.Twin, deviation.Quantity, Small(deviation.Largest),
                        deviation.At.ToString("G4", CultureInfo.InvariantCulture), $"{deviation.Layer}", Small(deviation.Allowed),
                        $"{deviation.DifferingNumbers} of {deviation.Numbers}", deviation.Met ? "met" : "NOT MET");
            console.Write(table);
        }
        console.WriteLine();
        foreach (var reason in report.Comparisons.Select(c => c.Tolerance).Distinct()) console.WriteLine($"Allowed: {reason}.");
        console.WriteLine(report.Met ? "All met." : "NOT MET: see above.");
    }

    private static string Small(double value) => value.ToString(value == 0 ? "0" : "0.0e0", CultureInfo.InvariantCulture);

    private static string Log10(double log) => (log / Math.Log(10)).ToString("G4", CultureInfo.InvariantCulture);
}
