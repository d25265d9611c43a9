namespace TorchAlign.Claims;

/// <summary>One statement of a paper, held against one run.</summary>
public sealed record ClaimResult
{
    /// <summary>A name for machines, such as <c>jt.theorem1.rank-one</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Paper and number, such as <c>[JT] Theorem 1</c>.</summary>
    public required string Source { get; init; }

    /// <summary>The statement in one line.</summary>
    public required string Statement { get; init; }

    /// <summary>The run it was held against.</summary>
    public required string Run { get; init; }

    /// <summary>What the statement needs, and how each need was checked on this run.</summary>
    public required string Hypothesis { get; init; }

    public required bool HypothesisMet { get; init; }

    /// <summary>NaN where the hypothesis is not met.</summary>
    public required double Measured { get; init; }

    public required Relation Relation { get; init; }

    /// <summary>The bound or the limit.</summary>
    public required double Bound { get; init; }

    /// <summary>What the measured value may miss the bound by: what the stated rate leaves at the end of the run, or rounding.</summary>
    public required double Tolerance { get; init; }

    /// <summary>Where the value was measured and what the numbers mean.</summary>
    public required string Detail { get; init; }

    /// <summary>Follows from the numbers alone.</summary>
    public Verdict Verdict => !HypothesisMet ? Verdict.HypothesisNotMet
        : Relation.Satisfied(Measured, Bound, Tolerance) ? Verdict.Holds : Verdict.Fails;

    /// <summary>
    /// How near to failing, to choose the worst of several runs: 0 is the edge, 1 is ease, negative fails. For a limit the
    /// share of the tolerance that is left, for a bound the relative distance from it.
    /// </summary>
    public double Ease
    {
        get
        {
            if (!HypothesisMet) return double.PositiveInfinity;
            var scale = Math.Max(Math.Max(Math.Abs(Measured), Math.Abs(Bound)), double.Epsilon);
            var ease = Relation switch
            {
                Relation.AtMost => (Bound + Tolerance - Measured) / scale,
                Relation.AtLeast => (Measured - Bound + Tolerance) / scale,
                Relation.Exceeds => (Measured - Bound - Tolerance) / scale,
                _ => Tolerance > 0 ? 1 - Math.Abs(Measured - Bound) / Tolerance : Verdict == Verdict.Holds ? 0 : -1,
            };
            return double.IsNaN(ease) ? double.NegativeInfinity : ease;
        }
    }
}
