using TorchAlign.Alignment;
using TorchAlign.Data;
using TorchAlign.Losses;
using TorchAlign.Networks.Constraints;

namespace TorchAlign.Experiments.Papers.Radhakrishnan;

/// <summary>
/// Networks of L layers that start from one kernel, constrained or free; or, where the user asks for no alignment, from an independent kernel in every
/// layer. One step for all of them, so that their paths compare.
/// </summary>
internal sealed class ConvolutionSetup
{
    private readonly DescentSettings _settings;
    private readonly int _depth;
    private readonly SquaredLoss _loss;
    private readonly double[][]? _kernels;

    /// <param name="settings">The seed, the start and a step.</param>
    /// <param name="depth">L.</param>
    /// <param name="common">The layer that all networks start from, for the step.</param>
    /// <param name="loss">Of the product.</param>
    /// <param name="independent">Draws a kernel (9) for each layer of a random start.</param>
    public ConvolutionSetup(DescentSettings settings, int depth, CommonKernel common, SquaredLoss loss, Func<double[]> independent)
    {
        (_settings, _depth, _loss) = (settings, depth, loss);
        if (!settings.Aligned) _kernels = [.. Enumerable.Range(0, depth).Select(_ => independent())];
        var network = common.Network(depth);
        Step = StepChoice.Squared(settings, loss.Moments, network.Shape, network.Expand(StartOf(common)));
    }

    public StepChoice Step { get; }

    /// <summary>The convolutions themselves.</summary>
    public Subject Constrained(string name, CommonKernel kernel) =>
        Subject.Constrained(name, kernel.Network(_depth), _loss, StartOf(kernel), Bases(kernel), Step.Eta);

    /// <summary>Free matrices that start as these convolutions.</summary>
    public Subject Free(string name, CommonKernel kernel)
    {
        var network = kernel.Network(_depth);
        return Subject.Free(name, network.Shape, _loss, network.Expand(StartOf(kernel)), Bases(kernel), Step.Eta);
    }

    /// <summary>Free matrices in bases that the data allow to keep, with the singular values that the convolution starts with.</summary>
    public Subject FreeInDataBases(string name, CommonKernel kernel, RandomStream random)
    {
        var shape = kernel.Network(_depth).Shape;
        var bases = AlignedBases.FromData(shape, _loss.Moments, random);
        var values = Numerics.Svd.Of(kernel.Operator).S;
        return Subject.Free(name, shape, _loss, bases.State((_, j) => values[j]), bases, Step.Eta);
    }

    private AlignedBases? Bases(CommonKernel kernel) => _settings.Aligned ? kernel.Bases(_depth) : null;

    private double[] StartOf(CommonKernel kernel) => _kernels is null
        ? kernel.Start(_depth)
        : [.. _kernels.SelectMany(other => kernel.With(other).Coefficients)];
}
