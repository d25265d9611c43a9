using FsCheck;
using FsCheck.Fluent;
using TorchAlign.Alignment;
using TorchAlign.Networks;
using TorchAlign.Networks.Constraints;
using TorchAlign.Numerics;

namespace TorchAlign.Tests.Alignment;

public class AlignedSvdTests
{
    private static readonly Arbitrary<(int Seed, int[] Widths)> Networks =
        (from seed in Gen.Choose(0, int.MaxValue - 1)
         from depth in Gen.Choose(1, 5)
         from widths in Gen.Choose(1, 7).ArrayOf(depth + 1)
         select (seed, widths)).ToArbitrary();

    /// <summary>Whatever ties, zeros and signs the diagonals have: singular values from a handful of numbers.</summary>
    [Fact]
    public void CommonBasesAreFoundWhereTheyExist() => Prop.ForAll(Networks, network =>
    {
        var random = new RandomStream(network.Seed);
        var bases = Random(network.Widths, random);
        double[] values = [0, 1, 1, 2, -1, 0.5, 1e-3];
        var state = bases.State((_, _) => values[random.NextInt32(values.Length)]);
        var found = AlignedSvd.Of(bases.Shape, state);
        Assert.InRange(found.Residual, 0, 1e-11);
        Assert.InRange(found.LeastResidual, 0, 1e-14);
    }).Holds(120);

    /// <summary>Singular values over many orders: the squares of the small ones would be rounding beside those of the large.</summary>
    [Fact]
    public void SmallSingularValuesAreNotLost() =>
        Prop.ForAll(Networks, network => KeepsSmallValues(network.Seed, network.Widths)).Holds(120);

    /// <summary>Found among some thousands: their modes have a place each, but not in the first order that is tried.</summary>
    [Theory]
    [InlineData(641531691, new[] { 2, 7, 7, 6, 4 })]
    [InlineData(2115854553, new[] { 5, 5, 6, 5, 3 })]
    public void ModesFindTheirPlaces(int seed, int[] widths) => KeepsSmallValues(seed, widths);

    [Fact]
    public void GenericNetworksHaveNone() => Prop.ForAll(Networks, network =>
    {
        var shape = new NetworkShape(network.Widths);
        var found = AlignedSvd.Of(shape, Initialization.Gaussian(shape, 1, new RandomStream(network.Seed)));
        Assert.True(found.LeastResidual <= found.Residual + 1e-13);
        // Through a width of 1 any two layers share their basis.
        if (shape.Widths.Skip(1).Take(shape.Depth - 1).All(width => width == 1)) Assert.InRange(found.Residual, 0, 1e-13);
        else Assert.InRange(found.LeastResidual, 1e-10, 1); // the least of 60,000 was 5e-7
    }).Holds(120);

    /// <summary>Its tied pairs decide nothing alone: the rotations by the phases of the layers below do.</summary>
    [Theory]
    [InlineData(6)]
    [InlineData(9)]
    public void CirculantNetworksAreAligned(int size)
    {
        var circulant = Pattern.Circulant(size);
        var layers = new ConstrainedLayers(circulant, circulant, circulant, circulant);
        var state = layers.Expand(layers.Gaussian(1, new RandomStream(size)));
        Assert.InRange(AlignedSvd.Of(layers.Shape, state).Residual, 0, 1e-12);
    }

    /// <summary>W_1 e_1 is lost in W_3, which sees another vector: layers share bases in pairs, but no index fits both chains.</summary>
    [Fact]
    public void PairwiseSharedBasesAreNotEnough()
    {
        var shape = new NetworkShape(1, 2, 2, 1);
        var found = AlignedSvd.Of(shape, [1, 0, 1, 0, 0, 2, 0, 1]);
        Assert.Equal(0, found.LeastResidual);
        Assert.Equal(1, found.Residual, 1e-12);
    }

    [Fact]
    public void ZeroNetworkIsAligned() => Assert.Equal(0, AlignedSvd.Of(new NetworkShape(3, 2, 4), new double[14]).Residual);

    private static void KeepsSmallValues(int seed, int[] widths)
    {
        var random = new RandomStream(seed);
        var bases = Random(widths, random);
        var state = bases.State((_, _) => Math.Pow(10, random.NextDouble(-12, 0)));
        Assert.InRange(AlignedSvd.Of(bases.Shape, state).Residual, 0, 1e-7);
    }

    private static AlignedBases Random(int[] widths, RandomStream random) => AlignedBases.Around(
        new NetworkShape(widths), Orthogonal.Random(widths[^1], random), Orthogonal.Random(widths[0], random), random);
}
