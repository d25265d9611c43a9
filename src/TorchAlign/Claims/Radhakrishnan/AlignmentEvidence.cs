using TorchAlign.Alignment;
using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Networks;
using TorchAlign.Networks.Constraints;
using TorchAlign.Numerics;

namespace TorchAlign.Claims;

/// <summary>Descent of a linear network with a constant step, as the statements of [RNBU] look at it.</summary>
public sealed record AlignmentEvidence : IEvidence
{
    /// <summary>Data, network, start and step in a few words.</summary>
    public required string Name { get; init; }

    public required NetworkShape Shape { get; init; }

    /// <summary>The loss by name.</summary>
    public required string Loss { get; init; }

    /// <summary>X, one sample a row (n, d_0).</summary>
    public required Matrix Inputs { get; init; }

    /// <summary>Of the data under the squared loss, 1/(2n) ||Y - P X||_F^2; null for another loss.</summary>
    public SecondMoments? Moments { get; init; }

    /// <summary>The data were drawn at random, targets without regard to inputs.</summary>
    public bool Generic { get; init; }

    /// <summary>Null for a fully connected network.</summary>
    public ConstrainedLayers? Constraint { get; init; }

    /// <summary>What descent moved, where there is a constraint.</summary>
    public Coordinates Coordinates { get; init; }

    public required double Eta { get; init; }

    /// <summary>The bases of an aligned start; null where the start was not made in any.</summary>
    public AlignedBases? Bases { get; init; }

    /// <summary>The step counts at which the run was looked at, ascending from 0.</summary>
    public required IReadOnlyList<long> Steps { get; init; }

    /// <summary>The operators W (P) at these steps, of constrained layers too.</summary>
    public required IReadOnlyList<double[]> States { get; init; }

    /// <summary>
    /// The same run by projected descent on the operators, W &lt;- W - eta P_S(grad), at the same steps, where it was made.
    /// </summary>
    public IReadOnlyList<double[]>? Projected { get; init; }

    /// <summary>log R at the steps.</summary>
    public required IReadOnlyList<double> LogRisks { get; init; }

    public required RunEnd End { get; init; }

    /// <summary>n.</summary>
    public int Count => Inputs.Rows;

    /// <summary>Whether the data allow alignment to be an invariant; null where the loss is not squared.</summary>
    internal DataAlignment? Condition => Moments is null ? null : DataAlignment.Of(Moments);

    /// <summary>The modes of the aligned start by the scalar recursion; null where they do not decouple.</summary>
    internal AlignedModes? Modes =>
        Bases is { } bases && Condition is { } data ? AlignedModes.Of(data, Count, bases, States[0]) : null;
}
