using TorchAlign.Dynamics;

namespace TorchAlign.Experiments.Papers;

/// <summary>What the end of a job means, the best first.</summary>
internal enum JobGrade
{
    /// <summary>It came where it was to come.</summary>
    Reached,

    /// <summary>A limit ended it on its way, and nothing was wrong.</summary>
    CutShort,

    /// <summary>It came to an end that was not predicted.</summary>
    Missed,

    /// <summary>It left floating point, or could make no step.</summary>
    Failed,

    /// <summary>It is to go on.</summary>
    Interrupted,
}

/// <summary>How a job ended. The experiment ended as its worst job did, which decides its result and its exit status.</summary>
/// <param name="Name">For machines, such as <c>loss-below</c>.</param>
/// <param name="Grade">What it means.</param>
internal sealed record JobEnd(string Name, JobGrade Grade)
{
    private const string StepLimit = "step-limit";

    public static JobEnd Interrupted { get; } = new(RunEnd.Interrupted.Name, JobGrade.Interrupted);

    /// <summary>What a theorem promises was not kept.</summary>
    public static JobEnd BoundFailed { get; } = new("bound-failed", JobGrade.Missed);

    /// <summary>The end of a run.</summary>
    /// <param name="end">How it ended.</param>
    /// <param name="aim">The name of an end that it was meant to come to, such as <c>step-limit</c> where all steps are to be made.</param>
    public static JobEnd Of(RunEnd end, string? aim = null) => new(end.Name,
        end == RunEnd.Interrupted ? JobGrade.Interrupted
        : end.Reached || end.Name == aim ? JobGrade.Reached
        : end.Failed ? JobGrade.Failed
        : JobGrade.CutShort);

    /// <summary>Of a descent that is to make all its steps: where its loss ends above that of the start, it diverged.</summary>
    /// <param name="end">How it ended.</param>
    /// <param name="before">The loss at the start.</param>
    /// <param name="after">The loss at the end.</param>
    public static JobEnd OfDescent(RunEnd end, double before, double after) =>
        end.Name == StepLimit && after > before ? new JobEnd("diverged", JobGrade.Failed) : Of(end, aim: StepLimit);

    /// <summary>
    /// Of a run whose outcome was predicted: <c>all-as-predicted</c>, or <c>not-all-as-predicted</c>; its own end where a limit cut it
    /// short on its way there.
    /// </summary>
    /// <param name="end">How it ended.</param>
    /// <param name="asPredicted">Whether it came to what was predicted.</param>
    public static JobEnd OfPrediction(RunEnd end, bool asPredicted) => Of(end) is { Grade: not JobGrade.Reached } other ? other
        : asPredicted ? new JobEnd("all-as-predicted", JobGrade.Reached)
        : new JobEnd("not-all-as-predicted", JobGrade.Missed);

    /// <summary>A sentence that names the jobs of which a finding says nothing; empty where there are none.</summary>
    public static string LeftOut(IEnumerable<(string Job, JobEnd End)> jobs) =>
        string.Join(", ", jobs.Select(job => $"{job.Job} ({job.End.Name})")) is { Length: > 0 } named
            ? $" Left out of these numbers: {named}."
            : "";

    /// <summary>The worst of some ends, and of equally bad ones the first.</summary>
    public static JobEnd Worst(IEnumerable<JobEnd> ends) => ends.MaxBy(end => end.Grade)!;

    /// <summary>Of an experiment that ended so.</summary>
    public int ExitStatus => Grade switch
    {
        JobGrade.Reached or JobGrade.CutShort => CommandLine.Success,
        JobGrade.Interrupted => CommandLine.Interrupted,
        _ => CommandLine.Failure,
    };
}
