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
    private readonly DescentSettings _settings;
    private readonly int _depth;
    private readonly RegressionSet _data;
    private readonly double[][]? _kernels;

    /// <param name="settings">The seed, the start and a step.</param>
    /// <param name="depth">L.</param>
    /// <param name="common">The layer that all networks start from, for the step.</param>
    /// <param name="data">What the product is to fit.</param>
    /// <param name="independent">Draws a kernel (9) for each layer of a random start.</param>
    public ConvolutionSetup(DescentSettings settings, int depth, CommonKernel common, RegressionSet data, Func<double[]> independent)
    {
        (_settings, _depth, _data) = (settings, depth, data);
        Moments = SecondMoments.Of(data);
        if (!settings.Aligned) _kernels = [.. Enumerable.Range(0, depth).Select(_ => independent())];
        var network = common.Network(depth);
        Step = StepSource.Squared(settings, Moments, network.Shape, network.Expand(StartOf(common)));
    }

    public SecondMoments Moments { get; }

    public StepSource Step { get; }

    /// <summary>The convolutions themselves.</summary>
    public Subject Constrained(string name, CommonKernel kernel)
    {
        var network = kernel.Network(_depth);
        return new Subject
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
    public Subject Free(string name, CommonKernel kernel)
    {
        var network = kernel.Network(_depth);
        return Free(name, network.Shape, network.Expand(StartOf(kernel)), Bases(kernel));
    }

    /// <summary>Free matrices in bases that the data allow to keep, with the singular values that the convolution starts with.</summary>
    public Subject FreeInDataBases(string name, CommonKernel kernel, RandomStream random)
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

    private Subject Free(string name, NetworkShape shape, double[] start, AlignedBases? bases) => new()
    {
        Name = name,
        Shape = shape,
        Field = gradients => gradients.OfSamples(shape, _data, Risk),
        Start = start,
        Bases = bases,
        Rate = Step.Eta,
    };

    private static SquaredLoss Risk(RegressionSet data) => SquaredLoss.Mean(SecondMoments.Of(data));

    private AlignedBases? Bases(CommonKernel kernel) => _settings.Aligned ? kernel.Bases(_depth) : null;

    private double[] StartOf(CommonKernel kernel) => _kernels is null
        ? kernel.Start(_depth)
        : [.. _kernels.SelectMany(other => kernel.With(other).Coefficients)];
}
