using TorchAlign.Experiments.Options;

namespace TorchAlign.Experiments.Sweeps;

/// <summary>A run of a sweep as it is ordered.</summary>
/// <param name="Arguments">Its command line, without what says where its results go.</param>
/// <param name="Folder">Where they go.</param>
/// <param name="Reports">Whether it gets a report: <see cref="Reporting.ReportChoice.Words"/>.</param>
internal sealed record RunOrder(IReadOnlyList<string> Arguments, string Folder, string Reports = Reporting.ReportChoice.All)
{
    private static readonly string[] Ending = ["--replace", "--json"];

    /// <summary>Whether a process began the run and did not end it.</summary>
    public bool IsUnfinished => RunStates.Of(Folder) == RunState.Unfinished;

    /// <summary>The command line of a new run.</summary>
    public string[] Fresh => [.. Arguments, $"--out={FolderTemplate.Escape(Folder)}", .. Ending];

    /// <summary>The one that goes on with the run: run.json knows every option but the one that is none of the configuration.</summary>
    public string[] Resuming =>
    [
        .. Arguments.TakeWhile(word => !word.StartsWith('-')), $"--resume={Folder}", Ending[^1],
        .. Arguments.Where(word => word.StartsWith("--checkpoint-every=", StringComparison.Ordinal)),
    ];
}

/// <summary>How a run of a sweep ended in this process.</summary>
/// <param name="Cause">Why it failed or, with its files whole, missed what it was to show; null where it did neither.</param>
/// <param name="Seconds">From its command line to its last file; of runs made together, the share in which it was the next to end.</param>
internal sealed record RunOutcome(bool Stopped, string? Cause, double Seconds);
