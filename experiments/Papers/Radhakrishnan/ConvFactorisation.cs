using System.CommandLine;
using TorchAlign.Alignment;
using TorchAlign.Data;
using TorchAlign.Experiments.Commands;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Networks.Constraints;
using TorchAlign.Numerics;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Papers.Radhakrishnan;

/// <summary>
/// A 9x9 matrix as a product of ten 3x3 convolutions of 3x3 images [RNBU, section 5]: layers that are constrained lose an alignment
/// that free layers keep from the same start. Circular convolutions are the exception: all of them are diagonal in the Fourier basis.
/// </summary>
/// <remarks>
/// All layers start as one convolution with a symmetric operator W = Q diag(lambda) Q^T, and the target is A = Q diag(a) Q^T, a_j uniform in
/// [0.5, 1.5]: X = I, and A shares the bases of the start, so that nothing but the constraint can move them. The operator is that of torch's conv2d,
/// out of the image's row-major pixels; for the symmetric start it equals its transpose, later it does not. The layers have no biases.
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

    private readonly Option<int> _depth = Opt.Default("--depth", 10, "How many layers.");

    protected override void AddTo(Command command) => command.Add(_depth);

    protected override InvarianceSetup Prepare(ParseResult parsed, DescentSettings settings)
    {
        var depth = parsed.GetValue(_depth);
        if (depth < 1) throw new CommandException($"--depth must be at least 1; got {depth}.");
        var random = new RandomStream(settings.Seed);
        var kernel = CommonKernel.Symmetric(1, Spread, random);
        var zero = new CommonKernel(Size, Border.Zero, kernel, StartNorm);
        var circular = new CommonKernel(Size, Border.Circular, kernel, StartNorm);
        var eigen = SymmetricEigen.Of(zero.Operator);
        var scaled = eigen.Vectors.Copy();
        for (var j = 0; j < scaled.Columns; j++)
        {
            var value = random.NextDouble(0.5, 1.5);
            for (var i = 0; i < scaled.Rows; i++) scaled[i, j] *= value;
        }
        var target = scaled.TimesTransposed(eigen.Vectors);
        var data = new RegressionSet($"Q diag(a) Q^T, seed {settings.Seed}", Matrix.Identity(target.Rows), target.Transpose());
        var moments = SecondMoments.Of(data);
        var loss = SquaredLoss.Mean(moments);
        var setup = new ConvolutionSetup(settings, depth, zero, loss, () => CommonKernel.Any(1, Spread, random));
        var (free, conv, ring) = (setup.Free("fully connected", zero), setup.Constrained("zero padding", zero), setup.Constrained("circular padding", circular));
        // A product of circulants is one, so the nearest circulant bounds the loss from below.
        var nearest = (target - circular.Layer.Project(target)).FrobeniusNorm;
        var leastCircular = loss.Scale * nearest * nearest;
        return new InvarianceSetup
        {
            Title = "Convolutional layers lose the alignment that free layers keep",
            Statement = $"A {target.Rows}x{target.Rows} matrix is factored by {depth} layers from an {(settings.Aligned ? "aligned" : "arbitrary")} start that is a 3x3 "
                + "convolution in every layer: as convolutions with zero padding, as free matrices from the very same start, and with circular padding.",
            Data = new DataIdentity(data.Name, data.Hash),
            Options = new { Depth = depth, Spread, StartNorm },
            Subjects = [conv, free, ring with { Least = leastCircular }],
            Facts =
            [
                ("target", $"A = Q diag(a) Qᵀ, a between {Numbers.Short(Svd.Of(target).S[^1])} and {Numbers.Short(Svd.Of(target).S[0])}, Q from the start"),
                Wording.Condition("X = I", DataAlignment.Of(moments)),
                ("dimension of a layer", $"{zero.Layer.Dimension} of {target.Rows * target.Rows}"),
                ("distance of A from the constraint", $"{Numbers.Short(zero.Layer.Violation(target))} of its norm (zero), {Numbers.Short(circular.Layer.Violation(target))} (circular)"),
                ("least loss, circular", $"{Numbers.Short(leastCircular)}: products of circulants are circulants"),
                ("step", $"{Numbers.Short(setup.Step.Eta)}: {setup.Step.Why}"),
            ],
            Measured = new { LeastLossOfCirculants = leastCircular },
            Found = runs => $"{Wording.Bases(runs[0])}; {Wording.Bases(runs[1])}; {Wording.Bases(runs[2])}, the least of circulants being {Numbers.Short(leastCircular)}.",
        };
    }
}
