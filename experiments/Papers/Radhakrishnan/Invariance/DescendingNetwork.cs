using TorchAlign.Alignment;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;

namespace TorchAlign.Experiments.Papers;

/// <summary>A network of an experiment before it runs.</summary>
internal sealed record DescendingNetwork
{
    /// <summary>As charts and tables call it.</summary>
    public required string Name { get; init; }

    /// <summary>Of the operators W_1, ..., W_L.</summary>
    public required NetworkShape Shape { get; init; }

    /// <summary>The gradient; a function, because fields hold scratch memory that only a run needs.</summary>
    public required Func<GradientSource, IVectorField> Field { get; init; }

    /// <summary>The state of the field at the start.</summary>
    public required double[] Start { get; init; }

    /// <summary>W_1, ..., W_L (P) of a state of the field; the state itself where the layers are free.</summary>
    public Func<double[], double[]> Weights { get; init; } = state => state;

    /// <summary>The common bases of an aligned start; null where the start is random.</summary>
    public required AlignedBases? Bases { get; init; }

    /// <summary>The step of descent.</summary>
    public required double Rate { get; init; }

    /// <summary>The least loss that the network's product can have; NaN where that is not known.</summary>
    public double Least { get; init; } = double.NaN;

    /// <summary>What the scalar recursion predicts of it; null where alignment is no invariant of it.</summary>
    public Func<AlignedModes>? Modes { get; init; }

    /// <summary>Numbers that are trained.</summary>
    public int Parameters => Start.Length;

    /// <summary>A network whose layers are free.</summary>
    public static DescendingNetwork Free(
        string name, NetworkShape shape, IProductLoss loss, double[] start, AlignedBases? bases, double rate) => new()
        {
            Name = name,
            Shape = shape,
            Field = gradients => gradients.OfProduct(shape, loss),
            Start = start,
            Bases = bases,
            Rate = rate,
        };
}
