namespace TorchAlign.Claims;

/// <summary>
/// A statement of a paper as a check: a pure function of the evidence of one run. What it needs is checked first; only then
/// is anything measured.
/// </summary>
public sealed class Claim
{
    private readonly Action<Hypothesis> _needs;
    private readonly Func<RunEvidence, Measurement> _measure;

    internal Claim(
        string id, string source, string statement, Action<Hypothesis> needs, Func<RunEvidence, Measurement> measure)
    {
        (Id, Source, Statement) = (id, source, statement);
        (_needs, _measure) = (needs, measure);
    }

    public string Id { get; }

    public string Source { get; }

    public string Statement { get; }

    public ClaimResult Check(RunEvidence run)
    {
        var hypothesis = new Hypothesis(run);
        _needs(hypothesis);
        var measurement = hypothesis.Met ? _measure(run) : Measurement.None("");
        if (measurement.TooShort is { } reason) hypothesis.And(false, "", reason);
        return new ClaimResult
        {
            Id = Id,
            Source = Source,
            Statement = Statement,
            Run = run.Name,
            Hypothesis = hypothesis.Text,
            HypothesisMet = hypothesis.Met,
            Measured = measurement.Measured,
            Relation = measurement.Relation,
            Bound = measurement.Bound,
            Tolerance = measurement.Tolerance,
            Detail = measurement.Detail,
        };
    }
}

/// <summary>A measured value beside its bound; or why this run cannot decide the claim.</summary>
internal sealed record Measurement(double Measured, Relation Relation, double Bound, double Tolerance, string Detail)
{
    /// <summary>Set where the claim's own rate allows any value at this run's end: a check that cannot fail is not made.</summary>
    public string? TooShort { get; private init; }

    public static Measurement None(string detail) => new(double.NaN, Relation.TendsTo, double.NaN, double.NaN, detail);

    public static Measurement Undecided(string reason) => None("") with { TooShort = reason };

    /// <summary>
    /// A limit of a quantity that can be off by <paramref name="range"/> at most; undecided where the tolerance allows that much.
    /// </summary>
    public static Measurement Limit(double measured, double limit, double tolerance, double range, string detail) =>
        tolerance >= range
            ? Undecided($"the run is too short: its rate allows {Num.Of(tolerance)} "
                + $"where the quantity can miss its limit by {Num.Of(range)}")
            : new Measurement(measured, Relation.TendsTo, limit, tolerance, detail);
}
