using System.Numerics.Tensors;
using TorchAlign.Alignment;
using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Losses;
using TorchAlign.MaxMargin;
using TorchAlign.Networks;

namespace TorchAlign.Claims;

/// <summary>Everything a claim may look at: the problem, and what was recorded of one run. Claims never run anything.</summary>
public sealed record RunEvidence : IEvidence
{
    /// <summary>Data, depth, loss, start and method in a few words.</summary>
    public required string Name { get; init; }

    public required NetworkShape Shape { get; init; }

    /// <summary>z_i (n, d), max_i ||z_i|| = 1.</summary>
    public required SignedPoints Points { get; init; }

    public required MarginSolution Margin { get; init; }

    public required MarginLoss Loss { get; init; }

    /// <summary>Evaluated at W(0).</summary>
    public required AssumptionTwo AssumptionTwo { get; init; }

    /// <summary>In the order of the run: the first at W(0), the last at its end.</summary>
    public required IReadOnlyList<Observation> Observations { get; init; }

    /// <summary>The states W (P) at the observations.</summary>
    public required IReadOnlyList<double[]> States { get; init; }

    /// <summary>
    /// What the integrator may drift by, relative to ||W||_F^2: the accuracy to which the invariants of the flow can be expected
    /// to hold. For descent the rounding of its steps.
    /// </summary>
    public required double IntegrationTolerance { get; init; }

    /// <summary>Each step of a descent; null for the flow.</summary>
    public DescentRecord? Descent { get; init; }

    /// <summary>How the run ended.</summary>
    public required RunEnd End { get; init; }

    /// <summary>W(0) (P).</summary>
    public double[] Start => States[0];

    public Observation Last => Observations[^1];

    /// <summary>The predicted limit v of w_prod - rho u_bar, where the data have one.</summary>
    public ResidualPrediction Residual => ResidualPrediction.Of(Points, Margin);

    /// <summary>
    /// The norm of the part of w_prod outside the span of the support vectors at the end, as the start predicts it where they span the
    /// data: ||(W_L...W_2) W_1(0) (I - P)||, see <see cref="CarriedPart"/>.
    /// </summary>
    internal double CarriedNorm => TensorPrimitives.Norm<double>(
        new CarriedPart(Shape, new SupportSpan(Points, Margin), Start).At(States[^1]));

    /// <summary>Where the run ends, for the details; t is the sum of the eta_t of a descent.</summary>
    internal string EndText => $"at log t = {FourDigits.Of(Last.LogTime)}, log10 R = {FourDigits.Of(Last.Log10Risk)}";
}
