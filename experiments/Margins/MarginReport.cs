using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;
using TorchAlign.Data;
using TorchAlign.MaxMargin;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Margins;

/// <summary>What <c>margin</c> prints: the certified solution, and what libsvm finds by itself.</summary>
internal static class MarginReport
{
    /// <summary>Points listed by number before the rest is only counted.</summary>
    private const int Listed = 12;

    public static int Run(LabelledSet data, bool json, CancellationToken cancellation)
    {
        var points = data.ToSignedPoints();
        var solution = HardMargin.Solve(points, cancellation);
        // libsvm cannot be stopped, and its time grows with n^2 d.
        var (libsvm, reason) = Aside.Run(
            () => (LibSvmWitness.Ask(points, solution, LibSvmMethod.OneClass, out var why), why), cancellation);
        if (json) Console.Out.WriteLine(Json(data, points, solution, libsvm, reason).ToJsonString(RecordJson.Options));
        else Print(data, points, solution, libsvm, reason);
        return CommandLine.Success;
    }

    private static JsonObject Json(LabelledSet data, SignedPoints points, MarginSolution solution, LibSvmResult? libsvm, string? reason)
    {
        var node = (JsonObject)RecordJson.ToNode(MarginSummary.Of(solution, points.Scale))!;
        foreach (var (name, value) in (JsonObject)RecordJson.ToNode(DataSummaries.Of(data, points))!) node[name] = value?.DeepClone();
        node["separable"] = solution.Separability.ToString().ToLowerInvariant();
        node["message"] = solution.Message;
        node["gordanCarriers"] = RecordJson.ToNode(solution.GordanCarriers);
        node["libsvm"] = libsvm is null
            ? new JsonObject { ["angle"] = null, ["iterations"] = null, ["reason"] = reason }
            : new JsonObject
            {
                ["angle"] = libsvm.Angle,
                ["iterations"] = libsvm.Iterations,
                ["expectedAngle"] = libsvm.ExpectedAngle,
                ["angleBound"] = libsvm.AngleBound,
                ["version"] = LibSvmWitness.Version,
            };
        return node;
    }

    private static void Print(LabelledSet data, SignedPoints points, MarginSolution solution, LibSvmResult? libsvm, string? reason)
    {
        var table = new Table().RoundedBorder().HideHeaders().AddColumn("").AddColumn("");
        Row("data", $"{data.Name}: n = {data.Count}, d = {data.Dimension}, +1 is {data.PositiveLabel}, -1 is {data.NegativeLabel}");
        if (data.Means is { } means)
            Row("centred", "means " + string.Join(", ", means.Take(Listed).Select(Short)) + (means.Count > Listed ? ", ..." : ""));
        Row("scale", $"x divided by {Exact(points.Scale)}, so that max ||x|| = 1");
        Row("separable", solution.Separability.ToString().ToLowerInvariant());
        if (solution.Separability == Separability.No)
        {
            Row("certificate", $"{solution.GordanCarriers.Length} points of which a convex combination is exactly 0: "
                + List(solution.GordanCarriers));
        }
        else
        {
            Row("gamma", $"{Exact(solution.Gamma)}; in the features' own units {Exact(solution.Gamma * points.Scale)}");
            Row("certificate", $"{Exact(solution.Lower)} <= gamma <= {Exact(solution.Upper)}, "
                + $"relative gap {Short(solution.RelativeGap)}");
            var spanning = solution.SupportSpansData ? "spanning the data" : "not spanning the data (Assumption 3 fails)";
            Row("support", $"{solution.SupportVectors.Length} points of rank {solution.SupportRank}, {spanning}: "
                + List(solution.SupportVectors));
            var carriers = solution.WeightCarriers;
            Row("dual weights", string.Join(", ", carriers.Take(Listed).Select(i => $"{i}: {Short(solution.DualWeights[i])}"))
                + (carriers.Length > Listed ? ", ..." : ""));
            if (solution.Direction.Length <= Listed) Row("direction", string.Join(", ", solution.Direction.Select(Exact)));
        }
        Row("libsvm", libsvm is null
            ? reason!
            : $"version {LibSvmWitness.Version}: angle to ours {Short(libsvm.Angle)} rad after {libsvm.Iterations} iterations; "
                + $"its float32 kernel leads one to expect about {Short(libsvm.ExpectedAngle)} and allows {Short(libsvm.AngleBound)}");
        Terminal.Out.Write(table);
        if (solution.Separability != Separability.Yes) Terminal.Out.WriteLine(solution.Message);

        void Row(string name, string value) => table.AddRow(new Text(name, new Style(decoration: Decoration.Bold)), new Text(value));
    }

    private static string List(int[] indices) => string.Join(", ", indices.Take(Listed))
        + (indices.Length > Listed ? $", ... ({indices.Length} in all, counted from 0)" : " (counted from 0)");

    private static string Exact(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Short(double value) => value.ToString("G3", CultureInfo.InvariantCulture);
}
