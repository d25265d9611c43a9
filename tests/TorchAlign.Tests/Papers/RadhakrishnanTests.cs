using System.CommandLine;
using TorchAlign.Alignment;
using TorchAlign.Data;
using TorchAlign.Experiments;
using TorchAlign.Experiments.Papers;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Tests.Papers;

/// <summary>What the experiments must show, on the digits at small caps: who keeps the bases it started in and who does not.</summary>
public class RadhakrishnanTests
{
    private const double Kept = 1e-12;
    private const double Lost = 1e-3;

    [Fact]
    public void AutoencodingConvolutionsLoseWhatFreeLayersInTheImagesBasesKeep()
    {
        var runs = Run<ConvAutoencoder>("--steps 200");
        Assert.Equal(
            ["zero padding", "circular padding", "fully connected from the same start", "fully connected in the image's bases"],
            runs.Select(Name));
        Assert.True(runs[0].Worst(sample => sample.OffDiagonal) > Lost);
        Assert.True(runs[1].Worst(sample => sample.OffDiagonal) <= Kept);
        Assert.True(runs[2].Worst(sample => sample.OffDiagonal) > Lost);
        Assert.True(runs[3].Worst(sample => sample.OffDiagonal) <= Kept);
        Assert.True(runs[3].Worst(sample => sample.RecursionError) <= Kept);
        Assert.Equal(["step-limit", "step-limit", "loss-below", "loss-below"], runs.Select(run => run.End.Name));
        // The same matrices, constrained and free.
        Assert.Equal(runs[0].Samples[0].Loss, runs[2].Samples[0].Loss, 1e-12);
        Assert.Equal(runs[0].Network.Weights(runs[0].Network.Start), runs[2].Network.Start);
    }

    [Fact]
    public void FactorisingConvolutionsLoseWhatFreeLayersFromTheSameStartKeep()
    {
        var runs = Run<ConvFactorisation>("--steps 400");
        Assert.Equal(["zero padding", "fully connected", "circular padding"], runs.Select(Name));
        Assert.True(runs[0].Worst(sample => sample.OffDiagonal) > Lost);
        Assert.True(runs[1].Worst(sample => sample.OffDiagonal) <= Kept);
        Assert.True(runs[1].Worst(sample => sample.RecursionError) <= Kept);
        Assert.True(runs[2].Worst(sample => sample.OffDiagonal) <= Kept);
        Assert.All(runs[2].Samples, sample => Assert.True(sample.Loss >= runs[2].Network.Least * (1 - 1e-12)));
        Assert.Equal(runs[0].Network.Weights(runs[0].Network.Start), runs[1].Network.Start);
    }

    [Fact]
    public void OneOutputKeepsItsInnerBasesAndTwoDoNot()
    {
        var runs = Run<Binary>("");
        Assert.All(runs, run => Assert.Equal("loss-below", run.End.Name));
        Assert.True(runs[0].Worst(sample => sample.InnerOffDiagonal) <= Kept);
        Assert.Equal(1, runs[0].Last.Score, 1e-12);
        Assert.True(runs[0].Worst(sample => sample.OffDiagonal) > Lost); // v_1 turns
        Assert.True(runs[1].Worst(sample => sample.InnerOffDiagonal) > Lost);
    }

    [Fact]
    public void ClassesLoseWhatWhitenedImagesKeep()
    {
        var runs = Run<Multiclass>("--images 60 --hidden 20-12 --steps 300");
        Assert.True(runs[0].Worst(sample => sample.OffDiagonal) > Lost);
        Assert.True(runs[1].Worst(sample => sample.OffDiagonal) <= Kept);
        Assert.True(runs[1].Worst(sample => sample.RecursionError) <= Kept);
        Assert.All(runs[1].Samples, sample => Assert.True(sample.Loss >= runs[1].Network.Least * (1 - 1e-12)));
    }

