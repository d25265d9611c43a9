using TorchAlign.Data;

namespace TorchAlign.Tests.Data;

public class LabelledSetTests
{
    [Fact]
    public void Signed_points_are_labels_times_points_over_the_largest_norm()
    {
        var set = new LabelledSet("two", [3, 4, 1, 0], [-1, 1]);
        SignedPoints z = set.ToSignedPoints();
        Assert.Equal(5, z.Scale);
        Assert.Equal([-0.6, -0.8, 0.2, 0], z.Z);
        var margins = new double[2];
        z.Margins([1, 0], margins);
        Assert.Equal([-0.6, 0.2], margins);
    }

    [Theory]
    [InlineData(1e200)]
    [InlineData(1e-200)]
    [InlineData(1e-320)]
    public void Scaling_survives_the_ends_of_float64(double size)
    {
        var z = new SignedPoints([3 * size, 0, 0, 4 * size], 2, 2);
        Assert.Equal(0.75, z.Z[0], 1e-3);
        Assert.Equal(1, z.Z[3]);
        Assert.Equal(4, z.Scale / size, 1e-3);
    }

    [Fact]
    public void Hash_depends_on_every_bit_label_and_shape()
    {
        string hash = new LabelledSet("a", [1, 2, 3, 4], [1, -1]).Hash;
        Assert.Equal(64, hash.Length);
        Assert.Equal(hash, new LabelledSet("b", [1, 2, 3, 4], [1, -1]).Hash);
        Assert.NotEqual(hash, new LabelledSet("a", [1, 2, 3, Math.BitIncrement(4)], [1, -1]).Hash);
        Assert.NotEqual(hash, new LabelledSet("a", [1, 2, 3, 4], [-1, 1]).Hash);
        Assert.NotEqual(hash, new LabelledSet("a", [1, 2, 3, 4], [1, -1, 1, -1]).Hash);
    }

    [Fact]
    public void What_cannot_be_used_is_refused_with_its_reason()
    {
        Assert.Contains("no points", Assert.Throws<DataException>(() => new LabelledSet("s", [], [])).Message);
        Assert.Contains("equal dimension", Assert.Throws<DataException>(() => new LabelledSet("s", [1, 2, 3], [1, -1])).Message);
        Assert.Contains("label 1 is 0", Assert.Throws<DataException>(() => new LabelledSet("s", [1, 2], [1, 0])).Message);
        Assert.Contains("point 1, feature x1", Assert.Throws<DataException>(() => new LabelledSet("s", [1, double.NaN], [1, -1])).Message);
        Assert.Contains("All points are 0",
            Assert.Throws<DataException>(() => new LabelledSet("s", [0, 0], [1, -1]).ToSignedPoints()).Message);
    }
}
