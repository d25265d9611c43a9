namespace TorchAlign.Claims;

/// <summary>A statement of [RNBU] on alignment of linear networks with several outputs.</summary>
public sealed class RadhakrishnanClaim : Claim<AlignmentEvidence>
{
    internal RadhakrishnanClaim(string id, string source, string statement, Action<AlignmentHypothesis> needs,
        Func<AlignmentEvidence, Measurement> measure)
        : base(id, source, statement, run => Asked(new AlignmentHypothesis(run), needs), measure)
    {
    }
}

/// <summary>
/// The statements of [RNBU] (A. Radhakrishnan, E. Nichani, D. Bernstein, C. Uhler, <i>On alignment in deep linear neural networks</i>,
/// arXiv 2003.06340): when alignment is an invariant of descent, what training then is, and what layer constraints do to it.
/// </summary>
public static class RadhakrishnanClaims
{
    public static IReadOnlyList<RadhakrishnanClaim> All { get; } =
        [.. InvarianceClaims.All, .. ModeClaims.All, .. OneOutputClaims.All, .. ConstraintClaims.All];

    /// <summary>Every claim held against one run.</summary>
    public static IReadOnlyList<ClaimResult> Check(AlignmentEvidence run) => [.. All.Select(claim => claim.Check(run))];
}
