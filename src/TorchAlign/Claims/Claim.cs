namespace TorchAlign.Claims;

/// <summary>What claims look at: whatever was recorded of one run, under the run's name.</summary>
public interface IEvidence
{
    /// <summary>Data, shape, start and method in a few words.</summary>
    string Name { get; }
}

/// <summary>
/// A statement of a paper as a check: a pure function of the evidence of one run. What it needs is checked first; only then
/// is anything measured.
/// </summary>
public class Claim<TEvidence> where TEvidence : IEvidence
{
    private readonly Func<TEvidence, Hypothesis> _needs;
    private readonly Func<TEvidence, Measurement> _measure;

    internal Claim(
        string id, string source, string statement, Func<TEvidence, Hypothesis> needs, Func<TEvidence, Measurement> measure)
    {
        (Id, Source, Statement) = (id, source, statement);
        (_needs, _measure) = (needs, measure);
    }

    public string Id { get; }

    public string Source { get; }

    public string Statement { get; }

    public ClaimResult Check(TEvidence run)
    {
        var hypothesis = _needs(run);
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

    /// <summary>A hypothesis that was asked for what a claim needs.</summary>
    private protected static THypothesis Asked<THypothesis>(THypothesis hypothesis, Action<THypothesis> needs)
        where THypothesis : Hypothesis
    {
        needs(hypothesis);
        return hypothesis;
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
            ? Undecided($"the run is too short: its rate allows {FourDigits.Of(tolerance)} "
                + $"where the quantity can miss its limit by {FourDigits.Of(range)}")
            : new Measurement(measured, Relation.TendsTo, limit, tolerance, detail);
}
