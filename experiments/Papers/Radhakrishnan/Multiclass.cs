using TorchAlign.Alignment;
using TorchAlign.Data;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Papers;

/// <summary>
/// Ten classes, three layers, cross-entropy [RNBU, section 4]: classification data with several outputs break the condition under which
/// alignment can be an invariant. The companion has the same widths, labels and start on whitened images under the squared loss, where
/// the condition holds for any labels.
/// </summary>
/// <remarks>
/// The authors start from V_1, the left singular vectors of X, and U_L, those of Y, with singular values uniform in (0, 1), and
/// identities between the layers; here the inner bases are random, which changes nothing but the coordinates of the hidden units. X and
/// Y are the transposes of the batches: a batch (n, d) reshaped to (d, n) would mix pixels of different images, and its singular
/// vectors would be those of other data. The digits keep the authors' hidden widths, 1024 and 64: a step stays cheap at 64 inputs.
/// </remarks>
internal sealed class Multiclass() : InvarianceExperiment("multiclass", """
    Ten classes, three layers, cross-entropy: alignment is lost; on whitened images under the squared loss the same network keeps it.

    Example: torchalign paper rnbu multiclass --images 256
    """, 100_000)
{
    private readonly DigitImages _digits = new();
    private readonly Setting<int> _images = Declare.Count("--images", 256, "How many images, the first of the training set.");
    private readonly Setting<int[]> _hidden = Declare.HiddenWidths("1024-64");

    protected override InvarianceSetup Setup()
    {
        var images = _digits.First(_images);
        var data = images.ToRegression();
        var shape = new NetworkShape([data.Inputs, .. _hidden.Value, data.Outputs]);
        var moments = SecondMoments.Of(data);
        var whitened = SecondMoments.Of(data.Whitened());

        var random = RandomStream.Named(Seed, "start");
        var values = new double[shape.Depth][];
        for (var k = 0; k < shape.Depth; k++)
            values[k] = [.. Enumerable.Range(0, Math.Min(shape.Rows(k), shape.Columns(k))).Select(_ => random.NextDouble())];
        var bases = Aligned ? AlignedBases.FromSingularVectors(shape, data, random) : null;
        var (dataAlignment, whitenedAlignment) = (DataAlignment.Of(moments), DataAlignment.Of(whitened));
        var whitenedBases = Aligned
            ? AlignedBases.Around(shape, whitenedAlignment.Left, whitenedAlignment.Right, random)
            : null;
        var gaussian = Aligned ? null : Initialization.Gaussian(shape, 0.5, random);
        double[] Start(AlignedBases? of) => of?.State((k, j) => values[k][j]) ?? gaussian!;

        var step = CrossEntropyStep(moments);
        var squared = SquaredLoss.Mean(whitened);
        var whitenedStep = Step(whitened, shape, Start(whitenedBases));
        return new InvarianceSetup
        {
            Title = "Alignment under cross-entropy, and under the squared loss on whitened images",
            Statement = $"A linear network {shape} classifies {images.Count} images by cross-entropy from {StartWords} start. "
                + "Beside it the same network under the squared loss on the same images, whitened, which makes alignment an invariant "
                + "whatever the labels.",
            Data = new DataIdentity(images.Name, images.Hash),
            Networks =
            [
                DescendingNetwork.Free("cross-entropy", shape, new CrossEntropyLoss(data), Start(bases), bases, step.Eta),
                DescendingNetwork.Free(
                    "squared loss on whitened images", shape, squared, Start(whitenedBases), whitenedBases, whitenedStep.Eta) with
                {
                    Least = squared.Least,
                    Modes = whitenedBases is { } kept
                        ? () => AlignedModes.Of(whitenedAlignment, whitened.Count, kept, Start(kept))
                        : null,
                },
            ],
            Facts =
            [
                ("data", $"{images.Name}: n = {data.Count}, d = {data.Inputs}, rank {moments.Rank}"),
                InvarianceSentences.Condition("images", dataAlignment),
                InvarianceSentences.Condition("whitened images", whitenedAlignment),
                ("step, cross-entropy", $"{Numbers.Short(step.Eta)}: {step.Why}"),
                ("step, squared loss", $"{Numbers.Short(whitenedStep.Eta)}: {whitenedStep.Why}"),
                ("least squared loss", $"{Numbers.Short(squared.Least)}: no linear map fits the labels better"),
            ],
            Measured = new
            {
                Data = InvarianceSentences.Measured(dataAlignment),
                WhitenedData = InvarianceSentences.Measured(whitenedAlignment),
            },
            Found = runs => $"{InvarianceSentences.Bases(runs[0])}; {InvarianceSentences.Bases(runs[1])}, the least being "
                + $"{Numbers.Short(squared.Least)}.",
        };
    }
}
