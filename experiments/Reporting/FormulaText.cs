using System.Text.RegularExpressions;

namespace TorchAlign.Experiments.Reporting;

/// <summary>Formulas that the library writes in ASCII, as the pages set them.</summary>
public static partial class FormulaText
{
    private static readonly (string Name, string Letter)[] Letters = [("delta", "δ"), ("sigma", "σ"), ("eta", "η"), ("grad", "∇")];

    /// <summary>
    /// "sqrt(2 L(W(0))) ||X||_2" as "√(2 L(W(0))) ‖X‖₂", "1/2 ||Y - W_N ... W_1 X||_F^2" as "½ ‖Y − W_{N} ⋯ W₁ X‖_F^2".
    /// </summary>
    public static string Of(string ascii)
    {
        var text = ascii.Replace("||", "‖").Replace("...", "⋯").Replace("<=", "≤").Replace(">=", "≥").Replace("-", "−");
        foreach (var (name, letter) in Letters) text = Regex.Replace(text, $@"\b{name}(?![a-z])", letter);
        text = RootOfOne().Replace(text, "√$1").Replace("sqrt(", "√(").Replace("1/2 ", "½ ");
        text = Digit().Replace(text, match => Charting.Ticks.Subscript(match.Value[1] - '0'));
        return Index().Replace(text, "_{$1}");
    }

    [GeneratedRegex(@"\bsqrt\(([A-Za-z0-9])\)")]
    private static partial Regex RootOfOne();

    [GeneratedRegex("_[0-9](?![0-9])")]
    private static partial Regex Digit();

    /// <summary>An index of one letter or word; the F of a norm is set by the page.</summary>
    [GeneratedRegex("(?<!‖)_([A-Za-z]+)")]
    private static partial Regex Index();
}
