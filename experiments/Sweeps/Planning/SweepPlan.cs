namespace TorchAlign.Experiments.Sweeps.Planning;

/// <summary>What plan.json says.</summary>
internal sealed record SweepPlan
{
    public required string Name { get; init; }

    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Where the study's file lies: paths in a study are relative to it.</summary>
    public required string StudyFolder { get; init; }

    /// <summary>Where the command line of the sweep sent the runs; null where it named no device.</summary>
    public string? Device { get; init; }

    /// <summary>Which runs get a report: <see cref="Reporting.ReportChoice.Words"/>.</summary>
    public string Reports { get; init; } = Reporting.ReportChoice.All;

    /// <summary>The build of the program that planned last; see <see cref="Recording.RunVersions.Build"/>.</summary>
    public string? Build { get; init; }

    /// <summary>The runs of the study.</summary>
    public required IReadOnlyList<PlannedRun> Runs { get; init; }

    /// <summary>Runs that were begun for an earlier form of the study: kept and gathered, not continued.</summary>
    public IReadOnlyList<PlannedRun> Earlier { get; init; } = [];

    public IEnumerable<PlannedRun> All => Runs.Concat(Earlier);
}
