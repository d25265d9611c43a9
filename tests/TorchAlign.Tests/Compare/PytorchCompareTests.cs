using System.Text.Json;
using TorchAlign.Tests.Bench;

namespace TorchAlign.Tests.Compare;

/// <summary>The command as users run it, on runs of figure 1's data; each takes seconds, since both sides compute.</summary>
public sealed class PytorchCompareTests : IDisposable
{
    private readonly Commands.Program _program = new();

    public void Dispose() => _program.Dispose();

    [PythonTwinFact]
    public void AThousandStepsOfConstantDescentAgreeToTheLastBit()
    {
        var report = Compare(1000, "--method", "descent", "--rule", "constant", "--init", "gaussian", "--scale", "1",
            "--depth", "4");
        Assert.Equal("torchalign.compare/1", report.GetProperty("schema").GetString());
        var comparisons = report.GetProperty("comparisons").EnumerateArray().ToArray();
        Assert.Equal(["sequential", "autograd", "fused", "fused"],
            comparisons.Select(one => one.GetProperty("ours").GetString()));
        foreach (var comparison in comparisons)
        {
            Assert.Equal(1000, comparison.GetProperty("steps").GetInt64());
            // A run that stands still would prove nothing.
            var first = comparison.GetProperty("logRiskFirst").GetDouble();
            Assert.True(comparison.GetProperty("logRiskLast").GetDouble() < first - 1);
        }
        foreach (var comparison in comparisons[..2])
        {
            Assert.Equal(1001, comparison.GetProperty("points").GetInt32());
            var bitwise = comparison.GetProperty("bitwise").GetBoolean();
            Assert.Equal(report.GetProperty("sameLibtorch").GetBoolean(), bitwise);
            if (bitwise)
                Assert.All(comparison.GetProperty("deviations").EnumerateArray(), deviation =>
                {
                    Assert.Equal(0, deviation.GetProperty("differingNumbers").GetInt64());
                    Assert.Equal(0, deviation.GetProperty("largest").GetDouble());
                });
        }
    }

    [PythonTwinTheory]
    [InlineData("--method", "descent", "--rule", "assumption5", "--loss", "logistic")]
    [InlineData("--method", "descent", "--rule", "loss-scaled", "--loss", "exponential")]
    public void EveryStepRuleHasATwin(params string[] train)
    {
        var report = Compare(200, [.. train, "--init", "gaussian", "--scale", "1", "--depth", "2"]);
        Assert.Equal(4, report.GetProperty("comparisons").GetArrayLength());
    }

    [PythonTwinFact]
    public void TheFlowAndItsDiagnosticsHaveTwins()
    {
        var report = Compare(10, "--depth", "1,2");
        var comparisons = report.GetProperty("comparisons").EnumerateArray().ToArray();
        Assert.True(comparisons.First(one => Twin(one) == "figure1.py").GetProperty("points").GetInt32() > 10);
        var diagnostics = comparisons.Last(one => Twin(one) == "diagnostics.py").GetProperty("deviations");
        string[] measured = [.. diagnostics.EnumerateArray().Select(one => one.GetProperty("quantity").GetString()!)];
        foreach (var quantity in (string[])
            ["spectral_ratio", "adjacent_alignment", "balancedness_drift", "direction_margin", "one_minus_cosine"])
            Assert.Contains(quantity, measured);
    }

    private static string? Twin(JsonElement comparison) => comparison.GetProperty("twin").GetString();

    [Theory]
    [InlineData("compare pytorch", "--case")]
    [InlineData("compare pytorch run --case figure1", "one of them")]
    [InlineData("compare pytorch --case mnist", "mnist")]
    [InlineData("compare pytorch --case figure1 --steps 0", "--steps")]
    [InlineData("compare pytorch --case figure1 --threads 0", "--threads")]
    [InlineData("compare pytorch nothing-here", "nothing-here")]
    public void BadUsageIsOneClearLine(string line, string says)
    {
        var result = _program.Run(line.Split(' '));
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(says, result.Error);
        Assert.Equal("", result.Output);
    }

    /// <summary>Trains a short run and compares it; the report, which must say that all is met.</summary>
    private JsonElement Compare(int steps, params string[] train)
    {
        var run = _program.Run(["train", .. train, "--steps", "20", "--out", "run"]);
        Assert.True(run.ExitCode == 0, run.Error);
        var result = _program.RunApart("compare", "pytorch", "run", "--steps", $"{steps}", "--json");
        Assert.True(result.ExitCode == 0, result.Error + result.Output);
        using var report = JsonDocument.Parse(result.Output);
        Assert.True(report.RootElement.GetProperty("met").GetBoolean());
        return report.RootElement.Clone();
    }
}
