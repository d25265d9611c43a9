namespace TorchAlign.Claims;

/// <summary>A statement of [NRT] on descent under the squared loss.</summary>
public sealed class NguegnangClaim : Claim<NguegnangEvidence>
{
    internal NguegnangClaim(string id, string source, string statement, Action<NguegnangHypothesis> needs,
        Func<NguegnangEvidence, Measurement> measure)
        : base(id, source, statement, run => Asked(new NguegnangHypothesis(run), needs), measure)
    {
    }
}

/// <summary>
/// The statements of [NRT] (G. M. Nguegnang, H. Rauhut, U. Terstiege, <i>Convergence of gradient descent for learning linear neural
/// networks</i>, Adv. Cont. Discr. Models 2024:23, arXiv 2108.02040), and what happens where a hypothesis is dropped.
/// </summary>
public static class NguegnangClaims
{
    public static IReadOnlyList<NguegnangClaim> All { get; } =
        [.. DescentPromises.All, .. FoundMinimum.All, .. DroppedHypotheses.All];

    /// <summary>Every claim held against one run.</summary>
    public static IReadOnlyList<ClaimResult> Check(NguegnangEvidence run) => [.. All.Select(claim => claim.Check(run))];
}
