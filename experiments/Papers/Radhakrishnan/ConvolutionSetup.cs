using TorchAlign.Alignment;
using TorchAlign.Data;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Networks.Constraints;
using TorchAlign.Numerics;

namespace TorchAlign.Experiments.Papers;

/// <summary>
/// Networks of L layers that start from one kernel, constrained (under projected descent) or free; or, where the user asks for no
/// alignment, from an independent kernel in every layer. The mean squared loss, and one step for all of them, so that their paths compare.
/// </summary>
internal sealed class ConvolutionSetup
{
    private readonly bool _aligned;
    private readonly int _depth;
    private readonly RegressionSet _data;
    private readonly double[][]? _kernels;

    /// <param name="aligned">Whether all layers start as one kernel.</param>
    /// <param name="step">The step for data, widths and a start, and where it comes from.</param>
    /// <param name="depth">L.</param>
    /// <param name="common">The layer that all networks start from, for the step.</param>
    /// <param name="data">What the product is to fit.</param>
    /// <param name="independent">Draws a kernel (9) for each layer of a random start.</param>
    public ConvolutionSetup(
        bool aligned, StepChooser step, int depth, CommonKernel common, RegressionSet data, Func<double[]> independent)
    {
        (_aligned, _depth, _data) = (aligned, depth, data);
        Moments = SecondMoments.Of(data);
        if (!aligned) _kernels = [.. Enumerable.Range(0, depth).Select(_ => independent())];
        var network = common.Network(depth);
        Step = step(Moments, network.Shape, network.Expand(StartOf(common)));
    }

    public SecondMoments Moments { get; }

    public (double Eta, string Why) Step { get; }

    /// <summary>The convolutions themselves.</summary>
    public DescendingNetwork Constrained(string name, CommonKernel kernel)
    {
        var network = kernel.Network(_depth);
        return new DescendingNetwork
        {
            Name = name,
            Shape = network.Shape,
            Field = gradients => gradients.OfSamples(network, _data, Risk),
            Start = StartOf(kernel),
            Weights = state => network.Expand(state),
            Bases = Bases(kernel),
            Rate = Step.Eta,
        };
    }

    /// <summary>Free matrices that start as these convolutions.</summary>
    public DescendingNetwork Free(string name, CommonKernel kernel)
    {
        var network = kernel.Network(_depth);
        return Free(name, network.Shape, network.Expand(StartOf(kernel)), Bases(kernel));
    }

    /// <summary>Free matrices in bases that the data allow to keep, with the singular values that the convolution starts with.</summary>
    public DescendingNetwork FreeInDataBases(string name, CommonKernel kernel, RandomStream random)
    {
        var shape = kernel.Network(_depth).Shape;
        var bases = AlignedBases.FromData(shape, Moments, random);
        var values = Numerics.Svd.Of(kernel.Operator).S;
        var start = bases.State((_, j) => values[j]);
        return Free(name, shape, start, bases) with
        {
            Modes = () => AlignedModes.Of(DataAlignment.Of(Moments), Moments.Count, bases, start),
        };
    }

    private DescendingNetwork Free(string name, NetworkShape shape, double[] start, AlignedBases? bases) => new()
    {
        Name = name,
        Shape = shape,
        Field = gradients => gradients.OfSamples(shape, _data, Risk),
        Start = start,
        Bases = bases,
        Rate = Step.Eta,
    };

    private static SquaredLoss Risk(RegressionSet data) => SquaredLoss.Mean(SecondMoments.Of(data));

    private AlignedBases? Bases(CommonKernel kernel) => _aligned ? kernel.Bases(_depth) : null;

    private double[] StartOf(CommonKernel kernel) => _kernels is null
        ? kernel.Start(_depth)
        : [.. _kernels.SelectMany(other => kernel.With(other).Coefficients)];
}

/// <summary>The step for data, widths and a start, and where it comes from.</summary>
internal delegate (double Eta, string Why) StepChooser(SecondMoments moments, NetworkShape shape, ReadOnlySpan<double> start);
