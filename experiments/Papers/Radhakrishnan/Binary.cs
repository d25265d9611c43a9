using TorchAlign.Alignment;
using TorchAlign.Data;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Papers;

/// <summary>
/// Two classes, one output, squared loss [RNBU, section 4]: from a rank-one aligned start, alignment between the layers is an invariant
/// for any data, although V_1 turns. The companion learns the same classes with two outputs, and loses it.
/// </summary>
/// <remarks>
/// As the authors', V_1 and U_L are the singular vectors of Y X^T, the classes are the digits below 5 and the rest, and the targets 1 and
/// 0. The rank of the start is the number of outputs.
/// </remarks>
internal sealed class Binary() : InvarianceExperiment("binary", """
    Two classes, one output, squared loss: alignment between the layers is kept for any data; with two outputs it is lost.

    Example: torchalign paper rnbu binary --images 8
    """, 200_000)
{
    /// <summary>Digits below it are one class.</summary>
    private const int Split = 5;

    private readonly DigitImages _digits = new();
    private readonly Setting<int> _images = Declare.Count("--images", 8, "How many images, the first of the training set.");
    private readonly Setting<int[]> _hidden = Declare.HiddenWidths("4");

    protected override InvarianceSetup Setup()
    {
        var images = _digits.First(_images);
        if (images.Labels.All(label => label < Split) || images.Labels.All(label => label >= Split))
            throw new CommandException(
                $"The first {images.Count} images are all of one class (digits below {Split}, or not); take more with --images.");
        var random = RandomStream.Named(Seed, "start");
        var (one, oneStep, oneData) = Build("one output", Targets(images, outputs: 1));
        var (two, twoStep, twoData) = Build("two outputs", Targets(images, outputs: 2));
        return new InvarianceSetup
        {
            Title = "Alignment with one output and with two",
            Statement = $"A linear network {one.Shape} tells {images.Count} images of two classes apart under the squared loss, from "
                + $"{StartWords} start{(Aligned ? " of rank one" : "")}. Beside it the same network with two outputs.",
            Data = new DataIdentity(images.Name, images.Hash),
            Networks = [one, two],
            Facts =
            [
                ("data", $"{images.Name}: n = {images.Count}, d = {images.Dimension}; digits below {Split} against the rest"),
                InvarianceSentences.Condition("one output", oneData),
                InvarianceSentences.Condition("two outputs", twoData),
                ("step, one output", $"{Numbers.Short(oneStep.Eta)}: {oneStep.Why}"),
                ("step, two outputs", $"{Numbers.Short(twoStep.Eta)}: {twoStep.Why}"),
            ],
            Measured = new { OneOutput = InvarianceSentences.Measured(oneData), TwoOutputs = InvarianceSentences.Measured(twoData) },
            Found = runs => Aligned
                ? $"{InvarianceSentences.InnerBases(runs[0])}, while the first singular vector v₁ turns by {Angle(runs[0])}; "
                    + $"{InvarianceSentences.InnerBases(runs[1])}."
                : $"{InvarianceSentences.Bases(runs[0])}; {InvarianceSentences.Bases(runs[1])}.",
        };

        (DescendingNetwork Network, (double Eta, string Why) Step, DataAlignment Data) Build(string name, RegressionSet data)
        {
            var shape = new NetworkShape([data.Inputs, .. _hidden.Value, data.Outputs]);
            var moments = SecondMoments.Of(data);
            var cross = Svd.Of(moments.CrossMoments, full: true);
            var bases = Aligned ? AlignedBases.Around(shape, cross.U, cross.V, random) : null;
            var values = Enumerable.Range(0, shape.Depth)
                .Select(_ => Enumerable.Range(0, shape.Outputs).Select(_ => random.NextDouble()).ToArray()).ToArray();
            var start = bases?.State((k, j) => j < shape.Outputs ? values[k][j] : 0) ?? Initialization.Gaussian(shape, 0.5, random);
            var step = Step(moments, shape, start);
            var loss = SquaredLoss.Mean(moments);
            var subject = DescendingNetwork.Free(name, shape, loss, start, bases, step.Eta) with { Least = loss.Least };
            return (subject, step, DataAlignment.Of(moments));
        }
    }

    /// <summary>1 and 0 in one column, or in a column for each class.</summary>
    private static RegressionSet Targets(ClassifiedSet images, int outputs)
    {
        var targets = new Matrix(images.Count, outputs);
        for (var i = 0; i < images.Count; i++)
        {
            var low = images.Labels[i] < Split;
            if (outputs == 1) targets[i, 0] = low ? 1 : 0;
            else targets[i, low ? 0 : 1] = 1;
        }
        return new RegressionSet(images.Name, images.X, targets);
    }

    /// <summary>Between v_1 at the start and at the end, in degrees.</summary>
    private static string Angle(NetworkDescent run)
    {
        var shape = run.Network.Shape;
        double[] First(double[] weights) => [.. Svd.Of(LinearProduct.Layer(shape, weights, 0)).V.ColumnRange(0, 1).Values];
        var (before, after) = (First(run.Network.Start), First(run.Final));
        var cosine = Math.Abs(before.Zip(after, (a, b) => a * b).Sum());
        return Numbers.Short(Math.Acos(Math.Min(1, cosine)) * 180 / Math.PI) + "°";
    }
}
