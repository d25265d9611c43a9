namespace TorchAlign.Experiments.Reporting;

/// <summary>
/// Which runs get a report: all, or those of a sweep that its user wants one of. A report is most of what a run leaves on the disk, and
/// <c>torchalign report</c> makes one of the rest.
/// </summary>
public static class ReportChoice
{
    public const string All = "all";
    public const string Failed = "failed";
    public const string None = "none";

    private static readonly AsyncLocal<string?> Chosen = new();

    public static IReadOnlyList<string> Words { get; } = [All, Failed, None];

    /// <summary>What is chosen for the runs that this thread of work makes from here on.</summary>
    public static string Current
    {
        get => Chosen.Value ?? All;
        set => Chosen.Value = value;
    }

    /// <summary>Whether a run gets its report.</summary>
    /// <param name="failed">It could not go on, or did not come to what it was to show.</param>
    public static bool Wants(bool failed) => Current == All || (Current == Failed && failed);
}
