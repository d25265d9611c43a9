using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Sweeps.Gathering;

/// <summary>
/// The numbers and words of a summary.json as columns: <c>max_margin_gamma</c>, <c>log10_risk</c>, <c>spectral_ratio_2</c>.
/// </summary>
internal static partial class FlatSummary
{
    /// <summary>Longer lists, such as the entries of a direction, are no columns of a table.</summary>
    private const int LongestList = 16;

    /// <summary>Said of the sweep already.</summary>
    private static readonly string[] LeftOut = ["schema", "command", "seed", "data", "facts"];

    /// <summary>How a network ended in words; its result says it in one.</summary>
    private const string Sentence = "message";

    /// <summary>Names and values in the order of the file; empty where there is no summary to read.</summary>
    public static IReadOnlyList<(string Column, JsonValue Value)> Read(string folder)
    {
        try
        {
            var cells = new List<(string, JsonValue)>();
            if (JsonNode.Parse(File.ReadAllText(Path.Combine(folder, RunFolder.SummaryFile))) is JsonObject summary)
                foreach (var (name, node) in summary)
                    if (!LeftOut.Contains(name)) Flatten(Column(name), node, cells);
            return cells;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }

    private static void Flatten(string prefix, JsonNode? node, List<(string, JsonValue)> cells)
    {
        switch (node)
        {
            case JsonValue value:
                cells.Add((prefix, value));
                break;
            case JsonObject fields:
                foreach (var (name, inner) in fields.Where(field => field.Key != Sentence)) Flatten(Join(prefix, Column(name)), inner, cells);
                break;
            // The only one of a list needs no number, and neither does the list.
            case JsonArray { Count: 1 } one when one[0] is JsonObject only:
                Flatten("", only, cells);
                break;
            case JsonArray { Count: <= LongestList } list:
                for (var i = 0; i < list.Count; i++) Flatten($"{prefix}_{i + 1}", list[i], cells);
                break;
        }
    }

    private static string Join(string prefix, string name) => prefix.Length == 0 ? name : $"{prefix}_{name}";

    /// <summary>oneMinusCosine as one_minus_cosine, the name it has in trajectory.csv.</summary>
    private static string Column(string name) => Capital().Replace(name, "_$0").ToLowerInvariant();

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Capital();
}
