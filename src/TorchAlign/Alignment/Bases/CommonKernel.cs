using System.Numerics.Tensors;
using TorchAlign.Networks.Constraints;
using TorchAlign.Numerics;

namespace TorchAlign.Alignment;

/// <summary>
/// A 3x3 convolution, one channel to one channel, as the common start of all layers. A kernel that is its own half turn has a symmetric
/// operator, W = Q diag(lambda) Q^T: L such layers are aligned, with all bases Q.
/// </summary>
public sealed class CommonKernel
{
    private const int Taps = 9;

    private readonly double _norm;

    /// <param name="size">The image is (size, size).</param>
    /// <param name="border">Beyond it.</param>
    /// <param name="kernel">(9); of its multiples the one with ||W||_2 = <paramref name="norm"/> is taken.</param>
    /// <param name="norm">||W||_2.</param>
    public CommonKernel(int size, Border border, ReadOnlySpan<double> kernel, double norm)
        : this(Convolution.TwoDimensional(1, 1, (size, size), (3, 3), border), kernel, norm)
    {
    }

    private CommonKernel(LayerConstraint layer, ReadOnlySpan<double> kernel, double norm)
    {
        (Layer, _norm) = (layer, norm);
        var coefficients = new double[Taps];
        Layer.KernelToCoefficients(kernel, coefficients);
        TensorPrimitives.Multiply(coefficients, norm / Svd.Of(Layer.Operator(coefficients)).S[0], coefficients);
        Coefficients = coefficients;
        Operator = Layer.Operator(coefficients);
    }

    public LayerConstraint Layer { get; }

    /// <summary>In the orthonormal basis (9).</summary>
    public IReadOnlyList<double> Coefficients { get; }

    /// <summary>W (size^2, size^2).</summary>
    public Matrix Operator { get; }

    /// <summary>The same layer and norm with another kernel (9).</summary>
    public CommonKernel With(ReadOnlySpan<double> kernel) => new(Layer, kernel, _norm);

    /// <summary>The network of <paramref name="depth"/> such layers.</summary>
    public ConstrainedLayers Network(int depth) => new([.. Enumerable.Repeat(Layer, depth)]);

    /// <summary>The coefficients of <paramref name="depth"/> layers that are all W.</summary>
    public double[] Start(int depth) => [.. Enumerable.Repeat(Coefficients, depth).SelectMany(c => c)];

    /// <summary>Q for all bases; the operator must be symmetric.</summary>
    public AlignedBases Bases(int depth) => new([.. Enumerable.Repeat(SymmetricEigen.Of(Operator).Vectors, depth + 1)]);

    /// <summary>A random kernel (9) that is its own half turn: <paramref name="middle"/> in the middle, the rest N(0, spread^2).</summary>
    public static double[] Symmetric(double middle, double spread, RandomStream random)
    {
        var kernel = Any(middle, spread, random);
        for (var i = 0; i < Taps / 2; i++) kernel[Taps - 1 - i] = kernel[i];
        return kernel;
    }

    /// <summary>The same without the symmetry.</summary>
    public static double[] Any(double middle, double spread, RandomStream random)
    {
        var kernel = new double[Taps];
        random.FillGaussian(kernel);
        TensorPrimitives.Multiply(kernel, spread, kernel);
        kernel[Taps / 2] = middle;
        return kernel;
    }
}
