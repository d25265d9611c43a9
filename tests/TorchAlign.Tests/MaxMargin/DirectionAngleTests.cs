using TorchAlign.MaxMargin;
using TorchAlign.Numerics;

namespace TorchAlign.Tests.MaxMargin;

public class DirectionAngleTests
{
    /// <summary>An angle of known size, down to where 1 - cos is 1e-30: far below what 1 minus a dot product resolves.</summary>
    [Theory]
    [InlineData(1e-1)]
    [InlineData(1e-6)]
    [InlineData(1e-10)]
    [InlineData(1e-14)]
    public void Small_angles_keep_their_relative_accuracy(double angle)
    {
        var measured = DirectionAngle.Between([3 * Math.Cos(angle), 3 * Math.Sin(angle), 0], [1, 0, 0]);
        Assert.Equal(1, measured.Sine / Math.Sin(angle), 1e-9);
        Assert.Equal(1, measured.Radians / angle, 1e-9);
        Assert.Equal(1, measured.OneMinusCosine / (2 * Math.Pow(Math.Sin(angle / 2), 2)), 1e-9);
    }

    [Fact]
    public void Opposite_and_orthogonal_vectors()
    {
        Assert.Equal(2, DirectionAngle.Between([-5, 0], [1, 0]).OneMinusCosine, 1e-15);
        Assert.Equal(1, DirectionAngle.Between([0, 5], [1, 0]).OneMinusCosine, 1e-15);
    }

    [Fact]
    public void A_direction_that_is_not_quite_a_unit_vector_does_no_harm()
    {
        var random = new RandomStream(3);
        for (var trial = 0; trial < 100; trial++)
        {
            var direction = Enumerable.Range(0, 20).Select(_ => random.NextGaussian()).ToArray();
            var norm = Math.Sqrt(direction.Sum(x => x * x)) * (1 + 1e-15);
            for (var i = 0; i < direction.Length; i++) direction[i] /= norm;
            Assert.True(DirectionAngle.Between(direction.Select(x => 1e8 * x).ToArray(), direction).OneMinusCosine < 1e-30);
        }
    }
}
