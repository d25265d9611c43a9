using TorchAlign.Alignment;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Tests.Alignment;

/// <summary>Layers in their bases, and with one basis exchanged: which exchange is seen by which measure.</summary>
public class InnerInvarianceTests
{
    private static readonly NetworkShape Shape = new(6, 5, 4, 3);

    [Fact]
    public void OuterBasesMayTurnAndInnerOnesMayNot()
    {
        var random = new RandomStream(3);
        var bases = Bases(random);
        var other = Bases(random);
        double Value(int layer, int mode) => 1 + layer + 0.3 * mode;
        var start = bases.State(Value);
        var all = Invariance.Of(bases, start);
        Assert.All(InnerInvariance.OffDiagonalShares(bases, start), share => Assert.True(share <= 1e-14));
        for (var turned = 0; turned <= Shape.Depth; turned++)
        {
            var moved = new AlignedBases([.. bases.Bases.Select((basis, k) => k == turned ? other.Bases[k] : basis)]).State(Value);
            var shares = InnerInvariance.OffDiagonalShares(bases, moved);
            var whole = all.OffDiagonalShares(moved);
            for (var k = 0; k < Shape.Depth; k++)
            {
                var touched = k == turned || k == turned - 1;
                var inner = touched && turned > 0 && turned < Shape.Depth;
                Assert.Equal(touched, whole[k] > 0.1);
                Assert.Equal(inner, shares[k] > 0.01);
                if (!inner) Assert.True(shares[k] <= 1e-14);
            }
        }
    }

    [Fact]
    public void OneLayerHasNoInnerBases()
    {
        var random = new RandomStream(4);
        var bases = new AlignedBases([Bases(random).Bases[2], Bases(random).Bases[2]]);
        Assert.Equal([0], InnerInvariance.OffDiagonalShares(bases, Initialization.Gaussian(bases.Shape, 1, random)));
    }

    private static AlignedBases Bases(RandomStream random)
    {
        var shape = new NetworkShape([3, .. Shape.Widths, 3]);
        var around = AlignedBases.Around(shape, Matrix.Identity(3), Matrix.Identity(3), random);
        return new AlignedBases([.. around.Bases.Skip(1).Take(Shape.Depth + 1)]);
    }
}
