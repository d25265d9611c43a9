using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace TorchAlign.Experiments.Reporting;

/// <summary>What the words and letters of the pages mean, in two lines each; a page has those that it uses.</summary>
public static class Glossary
{
    /// <summary>A term, how a page shows that it uses it, and what it means.</summary>
    private sealed record Entry(string Term, string Use, string Meaning);

    /// <summary>In the order of a page. Names of results stand in a cell of their own; elsewhere they are ordinary words.</summary>
    private static readonly Entry[] Entries =
    [
        new("w, w_prod", @"\bw_prod\b|\bw\b",
            "The product of all layers, W_{L} ⋯ W₁, as a vector: the network predicts the sign of ⟨w, x⟩."),
        new("ū", "ū",
            "The unit vector of maximum margin: the direction u whose least ⟨u, zᵢ⟩ over the points zᵢ = yᵢxᵢ is greatest."),
        new("γ", "γ", "The maximum margin, the least ⟨ū, zᵢ⟩; the points are scaled so that the longest has norm 1."),
        new("1 − cos", "1\\s−\\scos|one_minus_cosine",
            "One minus the cosine of the angle between w and ū: 0 where w points along ū; half the square of a small angle."),
        new("sin · ‖w‖", @"sin.{0,12}·|angle_times_norm",
            "The length of the part of w that is perpendicular to ū. It stays bounded while ‖w‖ grows, so the angle falls like 1/‖w‖."),
        new("|v|", @"\|v\|", "The limit of sin · ‖w‖ along the exact flow, computed from the dual weights of the support vectors."),
        new("R, log₁₀ R", @"\brisk R\b|R\(0\)|log10[ _]risk|log₁₀ of the risk",
            "The risk, the mean loss over the points; log₁₀ R is its power of ten, for risks that no double holds."),
        new("η", "η", "The step size of gradient descent: W changes by −η times the gradient."),
        new("support vectors", "support vector",
            "The points of least ⟨ū, zᵢ⟩ with a positive dual weight: ū is their weighted sum, up to a factor."),
        new("dual weights", "dual weight",
            "The weights aᵢ ≥ 0 of sum 1 for which ‖Σ aᵢzᵢ‖ is least: it is γ then, and ū has the direction of Σ aᵢzᵢ."),
        new("certificate", "certificate",
            "Two numbers that enclose γ, rounding included: a direction gives the lower one, weights give the upper one."),
        new("margin", @"\bmargin\b(?! γ)|direction_margin",
            "The least ⟨w, zᵢ⟩ over ‖w‖, or over the product of the layers' norms; positive where every point is classified rightly."),
        new("smoothed margin", "[Ss]moothed margin",
            "log(1/(nR)) over ‖W‖_F^L: a margin made of the risk instead of the worst point."),
        new("spectral ratio", "[Ss]pectral ratio",
            "‖W‖₂ / ‖W‖_F, the largest singular value over the root of the sum of squares of all: 1 for a matrix of rank one."),
        new("alignment", "[Aa]djacent|[Aa]lignment of|⟨vₖ₊₁, uₖ⟩",
            "How far singular vectors agree: |⟨v, u⟩| of the leading ones of two neighbouring layers; 1 where they are parallel."),
        new("uₖ, vₖ", "uₖ|vₖ",
            "The first left and right singular vectors of the layer Wₖ: what it writes to, and what it reads from."),
        new("‖·‖_F, ‖·‖₂", "‖_F|‖₂|Frobenius|[Ss]pectral norm",
            "Frobenius norm: the root of the sum of squares of the entries. Spectral norm: the largest singular value."),
        new("balancedness", "[Bb]alanced|WₖWₖᵀ",
            "Wₖ₊₁ᵀWₖ₊₁ − WₖWₖᵀ of neighbouring layers; gradient flow keeps each at its initial value, whatever the loss."),
        new("gradient evaluations", "evaluations",
            "How often the gradient was computed at some weights; steps that were rejected count too."),
        new("L", @"\bL = \d", "The number of layers of a linear network."),
        new("N", @"\bN = \d", "The number of layers, as [NRT] writes it."),
        new("off-diagonal mass", "off-diagonal|[Oo]ffdiag",
            "What a layer has outside the diagonal in the bases of the start, relative to its norm; 0 where it keeps those bases."),
        new("inner bases", "inner bases|inner singular",
            "The singular bases between two layers; the first V and the last U, at input and output, are left free."),
        new("authors’ score", "authors['’] score",
            "The mean over singular vectors of their best |cosine| with those at the start, as the code of [RNBU] computes it."),
        new("effective rank", "ffective rank",
            "exp of the entropy of the singular values over their sum: k for k equal singular values."),
        new("nuclear norm", "uclear norm", "The sum of the singular values."),
        new("strict saddle", "strict saddle",
            "A critical point where the Hessian has a negative eigenvalue, so that descent leaves it from almost everywhere."),
        new("flat saddle", "flat saddle", "A critical point above the global minimum whose Hessian shows no negative eigenvalue."),
        new("K, M, δ", "max ‖Wⱼ‖²/K|\\bK, M",
            "Bounds of the theorem of [NRT]: ‖Wⱼ‖² ≤ K, ‖product‖ ≤ M, balancedness defect ≤ δ at every step."),
        new("σ", "σ", "Singular value; in [NRT] the share of η‖∇L‖² by which the loss is sure to fall at every step."),
        new("mode", @"\bmodes? ", "A singular value of the target with its two vectors, learned by the product as one number."),
        new("median, 10–90 %", "10–90 %",
            "Of the runs that agree in what is chosen, half lie below the median, and four fifths within the band."),
        new("found", "=found",
            "The direction was reached to the accuracy asked for, and a bound shows that it cannot get worse again."),
        new("crossed", "=crossed", "1 − cos was as small as asked for at a point, without a proof that it stays so."),
        new("direction-within", "=direction-within",
            "1 − cos was at most what was asked for at the last point observed; nothing is said of what follows."),
        new("risk-below", "=risk-below", "The risk fell below the number asked for."),
        new("loss-below", "=loss-below", "The loss fell below the number asked for."),
        new("aligned-within", "=aligned-within", "All spectral ratios and alignments came within the number asked for of 1."),
        new("margin-within", "=margin-within", "The margin came within the share of γ that was asked for."),
        new("separated", "=separated", "Every point is classified rightly: the margin is positive."),
        new("gradient-below", "=gradient-below",
            "The gradient’s norm fell below the number asked for: a critical point, up to that number."),
        new("step-limit", "=step-limit", "The run made the greatest number of steps that it was allowed; --steps raises it."),
        new("time-limit", "=time-limit", "The run took the wall time that it was allowed; --seconds raises it."),
        new("clock-reached", "=clock-reached", "All steps were made, or the clock of the flow reached the number asked for."),
        new("time-reached", "=time-reached", "The time t of the flow that was asked for was reached."),
        new("stagnated", "=stagnated", "The risk fell no further while the steps doubled."),
        new("interrupted", "=interrupted", "The run was stopped from outside and can go on; nothing is claimed."),
        new("non-finite", "=non-finite", "A number left the range of doubles: the run diverged."),
        new("step-too-small", "=step-too-small", "No step that the clock can resolve was good enough: the run could not go on."),
        new("diverged", @"\bdiverged\b",
            "A run whose numbers left the range of doubles, or whose steps left the resolution of the clock."),
        new("missed", @"\bmissed\b", "A run that is whole and did not come to what it was to show."),
    ];

