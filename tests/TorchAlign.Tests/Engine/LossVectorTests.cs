using TorchAlign.Losses;

namespace TorchAlign.Tests.Engine;

/// <summary>
/// The vectorised sums of the losses against their scalar definitions, at every length of the last vector.
/// </summary>
public class LossVectorTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(37)]
    public void AgreeWithTheScalarFunctions(int n)
    {
        var random = new Random(n);
        foreach (var loss in MarginLoss.All)
            foreach (var (low, high) in new[] { (-3.0, 3.0), (-50, 50), (30, 45), (36.9, 37.1), (-1e5, 1e5), (1e8, 1e8 + 30), (0, 1e-9) })
            {
                double[] margins = [.. Enumerable.Range(0, n).Select(_ => low + (high - low) * random.NextDouble())];
                var weights = new double[n];
                var logRisk = loss.LogRiskAndWeights(margins, weights);
                var logs = margins.Select(loss.LogValue).ToArray();
                var largest = logs.Max();
                var logSum = largest + Math.Log(logs.Sum(log => Math.Exp(log - largest)));
                Assert.Equal(logSum - Math.Log(n), logRisk, 4e-15 * (1 + Math.Abs(logSum)));
                for (var i = 0; i < n; i++)
                {
                    var expected = Math.Exp(loss.LogSlope(margins[i]) - logSum);
                    // The scalar formula itself carries eps of its logarithms.
                    Assert.Equal(expected, weights[i], expected * (4e-15 + 1e-15 * Math.Abs(logSum)) + 1e-300);
                }
            }
    }

    [Fact]
    public void AWeightDoesNotDependOnItsPlace()
    {
        double[] margins = [0.3, -2, 40, 5, 0.3, 11, -7, 1, 9, 0.3, 0.3];
        foreach (var loss in MarginLoss.All)
        {
            var weights = new double[margins.Length];
            loss.LogRiskAndWeights(margins, weights);
            Assert.Equal(weights[0], weights[4]);
            Assert.Equal(weights[0], weights[9]);
            Assert.Equal(weights[0], weights[10]);
        }
    }

    [Fact]
    public void PartsJoinByTheirShifts()
    {
        double[] margins = [800, 3, -4, 900, 1e4, 37, 38, 36];
        foreach (var loss in MarginLoss.All)
        {
            var whole = loss.LogRiskAndWeights(margins, new double[margins.Length]);
            var slopes = new double[4];
            var first = Math.Log(loss.ShiftedSlopes(margins.AsSpan(0, 4), slopes, out var shift)) - shift;
            var second = Math.Log(loss.ShiftedSlopes(margins.AsSpan(4, 4), slopes, out shift)) - shift;
            Assert.Equal(whole, LogDomain.LogAddExp(first, second) - Math.Log(8), 1e-14);
        }
    }
}
