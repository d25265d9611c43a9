using TorchAlign.Numerics;

namespace TorchAlign.Networks.Constraints;

/// <summary>In which numbers a constrained network is described and trained; see <see cref="LayerConstraint"/>.</summary>
public enum Coordinates
{
    /// <summary>Coefficients c in orthonormal bases: descent on them is projected descent on W.</summary>
    Orthonormal,

    /// <summary>Kernels theta, as torch stores them: another metric, hence another path, unless all ||A_a||_F are 1.</summary>
    Kernel,
}

/// <summary>A linear network whose layers are constrained: x -> W_L ... W_1 x with W_k in S_k. Describes, holds no weights.</summary>
public sealed class ConstrainedLayers
{
    /// <param name="layers">S_1 first.</param>
    /// <exception cref="ArgumentException">There is no layer, or one does not take what the one before it gives.</exception>
    public ConstrainedLayers(params IReadOnlyList<LayerConstraint> layers)
    {
        for (var k = 1; k < layers.Count; k++)
            if (layers[k].Columns != layers[k - 1].Rows)
                throw new ArgumentException(
                    $"Layer {k + 1}, {layers[k]}, takes {layers[k].Columns} numbers; "
                    + $"layer {k}, {layers[k - 1]}, gives {layers[k - 1].Rows}.");
        if (layers.Count == 0) throw new ArgumentException("A network needs at least one layer.", nameof(layers));
        Layers = [.. layers];
        Shape = new NetworkShape([layers[0].Columns, .. layers.Select(layer => layer.Rows)]);
        Layout = new BlockLayout([.. layers.Select(layer => layer.Dimension)]);
    }

    public IReadOnlyList<LayerConstraint> Layers { get; }

    /// <summary>Of the operators W_1, ..., W_L.</summary>
    public NetworkShape Shape { get; }

    /// <summary>Of the coefficients or kernels: m_1, ..., m_L numbers.</summary>
    public BlockLayout Layout { get; }

    /// <summary>Writes the operators (P of <see cref="Shape"/>) of the coefficients or kernels (sum m_k).</summary>
    public void Expand(ReadOnlySpan<double> state, Span<double> weights, Coordinates coordinates = Coordinates.Orthonormal)
    {
        Require(state.Length, weights.Length);
        for (var k = 0; k < Layers.Count; k++)
        {
            var layer = Layers[k];
            var block = state.Slice(Layout.Offset(k), Layout.LengthOf(k));
            if (coordinates == Coordinates.Kernel)
            {
                var coefficients = new double[block.Length];
                layer.KernelToCoefficients(block, coefficients);
                block = coefficients;
            }
            layer.Expand(block, Shape.Layer(weights, k));
        }
    }

    /// <summary>The operators (P of <see cref="Shape"/>) of the coefficients or kernels (sum m_k).</summary>
    public double[] Expand(ReadOnlySpan<double> state, Coordinates coordinates = Coordinates.Orthonormal)
    {
        var weights = new double[Shape.Length];
        Expand(state, weights, coordinates);
        return weights;
    }

    /// <summary>A gradient in the operators (P) as one in the coefficients or kernels (sum m_k).</summary>
    public void ContractGradient(ReadOnlySpan<double> weights, Span<double> gradient, Coordinates coordinates = Coordinates.Orthonormal)
    {
        Require(gradient.Length, weights.Length);
        for (var k = 0; k < Layers.Count; k++)
        {
            var block = gradient.Slice(Layout.Offset(k), Layout.LengthOf(k));
            Layers[k].Contract(Shape.Layer(weights, k), block);
            if (coordinates == Coordinates.Kernel) Layers[k].CoefficientGradientToKernel(block, block);
        }
    }

    /// <summary>The coefficients or kernels (sum m_k) of the P_S(W_k), W_k the layers of a flat state (P).</summary>
    public double[] Nearest(ReadOnlySpan<double> weights, Coordinates coordinates = Coordinates.Orthonormal)
    {
        var state = new double[Layout.Length];
        ContractGradient(weights, state);
        return coordinates == Coordinates.Kernel ? ToKernels(state) : state;
    }

    /// <summary>Of coefficients (sum m_k) the kernels.</summary>
    public double[] ToKernels(ReadOnlySpan<double> coefficients)
    {
        var kernels = coefficients.ToArray();
        for (var k = 0; k < Layers.Count; k++)
        {
            var block = kernels.AsSpan(Layout.Offset(k), Layout.LengthOf(k));
            Layers[k].CoefficientsToKernel(block, block);
        }
        return kernels;
    }

    /// <summary>Of kernels (sum m_k) the coefficients.</summary>
    public double[] ToCoefficients(ReadOnlySpan<double> kernels)
    {
        var coefficients = kernels.ToArray();
        for (var k = 0; k < Layers.Count; k++)
        {
            var block = coefficients.AsSpan(Layout.Offset(k), Layout.LengthOf(k));
            Layers[k].KernelToCoefficients(block, block);
        }
        return coefficients;
    }

    /// <summary>
    /// Independent coefficients N(0, scale^2 d_k / m_k), so that ||W_k||_F^2 is scale^2 d_k in the mean, as of a free layer.
    /// </summary>
    public double[] Gaussian(double scale, RandomStream random)
    {
        Initialization.CheckScale(scale);
        var coefficients = new double[Layout.Length];
        random.FillGaussian(coefficients);
        for (var k = 0; k < Layers.Count; k++)
            foreach (ref var c in coefficients.AsSpan(Layout.Offset(k), Layout.LengthOf(k)))
                c *= scale * Math.Sqrt((double)Shape.Rows(k) / Layers[k].Dimension);
        return coefficients;
    }

    private void Require(int state, int weights)
    {
        if (state != Layout.Length || weights != Shape.Length)
            throw new ArgumentException(
                $"The network {Shape} has {Shape.Length} weights in {Layout.Length} coordinates, not {weights} in {state}.");
    }
}