    /// <summary>At their own steps all descents are monotone, from aligned starts and from random ones.</summary>
    [Theory]
    [InlineData("aligned")]
    [InlineData("random")]
    public void LossesFall(string start)
    {
        var descent = $"--steps 60 --every 1 --start {start}";
        NetworkDescent[] runs =
        [
            .. Run<Multiclass>($"--images 40 --hidden 12-11 {descent}"), .. Run<Binary>(descent), .. Run<ConvFactorisation>(descent),
            .. Run<ConvAutoencoder>(descent),
        ];
        foreach (var run in runs)
        {
            for (var i = 1; i < run.Samples.Count; i++)
                Assert.True(run.Samples[i].Loss <= run.Samples[i - 1].Loss, $"{Name(run)}, step {run.Samples[i].Step}");
            Assert.Equal(start == "random", run.Last.Inner is null);
        }
    }

    [Fact]
    public void AStepThatIsFarTooLargeEndsWithAName()
    {
        var run = Run<ConvFactorisation>("--lr 100 --steps 1000")[1];
        Assert.Equal("non-finite", run.End.Name);
        Assert.True(double.IsFinite(run.Last.Loss));
    }

    [Fact]
    public void TheStepIsTheExplicitRateWhereTheTheoryHasOne()
    {
        var random = new RandomStream(1);
        double[] a = [1.7, 0.9, 0.4];
        var data = new RegressionSet("diagonal", Matrix.Identity(3), Matrix.Diagonal(3, 3, a));
        var shape = new NetworkShape(3, 4, 5, 3);
        var moments = SecondMoments.Of(data);
        var bases = AlignedBases.FromData(shape, moments, random);
        var start = bases.State(0.3);
        var modes = AlignedModes.Of(DataAlignment.Of(moments), data.Count, bases, start);
        Assert.Equal(modes.LargestStep, ExplicitRate.Squared(moments, shape, start).Eta, 1e-12);
        Assert.All(Run<Binary>("--lr 0.01 --steps 1"), run => Assert.Equal(0.01, run.Network.Rate));
    }

    [Fact]
    public void WhitenedMomentsAreAProjection()
    {
        var random = new RandomStream(2);
        var x = new Matrix(9, 5);
        random.FillGaussian(x.Values);
        for (var i = 0; i < x.Rows; i++) x[i, 4] = x[i, 0] - 2 * x[i, 1];
        var moments = SecondMoments.Of(new RegressionSet("x", x, x).Whitened());
        Assert.Equal(4, moments.Rank);
        Assert.All(moments.Eigen.Values[1..], value => Assert.Equal(9, value, 1e-12));
        Assert.Equal(0, moments.Eigen.Values[0], 1e-12);
    }

    [Theory]
    [InlineData("--lr -1", "--lr")]
    [InlineData("--to 0", "--to")]
    [InlineData("--steps 0", "--steps")]
    [InlineData("--every 0", "--every")]
    [InlineData("--hidden 4-x", "--hidden")]
    [InlineData("--images 0", "image")]
    [InlineData("--images 1", "--images")]
    [InlineData("--mnist nowhere", "nowhere")]
    public void BadOptionsAreNamed(string options, string mentions)
    {
        var error = Assert.Throws<CommandException>(() => Run<Binary>(options));
        Assert.Contains(mentions, error.Message);
    }

    [Fact]
    public void HelpHasAnExampleThatParses()
    {
        foreach (var command in (Command[])
            [
                PaperExperiment.Build<Multiclass>(), PaperExperiment.Build<Binary>(), PaperExperiment.Build<ConvFactorisation>(),
                PaperExperiment.Build<ConvAutoencoder>(),
            ])
        {
            var example = command.Description!.Split('\n').Single(line => line.StartsWith("Example: ", StringComparison.Ordinal)).Trim();
            var start = $"Example: torchalign paper rnbu {command.Name} ";
            Assert.StartsWith(start, example);
            Assert.Empty(command.Parse(example[start.Length..]).Errors);
        }
    }

    private static string Name(NetworkDescent run) => run.Network.Name;

    internal static NetworkDescent[] Run<TExperiment>(string options, GradientSource? gradients = null)
        where TExperiment : InvarianceExperiment, new()
    {
        var experiment = PaperExperiment.Prepared<TExperiment>(options);
        experiment.Gradients = gradients ?? GradientSource.Managed;
        return [.. experiment.Jobs.Select(network => experiment.Do(network, JobRun.Alone()))];
    }
}
