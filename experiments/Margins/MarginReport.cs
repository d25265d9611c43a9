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

    /// <summary>
    /// Numbers of the data up to which libsvm is asked by itself: its time grows with n^2 d, and its native call cannot be ended.
    /// </summary>
    public const long LargestWitnessed = 5_000_000;

    /// <summary>What takes longer says what it does.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <param name="witness">libsvm: ask it in any case; none: do not; null: where the data are not too large.</param>
    public static int Run(LabelledSet data, string? witness, bool json, CancellationToken cancellation)
    {
        var points = data.ToSignedPoints();
        using var progress = new MarginProgressLine(string.Create(CultureInfo.InvariantCulture,
            $"looking for the maximum margin of {data.Count:N0} points in dimension {data.Dimension:N0}"), Patience);
        var solution = HardMargin.Solve(points, cancellation, progress);
        cancellation.ThrowIfCancellationRequested();
        progress.Turn("asking libsvm (--witness none leaves it out)");
        // libsvm cannot be stopped, and its time grows with n^2 d.
        var (libsvm, reason) = WhyNotAsked(witness, points.Z.Length) is { } not ? (null, not) : Aside.Run(
            () => (LibSvmWitness.Ask(points, solution, LibSvmMethod.OneClass, out var why), why), cancellation);
        progress.Dispose();
        if (json) Console.Out.WriteLine(Json(data, points, solution, libsvm, reason).ToJsonString(RecordJson.Options));
        else Print(data, points, solution, libsvm, reason);
        return CommandLine.Success;
    }

    /// <summary>Why libsvm is not asked; null where it is.</summary>
    /// <param name="witness">As in <see cref="Run"/>.</param>
    /// <param name="numbers">Entries of the data.</param>
    internal static string? WhyNotAsked(string? witness, long numbers) => witness == "none" ? "not asked: --witness none"
        : witness is null && numbers > LargestWitnessed ? string.Create(CultureInfo.InvariantCulture,
            $"not asked: the data have {numbers:N0} numbers, and its time grows with n^2 d; --witness libsvm asks it all the same")
        : null;

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
                ["reachedCap"] = libsvm.ReachedCap,
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
        if (libsvm is { ReachedCap: true })
            Row("  its warning", "it reached its cap of iterations and stopped where it was; that limits its answer alone, ours is "
                + "certified without it");
        if (data.Preprocessing.Count > 0) Row("prepared", string.Join("; ", data.Preprocessing));
        Terminal.Out.Write(table);
        if (solution.Separability != Separability.Yes) Terminal.Out.WriteLine(solution.Message);

        void Row(string name, string value) => table.AddRow(new Text(name, new Style(decoration: Decoration.Bold)), new Text(value));
    }

    private static string List(int[] indices) => string.Join(", ", indices.Take(Listed))
        + (indices.Length > Listed ? $", ... ({indices.Length} in all, counted from 0)" : " (counted from 0)");

    private static string Exact(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Short(double value) => value.ToString("G3", CultureInfo.InvariantCulture);
}
