using TorchAlign.Claims;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Verify;

/// <summary>What <c>verify --json</c> prints: numbers that are NaN or infinite are null.</summary>
internal sealed record VerifySummary
{
    public VerifySummary(string paper, int seed, SuiteReport report)
    {
        (Paper, Seed) = (paper, seed);
        Claims = [.. report.Worst.Select(ClaimSummary.Of)];
        Runs = [.. report.Runs.Select(RunSummary.Of)];
        Holds = Claims.Count(claim => claim.Verdict == Words.Of(Verdict.Holds));
        Fails = Claims.Count(claim => claim.Verdict == Words.Of(Verdict.Fails));
        HypothesisNotMet = Claims.Count - Holds - Fails;
    }

    public string Schema { get; } = "torchalign.verify/1";

    public string Paper { get; }

    public int Seed { get; }

    public int Holds { get; }

    public int Fails { get; }

    public int HypothesisNotMet { get; }

    /// <summary>Each claim on its worst run.</summary>
    public IReadOnlyList<ClaimSummary> Claims { get; }

    public IReadOnlyList<RunSummary> Runs { get; }

    public string ToJson() => RecordJson.Serialize(this).TrimEnd();
}

internal sealed record ClaimSummary(
    string Id, string Source, string Statement, string Hypothesis, bool HypothesisMet, double Measured, string Relation,
    double Bound, double Tolerance, string Verdict, string Run, string Detail)
{
    public static ClaimSummary Of(ClaimResult claim) => new(
        claim.Id, claim.Source, claim.Statement, claim.Hypothesis, claim.HypothesisMet, claim.Measured, claim.Relation.Symbol(),
        claim.Bound, claim.Tolerance, Words.Of(claim.Verdict), claim.Run, claim.Detail);
}

/// <summary>A run, and the verdict of every claim on it.</summary>
internal sealed record RunSummary(
    string Name, string Result, string Message, long Steps, double Log10Risk, double LogTime, IReadOnlyDictionary<string, string> Verdicts)
{
    public static RunSummary Of(SuiteRunResult run) => new(
        run.Name, run.End.Name, run.End.Message, run.Steps, run.Log10Risk, run.LogTime,
        run.Results.ToDictionary(result => result.Id, result => Words.Of(result.Verdict)));
}

internal static class Words
{
    public static string Of(Verdict verdict) => verdict switch
    {
        Verdict.Holds => "holds",
        Verdict.Fails => "fails",
        _ => "hypothesis not met",
    };
}
