using TorchAlign.Numerics;

namespace TorchAlign.Tests.Data;

public class RandomStreamTests
{
    // From a Python transcription of the published algorithms.
    [Theory]
    [InlineData(7, new ulong[] { 1021219803524665661, 3174977118032272916, 13236943193235544178, 7880630202246103356 })]
    [InlineData(-1, new ulong[] { 6254647548650071986, 16610832622747802512 })]
    public void Stream_is_xoshiro256_plus_plus_seeded_by_splitmix64(long seed, ulong[] expected)
    {
        var stream = new RandomStream(seed);
        Assert.Equal(expected, expected.Select(_ => stream.NextUInt64()));
    }

    // SHA-256 of the name as its documentation says, by Python's hashlib, through a transcription of xoshiro256++.
    [Theory]
    [InlineData(7, "start", new long[] { 2, 0 }, new ulong[] { 10497142665266568033, 11070437042448140068, 16569056336526338821 })]
    [InlineData(-1, "données", new long[] { }, new ulong[] { 15389154805625081662, 16130693508783004688, 11318590699208172115 })]
    public void Named_streams_are_hashes_of_their_names(long seed, string purpose, long[] indices, ulong[] expected)
    {
        var stream = RandomStream.Named(seed, purpose, indices);
        Assert.Equal(expected, expected.Select(_ => stream.NextUInt64()));
    }

    /// <summary>Neighbours in seed, purpose or index share no number and are uncorrelated, as seeds that are counted up are not.</summary>
    [Fact]
    public void Named_streams_of_neighbours_are_independent()
    {
        const int Length = 10_000;
        double[][] streams =
        [
            .. from seed in (long[])[7, 8]
               from purpose in (string[])["start", "start2", "data"]
               from index in (long[][])[[], [0], [1], [2, 3], [3, 2]]
               select Numbers(RandomStream.Named(seed, purpose, index)),
        ];
        Assert.Equal(streams.Length * Length, streams.SelectMany(stream => stream).Distinct().Count());
        for (var i = 0; i < streams.Length; i++)
            for (var j = 0; j < i; j++)
                // A correlation has the deviation 1 / sqrt(10,000).
                Assert.InRange(12 * streams[i].Zip(streams[j], (a, b) => (a - 0.5) * (b - 0.5)).Average(), -0.05, 0.05);

        static double[] Numbers(RandomStream stream) => [.. Enumerable.Range(0, Length).Select(_ => stream.NextDouble())];
    }

    [Fact]
    public void Uniform_numbers_fill_the_unit_interval()
    {
        var stream = new RandomStream(1);
        double[] values = [.. Enumerable.Range(0, 100_000).Select(_ => stream.NextDouble())];
        Assert.All(values, v => Assert.InRange(v, 0, Math.BitDecrement(1)));
        Assert.Equal(0.5, values.Average(), 0.005);
        Assert.Equal(1.0 / 12, values.Average(v => (v - 0.5) * (v - 0.5)), 0.002);
    }

    [Fact]
    public void Gaussian_numbers_have_the_moments_of_the_normal_law()
    {
        var stream = new RandomStream(2);
        double[] values = [.. Enumerable.Range(0, 200_000).Select(_ => stream.NextGaussian())];
        Assert.Equal(0, values.Average(), 0.01);
        Assert.Equal(1, values.Average(v => v * v), 0.02);
        Assert.Equal(3, values.Average(v => v * v * v * v), 0.1);
    }

    [Fact]
    public void Integers_are_even_over_their_range()
    {
        var stream = new RandomStream(3);
        var counts = new int[7];
        for (int i = 0; i < 70_000; i++) counts[stream.NextInt32(7)]++;
        Assert.All(counts, c => Assert.InRange(c, 9_500, 10_500));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.NextInt32(0));
    }

    [Fact]
    public void Equal_seeds_give_equal_streams_and_others_do_not()
    {
        double[] a = new double[50], b = new double[50], c = new double[50];
        new RandomStream(4).FillGaussian(a);
        new RandomStream(4).FillGaussian(b);
        new RandomStream(5).FillGaussian(c);
        Assert.Equal(a, b);
        Assert.NotEqual(a, c);
    }
}
