using TorchAlign.Alignment;
using TorchAlign.Data;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Networks.Constraints;
using TorchAlign.Numerics;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Papers;

/// <summary>
/// A 9x9 matrix as a product of ten 3x3 convolutions of 3x3 images [RNBU, section 5]: layers that are constrained lose an alignment
/// that free layers keep from the same start. Circular convolutions are the exception: all of them are diagonal in the Fourier basis.
/// </summary>
/// <remarks>
/// All layers start as one convolution with a symmetric operator W = Q diag(lambda) Q^T, and the target is A = Q diag(a) Q^T, a_j
/// uniform in [0.5, 1.5]: X = I, and A shares the bases of the start, so that nothing but the constraint can move them. The operator is
/// that of torch's conv2d without a bias, whose rows are the output's pixels, and not its transpose. With zero padding a half turn J of the
/// image makes J W J = W^T; so, up to rounding, descent from this start keeps every kernel its own half turn and W_{L+1-k} = W_k
/// (derived), and ten layers have 25 numbers, four of them scales, for the 25 of A: their loss need not fall to 0.
/// </remarks>
internal sealed class ConvFactorisation() : InvarianceExperiment("conv-factorisation", """
    A 9x9 matrix as a product of ten 3x3 convolutions: constrained layers lose the alignment that free ones keep from the same start.

    Example: torchalign paper rnbu conv-factorisation --depth 10
    """, 200_000)
{
    private const int Size = 3;

    /// <summary>||W_k(0)||_2: below (min a)^(1/L) for ten layers, as the explicit rate asks.</summary>
    private const double StartNorm = 0.9;

    /// <summary>Near the identity, so that the product of ten layers is far from 0.</summary>
    private const double Spread = 0.1;

    private readonly Setting<int> _depth = Declare.Count("--depth", 10, "How many layers.");

    protected override InvarianceSetup Setup()
    {
        int depth = _depth;
        var random = RandomStream.Named(Seed, "problem");
        var kernel = CommonKernel.Symmetric(1, Spread, random);
        var zero = new CommonKernel(Size, Border.Zero, kernel, StartNorm);
        var circular = new CommonKernel(Size, Border.Circular, kernel, StartNorm);
        var eigen = SymmetricEigen.Of(zero.Operator);
        double[] values = [.. eigen.Values.Select(_ => random.NextDouble(0.5, 1.5))];
        var (q, diagonal) = (eigen.Vectors, Matrix.Diagonal(values.Length, values.Length, values));
        var target = q * diagonal.TimesTransposed(q);
        var data = new RegressionSet($"Q diag(a) Q^T, seed {Seed}", Matrix.Identity(target.Rows), target.Transpose());
        var setup = new ConvolutionSetup(Aligned, Step, depth, zero, data, () => CommonKernel.Any(1, Spread, random));
        // A product of circulants is one, so the nearest circulant bounds the loss from below.
        var nearest = (target - circular.Layer.Project(target)).FrobeniusNorm;
        var leastCircular = nearest * nearest / (2 * data.Count);
        return new InvarianceSetup
        {
            Title = "Alignment of convolutional layers that factor a matrix",
            Statement = $"A {target.Rows}x{target.Rows} matrix is factored by {depth} layers from {StartWords} start that is a "
                + "3x3 convolution in every layer: by convolutions with zero padding, by free matrices from the very same start, and by "
                + "convolutions with circular padding.",
            Data = new DataIdentity(data.Name, data.Hash),
            Networks =
            [
                setup.Constrained("zero padding", zero),
                setup.Free("fully connected", zero) with
                {
                    Modes = Aligned ? () => Modes(eigen.Values, values, depth) : null,
                },
                setup.Constrained("circular padding", circular) with { Least = leastCircular },
            ],
            Facts =
            [
                ("target", $"A = Q diag(a) Qᵀ, a from {Numbers.Short(values.Min())} to {Numbers.Short(values.Max())}, Q of the start"),
                InvarianceSentences.Condition("X = I", DataAlignment.Of(setup.Moments)),
                ("dimension of a layer", $"{zero.Layer.Dimension} of {target.Rows * target.Rows}"),
                ("distance of A from one such layer", $"{Numbers.Short(zero.Layer.Violation(target))} of its norm with zero padding, "
                    + $"{Numbers.Short(circular.Layer.Violation(target))} with circular padding"),
                ("least loss, circular", $"{Numbers.Short(leastCircular)}: products of circulants are circulants"),
                ("step", $"{Numbers.Short(setup.Step.Eta)}: {setup.Step.Why}"),
            ],
            Measured = new { LeastLossOfCirculants = leastCircular },
            Found = runs =>
                $"{string.Join("; ", runs.Select(InvarianceSentences.Bases))}. "
                + $"The least loss of circulants is {Numbers.Short(leastCircular)}.",
        };
    }

    /// <summary>Of the free network: X = I makes b_j = 1, and all layers start with the eigenvalues of the kernel's operator.</summary>
    private static AlignedModes Modes(double[] start, double[] target, int depth) =>
        new(target, [.. target.Select(_ => 1.0)], target.Length, [.. Enumerable.Repeat(start, depth)]);
}
