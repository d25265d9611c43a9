using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;
using TorchAlign.Data;
using TorchAlign.Experiments.Margins;
using TorchAlign.Experiments.Python;
using TorchAlign.MaxMargin;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Compare;

/// <summary>The comparison on screen and as JSON.</summary>
internal sealed class SklearnReport(
    LabelledSet data, MarginSolution ours, SklearnAnswers answers, IReadOnlyList<SklearnCandidate> candidates,
    SklearnCandidate best, string? remark)
{
    /// <summary>How far ours can be from u_bar: 1 - cos = 2 sin^2(angle / 2) &lt;= g, the relative gap.</summary>
    private double CertifiedAngle => 2 * Math.Asin(Math.Sqrt(ours.RelativeGap / 2));

    private string Verdict => best == candidates[0]
        ? $"No margin exceeds TorchAlign's. Its direction is within {Short(CertifiedAngle)} rad of u_bar by "
            + "certificate, so an angle above that is the other solver's error."
        : $"The margin of {best.Solver} exceeds TorchAlign's, whose direction is within {Short(CertifiedAngle)} rad of "
            + "u_bar by certificate. Please report the data.";

    public string ToJson() => new JsonObject
    {
        ["schema"] = "torchalign/compare/1",
        ["data"] = new JsonObject
        {
            ["name"] = data.Name,
            ["n"] = data.Count,
            ["d"] = data.Dimension,
            ["hash"] = data.Hash,
        },
        ["maxMargin"] = RecordJson.ToNode(MarginSummary.Of(ours, data.ToSignedPoints().Scale)),
        ["certifiedAngle"] = CertifiedAngle,
        ["sklearn"] = answers.Version,
        ["python"] = answers.Python,
        ["libsvm"] = LibSvmWitness.Version,
        ["solvers"] = RecordJson.ToNode(candidates),
        ["best"] = best.Solver,
        ["verdict"] = Verdict,
        ["remark"] = remark,
    }.ToJsonString(RecordJson.Options);

    public void Print(IAnsiConsole console)
    {
        console.WriteLine($"{data.Name}: n = {data.Count}, d = {data.Dimension}; "
            + $"{Exact(ours.Lower)} <= gamma <= {Exact(ours.Upper)}; scikit-learn {answers.Version}");
        var table = new Table().RoundedBorder().AddColumn(new TableColumn("solver").NoWrap());
        foreach (var name in (string[])["margin", "short of gamma", "angle to ours", "seconds"])
            table.AddColumn(new TableColumn(name).RightAligned().NoWrap());
        table.AddColumn("note");
        foreach (var candidate in candidates)
            table.AddRow(new Text(candidate.Solver, candidate == best ? new Style(decoration: Decoration.Bold) : null),
                new Text(candidate.Margin.ToString("G10", CultureInfo.InvariantCulture)),
                new Text(Short(candidate.Shortfall)), new Text(Short(candidate.Angle)),
                new Text(Short(candidate.Seconds)), new Text(candidate.Note));
        console.Write(table);
        if (remark is not null) console.WriteLine(remark);
        console.WriteLine(Verdict);
    }

    private static string Exact(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Short(double value) => value.ToString("G3", CultureInfo.InvariantCulture);
}
