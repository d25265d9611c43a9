using System.Text.RegularExpressions;
using TorchAlign.Experiments.Reporting.Charting;

namespace TorchAlign.Experiments.Sweeps.Gathering;

/// <summary>Columns of sweep.csv in the words of its page.</summary>
internal static partial class ColumnNames
{
    private static readonly Dictionary<string, string> Words = new()
    {
        ["one_minus_cosine"] = "1 − cos(w, ū)",
        ["log10_risk"] = "log₁₀ R",
        ["angle_times_norm"] = "sin(w, ū) · ‖w‖",
        ["predicted_angle_times_norm"] = "|v|, predicted limit of sin · ‖w‖",
        ["spectral_ratio"] = "spectral ratio",
        ["adjacent_alignment"] = "adjacent alignment",
        ["balancedness_drift"] = "balancedness drift",
        ["product_norm"] = "‖w‖",
        ["normalized_margin"] = "margin over ∏‖Wₖ‖",
        ["evaluations"] = "gradient evaluations",
        ["together"] = "networks computed together",
        ["max_margin_gamma"] = "γ",
        ["max_margin_lower"] = "γ, lower bound",
        ["max_margin_upper"] = "γ, upper bound",
        ["max_margin_relative_gap"] = "γ, relative gap of the bounds",
        ["max_margin_direction"] = "ū",
        ["max_margin_support_vectors"] = "support vector",
    };

    /// <summary>What is worth to be looked at first, best first.</summary>
    private static readonly string[] Telling =
        ["one_minus_cosine", "loss", "relative_error", "angle_times_norm", "log10_risk", "initial_loss", "balancedness_drift"];

    /// <summary>"networks_2_spectral_ratio_1" as "spectral ratio 1 (network 2)"; of what is not known, the words of the column.</summary>
    public static string Of(string column)
    {
        if (Numbered().Match(column) is { Success: true } one) return $"{Of(one.Groups[2].Value)} (network {one.Groups[1].Value})";
        if (Words.TryGetValue(column, out var words)) return words;
        var end = Trailing().Match(column);
        return end.Success && Words.TryGetValue(end.Groups[1].Value, out var counted)
            ? $"{counted} {Ticks.Subscript(int.Parse(end.Groups[2].Value))}"
            : column.Replace('_', ' ');
    }

    /// <summary>The place of a column among those to be looked at first; null where it is none of them.</summary>
    public static int? Rank(string column)
    {
        var at = Array.IndexOf(Telling, Numbered().Replace(column, "$2"));
        return at < 0 ? null : at;
    }

    [GeneratedRegex("^networks_([0-9]+)_(.+)$")]
    private static partial Regex Numbered();

    [GeneratedRegex("^(.+)_([0-9]+)$")]
    private static partial Regex Trailing();
}
