using System.Globalization;
using Spectre.Console;
using TorchAlign.Claims;

namespace TorchAlign.Experiments.Verify;

/// <summary>The claims on screen: each on its worst run, then the runs, and the details of what fails.</summary>
internal static class VerifyTable
{
    public static void Write(SuiteReport report, IAnsiConsole console)
    {
        var table = new Table().RoundedBorder()
            .AddColumn(new TableColumn("claim").NoWrap()).AddColumn("statement").AddColumn(new TableColumn("verdict").NoWrap())
            .AddColumn(new TableColumn("measured").RightAligned().NoWrap()).AddColumn(new TableColumn("").NoWrap())
            .AddColumn(new TableColumn("bound").RightAligned().NoWrap()).AddColumn(new TableColumn("tolerance").RightAligned().NoWrap());
        foreach (var claim in report.Worst)
            table.AddRow(new Text(claim.Id), new Text(claim.Statement), Of(claim.Verdict), Measured(claim),
                new Text(claim.HypothesisMet ? claim.Relation.Symbol() : ""),
                Number(claim, claim.Bound, "G6"), Number(claim, claim.Tolerance, "G2"));
        console.Write(table);

        var runs = new Table().RoundedBorder().AddColumn("run").AddColumn("end").AddColumn(new TableColumn("log10 R").RightAligned())
            .AddColumn(new TableColumn("holds").RightAligned()).AddColumn(new TableColumn("fails").RightAligned())
            .AddColumn(new TableColumn("hypothesis not met").RightAligned());
        foreach (var run in report.Runs)
            runs.AddRow([new Text(run.Name), new Text(run.End.Name), new Text(run.Log10Risk.ToString("G4", CultureInfo.InvariantCulture)),
                .. Enum.GetValues<Verdict>().Select(verdict => new Text(Count(run.Results, verdict)))]);
        console.Write(runs);

        foreach (var fails in report.Results.Where(result => result.Verdict == Verdict.Fails))
            console.MarkupLineInterpolated(
                $"[red]{fails.Id}[/] ({fails.Source}) fails on {fails.Run}: {fails.Detail}. Its hypothesis: {fails.Hypothesis}.");
        var worst = report.Worst;
        console.WriteLine($"{Count(worst, Verdict.Holds)} claims hold, {Count(worst, Verdict.Fails)} fail, "
            + $"{Count(worst, Verdict.HypothesisNotMet)} have no run that meets their hypothesis; {report.Runs.Count} runs. "
            + "Every number is the worst of all runs; --json tells where it was measured.");
    }

    private static Text Of(Verdict verdict) => verdict switch
    {
        Verdict.Holds => new Text("holds", new Style(Color.Green)),
        Verdict.Fails => new Text("fails", new Style(Color.Red, decoration: Decoration.Bold)),
        _ => new Text("hypothesis not met", new Style(Color.Yellow)),
    };

    /// <summary>A value close to its limit is shown by its distance, which six digits would hide.</summary>
    private static Text Measured(ClaimResult claim)
    {
        var gap = claim.Bound - claim.Measured;
        return claim.Bound != 0 && gap != 0 && Math.Abs(gap) < 1e-5 * Math.Abs(claim.Bound)
            ? new Text($"{claim.Bound.ToString("G6", CultureInfo.InvariantCulture)} {(gap > 0 ? '-' : '+')} "
                + Math.Abs(gap).ToString("G2", CultureInfo.InvariantCulture))
            : Number(claim, claim.Measured, "G6");
    }

    private static Text Number(ClaimResult claim, double value, string format) =>
        new(claim.HypothesisMet ? value.ToString(format, CultureInfo.InvariantCulture) : "");

    private static string Count(IEnumerable<ClaimResult> results, Verdict verdict) =>
        results.Count(result => result.Verdict == verdict).ToString(CultureInfo.InvariantCulture);
}
