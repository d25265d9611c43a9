using System.Text.Json;
using Spectre.Console;
using TorchAlign.Experiments.Bench;

namespace TorchAlign.Tests.Bench;

/// <summary>One round of the smallest problems, which all tests here read.</summary>
public sealed class TinyBench : IAsyncLifetime
{
    internal BenchReport Report { get; private set; } = null!;

    public async Task InitializeAsync() => Report =
        await BenchRun.Run(BenchReportTests.Tiny("40x2", "figure1", AssumptionFiveBench.Name), CancellationToken.None);

    public Task DisposeAsync() => Task.CompletedTask;
}

public class BenchReportTests(TinyBench bench) : IClassFixture<TinyBench>
{
    internal static BenchSettings Tiny(params string[] cases) => new()
    {
        Cases = cases,
        Rounds = 1,
        Threads = 1,
        Seed = 7,
        DescentSteps = 1000,
        TwinSample = TimeSpan.FromMilliseconds(1),
        OurSample = TimeSpan.FromMilliseconds(1),
        WarmUp = TimeSpan.Zero,
        TwinFlowSteps = 200,
        Progress = _ => { },
    };

    [Fact]
    public void JsonHasItsSchemaAndWhatWasAskedForAlone()
    {
        var json = JsonDocument.Parse(bench.Report.ToJson()).RootElement;
        Assert.Equal("torchalign.bench/1", json.GetProperty("schema").GetString());
        Assert.NotEmpty(json.GetProperty("machine").GetProperty("cpu").GetString()!);
        Assert.Equal(1, json.GetProperty("ours").GetProperty("threads").GetInt32());
        var descent = Assert.Single(json.GetProperty("descent").EnumerateArray());
        Assert.Equal("40x2", descent.GetProperty("name").GetString());
        Assert.Equal((40, 2), (descent.GetProperty("points").GetInt32(), descent.GetProperty("dimension").GetInt32()));
        Assert.True(descent.GetProperty("check").GetProperty("passed").GetBoolean());
        var ours = descent.GetProperty("secondsPerStep").GetProperty("ours");
        Assert.True(ours.GetProperty("median").GetDouble() > 0);
        Assert.Equal(1, ours.GetProperty("rounds").GetArrayLength());
        // Without Python the ratios are null and the reason is there.
        var hasTwin = json.GetProperty("python").ValueKind != JsonValueKind.Null;
        Assert.Equal(hasTwin, descent.GetProperty("ratios").GetProperty("eager").ValueKind == JsonValueKind.Object);
        Assert.Equal(hasTwin, json.GetProperty("pythonProblem").ValueKind == JsonValueKind.Null);
        Assert.Equal(1000, json.GetProperty("assumptionFive").GetProperty("steps").GetInt64());
        Assert.True(json.GetProperty("assumptionFive").GetProperty("stepsPerSecond").GetDouble() > 0);
        foreach (var name in (string[])["costs", "memory"]) Assert.Equal(0, json.GetProperty(name).GetArrayLength());
    }

    [Fact]
    public void FlowReachesItsTargetsInOrder()
    {
        var flow = Assert.Single(bench.Report.Flow);
        double[] seconds = [.. flow.Targets.Select(target => target.Seconds.Median)];
        Assert.Equal(seconds.Order(), seconds);
        Assert.Equal(1e-15, flow.Targets[^1].OneMinusCosine);
        Assert.InRange(flow.BalancednessDrift, 0, 1e-9);
        Assert.InRange(flow.AngleTimesNorm / flow.PredictedAngleTimesNorm!.Value, 0.99, 1.01);
        // 200 steps of plain descent come nowhere near.
        Assert.All(flow.Targets, target => Assert.Null(target.PythonSeconds));
    }

    [Fact]
    public void TablesSayWhatIsMissingAndWhy()
    {
        var report = bench.Report;
        var alone = report with
        {
            Python = null,
            PythonProblem = "No python3 with torch was found [here].",
            Descent =
            [
                .. report.Descent.Select(result => result with
                {
                    SecondsPerStep = result.SecondsPerStep with { Eager = null, Collapsed = null },
                    Ratios = result.Ratios with { Eager = null, Collapsed = null },
                }),
            ],
        };
        foreach (var shown in (BenchReport[])[report, alone])
        {
            var text = new StringWriter();
            var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text), Ansi = AnsiSupport.No });
            console.Profile.Width = 200;
            BenchTables.Print(shown, console);
            Assert.Contains("2-2-2", text.ToString());
            Assert.Contains("1e-12", text.ToString());
            if (shown.PythonProblem is { } problem) Assert.Contains(problem, text.ToString());
        }
    }

    [Theory]
    [InlineData(99.0, true, 1)]
    [InlineData(99.0, false, 0)]
    [InlineData(100.0, true, 0)]
    [InlineData(double.NaN, true, 1)]
    public void AGoalThatIsNotMetIsAFailureUnlessNobodyJudges(double ratio, bool judged, int status)
    {
        var fast = Spread.Of([1e-9]);
        var report = bench.Report with
        {
            Judged = judged,
            Descent =
            [
                .. bench.Report.Descent.Select(result => result with
                {
                    Goal = 100,
                    Ratios = result.Ratios with { Eager = Spread.Of([ratio]) },
                }),
            ],
            Flow = [.. bench.Report.Flow.Select(flow => flow with
            {
                Targets = [.. flow.Targets.Select(target => target with { Seconds = fast })],
            })],
        };
        var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text), Ansi = AnsiSupport.No });
        console.Profile.Width = 200;
        Assert.Equal(status, BenchCommand.Tell(report, json: false, console));
        Assert.Equal(status == 1, text.ToString().Contains("goal not met: 40x2, eager / ours"));
        Assert.Equal(!judged, text.ToString().Contains("Goals not judged"));
        var goals = JsonDocument.Parse(report.ToJson()).RootElement.GetProperty("goals").EnumerateArray();
        Assert.Equal(ratio >= 100, goals.First().GetProperty("met").GetBoolean());
    }

    [Fact]
    public void GoalsHoldWhereTheyAreReachedExactly()
    {
        Assert.True(new BenchGoal("", 2, 2, AtLeast: true).Met);
        Assert.True(new BenchGoal("", 2, 2, AtLeast: false).Met);
        Assert.False(new BenchGoal("", 2.1, 2, AtLeast: false).Met);
        Assert.False(new BenchGoal("", double.NaN, 2, AtLeast: false).Met);
    }

    [Fact]
    public async Task CancellingEndsIt()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        var settings = Tiny("40x2") with { OurSample = TimeSpan.FromMinutes(10) };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => BenchRun.Run(settings, stop.Token));
    }
}
