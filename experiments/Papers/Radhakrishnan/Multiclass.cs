using System.CommandLine;
using TorchAlign.Alignment;
using TorchAlign.Data;
using TorchAlign.Experiments.Options;
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
    private readonly HiddenWidths _hidden = new("1024-64");
    private readonly Option<int> _images = Opt.Default("--images", 256, "How many images, the first of the training set.");

    protected override void AddTo(Command command)
    {
        _digits.AddTo(command);
        command.Add(_images);
        _hidden.AddTo(command);
    }

    protected override InvarianceSetup Prepare(ParseResult parsed, DescentSettings settings)
    {
        var images = _digits.First(parsed, parsed.GetValue(_images));
        var hidden = _hidden.Of(parsed);
        var data = images.ToRegression();
        var shape = new NetworkShape([data.Inputs, .. hidden, data.Outputs]);
        var moments = SecondMoments.Of(data);
        var whitened = SecondMoments.Of(Whitened(data));

        var random = new RandomStream(settings.Seed);
        var values = new double[shape.Depth][];
        for (var k = 0; k < shape.Depth; k++)
            values[k] = [.. Enumerable.Range(0, Math.Min(shape.Rows(k), shape.Columns(k))).Select(_ => random.NextDouble())];
        var bases = settings.Aligned ? AlignedBases.FromSingularVectors(shape, data, random) : null;
        var (dataAlignment, whitenedAlignment) = (DataAlignment.Of(moments), DataAlignment.Of(whitened));
        var whitenedBases = settings.Aligned
            ? AlignedBases.Around(shape, whitenedAlignment.Left, whitenedAlignment.Right, random)
            : null;
        var gaussian = settings.Aligned ? null : Initialization.Gaussian(shape, 0.5, random);
        double[] Start(AlignedBases? of) => of?.State((k, j) => values[k][j]) ?? gaussian!;

        var step = StepSource.CrossEntropy(settings, moments);
        var squared = SquaredLoss.Mean(whitened);
        var whitenedStep = StepSource.Squared(settings, whitened, shape, Start(whitenedBases));
        return new InvarianceSetup
        {
            Title = "Alignment under cross-entropy, and under the squared loss on whitened images",
            Statement = $"A linear network {shape} classifies {images.Count} images by cross-entropy from {settings.StartWords} start. "
                + "Beside it the same network under the squared loss on the same images, whitened, which makes alignment an invariant "
                + "whatever the labels.",
            Data = new DataIdentity(images.Name, images.Hash),
            Options = new { Images = images.Count, Data = images.Name, Hidden = hidden },
            Subjects =
            [
                Subject.Free("cross-entropy", shape, new CrossEntropyLoss(data), Start(bases), bases, step.Eta),
                Subject.Free("squared loss on whitened images", shape, squared, Start(whitenedBases), whitenedBases, whitenedStep.Eta) with
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
                Wording.Condition("images", dataAlignment),
                Wording.Condition("whitened images", whitenedAlignment),
                ("step, cross-entropy", $"{Numbers.Short(step.Eta)}: {step.Why}"),
                ("step, squared loss", $"{Numbers.Short(whitenedStep.Eta)}: {whitenedStep.Why}"),
                ("least squared loss", $"{Numbers.Short(squared.Least)}: no linear map fits the labels better"),
            ],
            Measured = new { Data = Wording.Measured(dataAlignment), WhitenedData = Wording.Measured(whitenedAlignment) },
            Found = runs => $"{Wording.Bases(runs[0])}; {Wording.Bases(runs[1])}, the least being {Numbers.Short(squared.Least)}.",
        };
    }

    /// <summary>The images times (X X^T / n)^(-1/2) on the span of the images: X X^T becomes n times a projection.</summary>
    internal static RegressionSet Whitened(RegressionSet data)
    {
        var svd = Svd.Of(data.X);
        var cut = Math.Max(data.X.Rows, data.X.Columns) * Math.ScaleB(svd.S[0], -52);
        var rank = svd.S.Count(value => value > cut);
        var whitened = Math.Sqrt(data.Count) * svd.U.ColumnRange(0, rank).TimesTransposed(svd.V.ColumnRange(0, rank));
        return new RegressionSet($"{data.Name}, whitened", whitened, data.Y);
    }
}
