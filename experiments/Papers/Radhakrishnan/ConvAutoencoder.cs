using TorchAlign.Alignment;
using TorchAlign.Data;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Experiments.Settings;
using TorchAlign.Networks.Constraints;
using TorchAlign.Numerics;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Papers;

/// <summary>
/// One image autoencoded by three 3x3 convolutions [RNBU, section 5]. Y = X allows alignment as an invariant of free layers; layers
/// that are constrained lose it, even though they start aligned.
/// </summary>
/// <remarks>
/// As the authors', all layers start as one convolution whose kernel is its own half turn, so that its operator, that of torch's conv2d
/// without a bias, is symmetric and the layers are aligned. Free layers keep an alignment only if the image is among its singular
/// vectors too; so there are two companions, one from the convolutions' start and one in the image's bases with the same singular values.
/// </remarks>
internal sealed class ConvAutoencoder() : InvarianceExperiment("conv-autoencoder", """
    One image autoencoded by three 3x3 convolutions: they lose the alignment they start with; free layers in the image's bases keep it.

    Example: torchalign paper rnbu conv-autoencoder --image 0
    """, 100_000)
{
    /// <summary>||W_k(0)||_2; the network that is sought is the identity on the image.</summary>
    private const double StartNorm = 0.5;

    private readonly DigitImages _digits = new();
    private readonly Setting<int> _image = Declare.Count("--image", 0, "Which image of the training set, from 0.", least: 0);
    private readonly Setting<int> _depth = Declare.Count("--depth", 3, "How many layers.", most: SettingsCheck.MostLayers);

    protected override InvarianceSetup Setup()
    {
        var (index, depth) = (_image.Value, _depth.Value);
        var images = _digits.First(index + 1);
        var shape = images.Image!.Value;
        if (shape.Height != shape.Width) throw new CommandException($"The images are {shape}; they must be square.");
        var image = new Matrix(1, images.Dimension, images.X.Row(index).ToArray());
        var data = new RegressionSet($"{images.Name}, image {index}", image, image);

        var random = RandomStream.Named(Seed, "start");
        var kernel = CommonKernel.Symmetric(random.NextGaussian(), 1, random);
        var zero = new CommonKernel(shape.Height, Border.Zero, kernel, StartNorm);
        var circular = new CommonKernel(shape.Height, Border.Circular, kernel, StartNorm);
        var setup = new ConvolutionSetup(Aligned, Step, depth, zero, data, () => CommonKernel.Any(random.NextGaussian(), 1, random));
        var networks = new List<DescendingNetwork>
        {
            setup.Constrained("zero padding", zero),
            setup.Constrained("circular padding", circular),
            setup.Free("fully connected from the same start", zero),
        };
        if (Aligned) networks.Add(setup.FreeInDataBases("fully connected in the image's bases", zero, random));
        return new InvarianceSetup
        {
            Title = "Alignment of convolutional layers that autoencode an image",
            Statement = $"One image of {shape.Height}x{shape.Width} pixels is autoencoded by {depth} layers from {StartWords} "
                + "start: by 3x3 convolutions with zero and with circular padding, and by free matrices.",
            Data = new DataIdentity(data.Name, data.Hash),
            Networks = networks,
            Facts =
            [
                ("data", $"{data.Name}, ‖x‖² = {Numbers.Short(setup.Moments.InputMoments.FrobeniusNorm)}"),
                InvarianceSentences.Condition("Y = X", DataAlignment.Of(setup.Moments)),
                ("dimension of a layer", $"{zero.Layer.Dimension} of {Numbers.Count((long)images.Dimension * images.Dimension)}"),
                ("step", $"{Numbers.Short(setup.Step.Eta)}: {setup.Step.Why}"),
            ],
            Found = runs => string.Join("; ", runs.Select(InvarianceSentences.Bases)) + ".",
        };
    }
}
