namespace TorchAlign.Claims;

/// <summary>
/// The statements of [JT] (Z. Ji, M. Telgarsky, <i>Gradient descent aligns the layers of deep linear networks</i>, ICLR 2019, arXiv
/// 1810.02032) on flow and descent; with the rates of [LL] (K. Lyu, J. Li, <i>Gradient Descent Maximizes the Margin of Homogeneous
/// Neural Networks</i>, ICLR 2020, arXiv 1906.05890) and the residual of [SHNGS] (D. Soudry, E. Hoffer, M. S. Nacson, S. Gunasekar,
/// N. Srebro, <i>The Implicit Bias of Gradient Descent on Separable Data</i>, JMLR 19 (2018) 70, arXiv 1710.10345).
/// </summary>
public static class JiTelgarskyClaims
{
    public static IReadOnlyList<JiTelgarskyClaim> All { get; } =
    [
        .. AlignmentLimits.TheoremOne,
        .. DirectionLimits.TheoremTwo,
        .. Invariants.All,
        .. LemmaTwo.All,
        .. LemmasThreeAndFour.All,
        .. AlignmentLimits.TheoremThree,
        .. DirectionLimits.TheoremFour,
        .. DescentInequality.All,
        .. FlowRates.All,
        .. ResidualLaw.All,
        .. SaddleCounterexample.All,
    ];

    /// <summary>Every claim held against one run.</summary>
    public static IReadOnlyList<ClaimResult> Check(RunEvidence run) => [.. All.Select(claim => claim.Check(run))];
}
