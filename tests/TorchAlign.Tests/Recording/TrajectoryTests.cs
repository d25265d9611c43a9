using System.Globalization;
using TorchAlign.Alignment;
using TorchAlign.Networks;
using TorchAlign.Recording;

namespace TorchAlign.Tests.Recording;

public sealed class TrajectoryTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ValuesParseBackToTheSameBits()
    {
        var shape = NetworkShape.Uniform(2, 3, 5);
        var observation = Samples.Observation(3, 2);
        var row = Write([shape], ("L3", observation)).Single();

        Assert.Equal("L3", row["network"]);
        Assert.Equal("3", row["step"]);
        Assert.Equal("7", row["evaluations"]);
        var expected = new Dictionary<string, double>
        {
            ["clock"] = observation.Clock,
            ["log_t"] = observation.LogTime,
            ["log10_risk"] = observation.LogRisk / Math.Log(10),
            ["log10_gradient_norm"] = observation.LogGradientNorm / Math.Log(10),
            ["one_minus_cosine"] = observation.OneMinusCosine,
            ["angle_times_norm"] = observation.AngleTimesNorm,
            ["direction_margin"] = observation.DirectionMargin,
            ["normalized_margin"] = observation.NormalizedMargin,
            ["smoothed_margin"] = observation.SmoothedMargin,
            ["product_norm"] = observation.ProductNorm,
            ["product_alignment"] = observation.ProductAlignment,
            ["first_right_alignment"] = observation.FirstRightAlignment,
            ["dual_weight_distance"] = observation.DualWeightDistance,
            ["balancedness_drift"] = observation.BalancednessDrift,
        };
        for (var k = 1; k <= 3; k++)
        {
            expected[$"norm_{k}"] = observation.FrobeniusNorms[k - 1];
            expected[$"spectral_ratio_{k}"] = observation.SpectralRatios[k - 1];
            expected[$"rank_one_residual_{k}"] = observation.RankOneResiduals[k - 1];
            if (k < 3) expected[$"adjacent_alignment_{k}"] = observation.AdjacentAlignments[k - 1];
            if (k < 3) expected[$"w_{k}"] = observation.Product[k - 1];
        }
        Assert.Equal(expected.Keys.Order(), row.Keys.Except(["network", "step", "evaluations"]).Order());
        foreach (var (name, value) in expected)
            Assert.Equal(BitConverter.DoubleToInt64Bits(value), BitConverter.DoubleToInt64Bits(Parse(row[name])));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(-0.0)]
    public void NonFiniteValuesRoundTrip(double value)
    {
        var row = Write([NetworkShape.Uniform(2, 1, 1)], ("L1", Samples.Observation(1, 2) with { OneMinusCosine = value }))
            .Single();
        Assert.Equal(value, Parse(row["one_minus_cosine"]));
        Assert.Equal(double.IsNegative(value), double.IsNegative(Parse(row["one_minus_cosine"])));
    }

    [Fact]
    public void ShallowNetworksLeaveTheColumnsOfDeepOnesEmpty()
    {
        var rows = Write([NetworkShape.Uniform(2, 1, 1), NetworkShape.Uniform(2, 4, 3)],
            ("L1", Samples.Observation(1, 2)), ("L4", Samples.Observation(4, 2)));
        Assert.Equal("", rows[0]["norm_2"]);
        Assert.Equal("", rows[0]["adjacent_alignment_1"]);
        Assert.NotEqual("", rows[1]["norm_4"]);
        Assert.NotEqual("", rows[1]["adjacent_alignment_3"]);
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(4, false)]
    public void TheProductIsWrittenForFewInputsOnly(int inputs, bool written)
    {
        var row = Write([NetworkShape.Uniform(inputs, 2, 2)], ("L2", Samples.Observation(2, inputs))).Single();
        Assert.Equal(written, row.ContainsKey("w_1"));
    }

    [Fact]
    public void EveryColumnHasAMeaning() =>
        Assert.All(new TrajectoryTable(NetworkIdentity.ByDepth([NetworkShape.Uniform(2, 4, 3)])).Columns,
            column => Assert.NotEqual("", column.Meaning));

    [Fact]
    public void CellsThatNeedQuotesGetThem()
    {
        using (var table = new TableWriter(_folder["t.csv"], [new Column("a", ""), new Column("b", "")]))
            table.Append(["x,\"y\"", "1"]);
        Assert.Equal("a,b\n\"x,\"\"y\"\"\",1\n", File.ReadAllText(_folder["t.csv"]));
    }

    [Fact]
    public void RowsAreInTheFileBeforeItIsClosed()
    {
        using var run = RunFolder.Create(_folder["run"], Samples.Description(NetworkShape.Uniform(2, 1, 1)));
        for (var i = 1; i <= 1000; i++)
        {
            run.Append("L1", Samples.Observation(1, 2, i));
            if (i % 250 != 0) continue;
            using var reader = new StreamReader(
                new FileStream(run.PathOf("trajectory.csv"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            var text = reader.ReadToEnd();
            Assert.EndsWith("\n", text);
            Assert.Equal(i + 1, text.Count(c => c == '\n'));
        }
    }

    private List<Dictionary<string, string>> Write(NetworkShape[] shapes, params (string, Observation)[] rows)
    {
        using (var run = RunFolder.Create(_folder["run"], Samples.Description(shapes)))
            foreach (var (network, observation) in rows)
                run.Append(network, observation);
        var lines = File.ReadAllLines(_folder["run/trajectory.csv"]);
        var header = lines[0].Split(',');
        Assert.Equal(header.Length, header.Distinct().Count());
        return [.. lines.Skip(1).Select(line => header.Zip(line.Split(',')).ToDictionary(p => p.First, p => p.Second))];
    }

    private static double Parse(string cell) => double.Parse(cell, CultureInfo.InvariantCulture);
}
