using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace TorchAlign.Experiments.Reporting.Charting;

/// <summary>
/// A picture of a report: NAME.vl.json, NAME.svg and a figure on the page. <paramref name="Caption"/> says in a sentence
/// what to look for; <paramref name="Spec"/> is a complete Vega-Lite specification with its data inside.
/// </summary>
public sealed record Chart(string Name, string Title, string Caption, JsonObject Spec)
{
    private static readonly JsonSerializerOptions Readable =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Whether the page gives it its own width; a chart with equal units on both axes must keep its shape.</summary>
    public bool Stretches { get; init; } = true;

    /// <summary>Whether it takes the whole width of the page, as many panels do.</summary>
    public bool IsWide { get; init; }

    /// <summary>Why there is nothing to draw, for the place where the picture would be; null for a picture.</summary>
    public string? NotDrawn { get; init; }

    /// <summary>A chart that says why it is none.</summary>
    public static Chart Absent(string name, string title, string reason) => new(name, title, "", []) { NotDrawn = reason };

    /// <summary>The contents of NAME.vl.json.</summary>
    public string ToJson() => Spec.ToJsonString(Readable) + "\n";
}