    /// <summary>Every term with its meaning.</summary>
    public static IReadOnlyList<(string Name, string Value)> All => [.. Entries.Select(entry => (entry.Term, entry.Meaning))];

    /// <summary>The terms that a page uses in its words, tables and charts.</summary>
    public static IReadOnlyList<(string Name, string Value)> For(ReportPage page) => For(
        [
            page.Title, page.Claim, page.ChartNote ?? "",
            .. page.Facts.SelectMany(fact => (string[])[fact.Name, fact.Value]),
            .. page.Tables.SelectMany(table => (string[])
                [table.Heading, table.Note ?? "", .. table.Columns, .. table.Rows.SelectMany(row => row)]),
            .. page.Charts.SelectMany(chart => (string[])[chart.Title, chart.Caption, .. Titles(chart.Spec)]),
        ]);

    /// <summary>The terms that some texts use; a cell of a table is a text of its own.</summary>
    public static IReadOnlyList<(string Name, string Value)> For(IReadOnlyCollection<string> texts)
    {
        var words = string.Join('\n', texts);
        return [.. Entries.Where(entry => entry.Use[0] == '=' ? texts.Contains(entry.Use[1..]) : Regex.IsMatch(words, entry.Use))
            .Select(entry => (entry.Term, entry.Meaning))];
    }

    /// <summary>The titles of axes and headers in a specification; its data hold none.</summary>
    private static IEnumerable<string> Titles(JsonNode? node) => node switch
    {
        JsonObject fields => fields.Where(field => field.Key != "data").SelectMany(field =>
            field is { Key: "title", Value: JsonValue text } ? [text.ToString()] : Titles(field.Value)),
        JsonArray list => list.SelectMany(Titles),
        _ => [],
    };
}
