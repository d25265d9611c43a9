namespace TorchAlign.Claims;

/// <summary>The needs of the statements of [NRT]; see <see cref="NguegnangClaims"/>.</summary>
internal sealed class NguegnangHypothesis(NguegnangEvidence run) : Hypothesis
{
    /// <summary>Constants and record are computed by different sums.</summary>
    private const double Rounding = 1e-12;

    /// <summary>X X^T of full rank, a start that is balanced within delta, and no step above the bound.</summary>
    public NguegnangHypothesis Guaranteed() => FullRank().Balanced().StepsWithinBound();

    public NguegnangHypothesis FullRank()
    {
        var moments = run.Loss.Moments;
        return Need(moments.Rank == moments.Inputs && run.Constants is not null, $"X X^T has full rank {moments.Rank}",
            $"X X^T is singular: rank {moments.Rank} in {moments.Inputs} dimensions");
    }

    public NguegnangHypothesis Balanced() => Need(IsBalanced,
        $"the start's defect {FourDigits.Of(Start.Defect)} < delta = {FourDigits.Of(run.Constants?.Delta ?? double.NaN)}",
        $"the start's defect {FourDigits.Of(Start.Defect)} is not below delta = {FourDigits.Of(run.Constants?.Delta ?? double.NaN)}");

    public NguegnangHypothesis StepsWithinBound()
    {
        var longest = LongestStep;
        var bound = run.Constants?.StepBound ?? double.NaN;
        return Need(ConstantsAreThoseOfTheRun && longest <= bound * (1 + Rounding),
            $"every eta_k <= {FourDigits.Of(bound)} ({run.Constants?.Guarantee.ToString().ToLowerInvariant()} constants), "
            + $"{run.Descent.Steps} steps",
            ConstantsAreThoseOfTheRun
                ? $"the longest step {FourDigits.Of(longest)} is above the bound {FourDigits.Of(bound)}"
                : "there are no constants of this start");
    }

    /// <summary>A step above the bound, on purpose.</summary>
    public NguegnangHypothesis StepsAboveBound(double factor)
    {
        var (longest, bound) = (LongestStep, run.Constants?.StepBound ?? double.NaN);
        return Need(longest >= factor * bound * (1 - Rounding), $"the step is {FourDigits.Of(longest / bound)} times the bound on purpose",
            $"no step is {FourDigits.Of(factor)} times the bound");
    }

    /// <summary>A defect above delta, on purpose.</summary>
    public NguegnangHypothesis Unbalanced() => Need(run.Constants is { } c && Start.Defect > c.Delta,
        $"the start's defect {FourDigits.Of(Start.Defect)} is above delta = {FourDigits.Of(run.Constants?.Delta ?? double.NaN)} on purpose",
        "the start is balanced within delta, or there is no delta");

    public NguegnangHypothesis Singular()
    {
        var moments = run.Loss.Moments;
        return Need(moments.Rank < moments.Inputs, $"X X^T is singular on purpose: rank {moments.Rank} in {moments.Inputs} dimensions",
            "X X^T has full rank");
    }

    public NguegnangHypothesis TwoLayers() => Need(run.Shape.Depth == 2,
        "N = 2", $"the statement is for N = 2, this run has N = {run.Shape.Depth}");

    public NguegnangHypothesis ThreeLayers() => Need(run.Shape.Depth >= 3,
        $"N = {run.Shape.Depth} >= 3", $"the statement is for N >= 3, this run has N = {run.Shape.Depth}");

    public NguegnangHypothesis Generic() => Need(run.GenericStart,
        "a start of full rank (almost all)", "the start has rank 1, of those of measure zero that \"almost all\" leaves out");

    public NguegnangHypothesis Special() => Need(!run.GenericStart,
        "a start of rank 1, of measure zero", "the start has full rank");

    private SquaredObservation Start => run.Observations[0];

    private double LongestStep => run.Descent.Steps == 0 ? double.NaN : run.Descent.Eta.Max();

    private bool IsBalanced => run.Constants is { } c && Start.Defect < c.Delta;

    private bool ConstantsAreThoseOfTheRun =>
        run.Constants is { } c && Math.Abs(c.InitialLoss - run.Descent.Loss[0]) <= Rounding * c.InitialLoss;

    private NguegnangHypothesis Need(bool met, string whenMet, string whenNot)
    {
        And(met, whenMet, whenNot);
        return this;
    }
}
