using System.Text.Json.Nodes;
using TorchAlign.Experiments.Reporting.Charting;

namespace TorchAlign.Experiments.Reporting;

/// <summary>A report of any experiment: a claim, tables and charts in order, and what it takes to run it again.</summary>
public sealed record ReportPage
{
    /// <summary>The claim of whatever was interrupted.</summary>
    public const string NothingClaimed = "Interrupted: nothing is claimed.";

    public required string Title { get; init; }

    public required string Claim { get; init; }

    /// <summary>What a reader has to know before the numbers, by name: method, loss, data. Shown in the first screen.</summary>
    public IReadOnlyList<(string Name, string Value)> Facts { get; init; } = [];

    public required IReadOnlyList<ReportTable> Tables { get; init; }

    public required IReadOnlyList<Chart> Charts { get; init; }

    /// <summary>What a reader has to know of all charts, or null.</summary>
    public string? ChartNote { get; init; }

    /// <summary>The charts that tell the story, in one picture for a paper or a README; not on the page itself.</summary>
    public Chart? Figure { get; init; }

    public JsonNode? Configuration { get; init; }
}

/// <summary>A table: a heading, column heads, and rows whose first cell names the row.</summary>
public sealed record ReportTable(string Heading, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    /// <summary>Whether a reader has to ask for it, as few do.</summary>
    public bool IsFolded { get; init; }

    /// <summary>A line below the table, or null.</summary>
    public string? Note { get; init; }
}
