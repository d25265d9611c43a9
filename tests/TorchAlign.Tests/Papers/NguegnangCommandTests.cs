using System.Text.Json;
using TorchAlign.Dynamics;
using TorchAlign.Experiments.Papers;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchAlign.Tests.Bench;

namespace TorchAlign.Tests.Papers;

/// <summary>The experiments as users run them, at small sizes: what they promise, and what they leave on disk.</summary>
public sealed class NguegnangCommandTests : IDisposable
{
    private readonly Commands.Program _program = new();

    public void Dispose() => _program.Dispose();

    [Fact]
    public void CurvesKeepTheGuarantee()
    {
        using var summary = Run("step-limit", "curves --dimension 8 --rank 4 --depth 2,4 --steps 2000", "curves.csv", "constants.csv",
            "state.npz");
        var networks = Results(summary).GetProperty("networks").EnumerateArray().ToArray();
        Assert.Equal(4, networks.Length);
        foreach (var network in networks)
        {
            Assert.True(network.GetProperty("keptGuarantee").GetBoolean());
            Assert.True(network.GetProperty("loss").GetDouble() < network.GetProperty("initialLoss").GetDouble());
            Assert.True(network.GetProperty("loss").GetDouble() >= network.GetProperty("leastLoss").GetDouble());
        }
    }

    [Fact]
    public void StepFarAboveTheBoundIsSaidToBreakTheGuarantee()
    {
        using var summary = Run("non-finite", 1, "curves --dimension 8 --rank 4 --problem identity --depth 3 --steps 2000 --lr 5");
        Assert.False(Results(summary).GetProperty("networks")[0].GetProperty("keptGuarantee").GetBoolean());
    }

    [PythonTwinFact]
    public void PytorchTwinTakesTheSameSteps()
    {
        using var summary = Run("step-limit",
            "curves --dimension 8 --rank 4 --problem random --depth 2,3 --steps 100 --above-bound 20 --compare-pytorch --threads 1");
        var pytorch = Results(summary).GetProperty("pytorch");
        Assert.All(pytorch.GetProperty("networks").EnumerateArray(), n => Assert.True(n.GetProperty("deviation").GetDouble() <= 1e-12));
        Assert.True(pytorch.GetProperty("problems")[0].GetProperty("ratio").GetDouble() > 0);
    }

    [Fact]
    public void ModesAreLearnedInOrderAtThePredictedTimes()
    {
        using var summary = Run("all-modes-learned", "saddles --dimension 5 --modes 3,1 --depth 2,3", "modes.csv", "times.csv", "flow.csv");
        foreach (var one in Results(summary).GetProperty("runs").EnumerateArray())
        {
            Assert.True(one.GetProperty("inOrder").GetBoolean());
            var aligned = one.GetProperty("start").GetString() == "aligned";
            if (!aligned && one.GetProperty("depth").GetInt32() > 2) continue;
            foreach (var mode in one.GetProperty("modes").EnumerateArray())
            {
                var predicted = mode.GetProperty("predicted").GetDouble();
                // The law is exact for aligned layers, and to first order in the start for Gaussian ones.
                Assert.Equal(1, mode.GetProperty("flow").GetDouble() / predicted, aligned ? 1e-4 : 0.02);
                Assert.Equal(1, mode.GetProperty("descent").GetDouble() / predicted, 0.05);
            }
        }
    }

    [Fact]
    public void EveryStartEndsAtTheMinimumOfItsRank()
    {
        using var summary = Run("all-as-predicted", "starts --depth 2,3 --starts 5", "starts.csv");
        foreach (var depth in Results(summary).GetProperty("depths").EnumerateArray())
        {
            Assert.Equal(5, depth.GetProperty("asPredicted").GetInt32());
            Assert.True(depth.GetProperty("largestGradientNorm").GetDouble() <= 1e-10);
            Assert.Equal(5, depth.GetProperty("kinds").GetProperty("globalMinimum").GetInt32());
        }
    }

    /// <summary>Three layers that start with rank 2 stay there: k is not known beforehand [NRT].</summary>
    [Fact]
    public void ThreeLayersOfRankTwoEndAtTheMinimumOfRankTwo()
    {
        using var summary = Run("all-as-predicted", "starts --depth 3 --starts 3 --start-rank 2");
        var depth = Results(summary).GetProperty("depths")[0];
        Assert.Equal(2, depth.GetProperty("ranks")[0].GetProperty("rank").GetInt32());
        Assert.Equal(3, depth.GetProperty("ranks")[0].GetProperty("runs").GetInt32());
        Assert.False(depth.GetProperty("kinds").TryGetProperty("globalMinimum", out _));
    }

    [Fact]
    public void DescentStaysMonotoneAboveTheBound()
    {
        using var summary = Run("measured", "slack --dimension 6 --rank 3 --depth 2,3 --seeds 2 --steps 200", "slack.csv");
        foreach (var depth in Results(summary).GetProperty("depths").EnumerateArray())
        {
            Assert.True(depth.GetProperty("monotoneOverPublished").GetProperty("least").GetDouble() >= 1);
            Assert.True(depth.GetProperty("sharpened").GetDouble() >= depth.GetProperty("published").GetDouble());
            Assert.True(depth.GetProperty("stable").GetDouble() >= depth.GetProperty("monotone").GetDouble());
        }
    }

    /// <summary>At equal t the loss is the same but for O(eta): both rules follow the flow.</summary>
    [Fact]
    public void DecreasingStepsDifferFromConstantOnesByTheirTimeAlone()
    {
        using var summary = Run("step-limit", "steps --dimension 6 --rank 3 --depth 2 --steps 20000", "steps.csv");
        var runs = Results(summary).GetProperty("runs").EnumerateArray().ToArray();
        Assert.Equal(4, runs.Length);
        Assert.All(runs, one => Assert.True(one.GetProperty("largestRise").GetDouble() <= 1e-12));
        Assert.All(runs, one => Assert.True(one.GetProperty("deviationOverTime").GetDouble() <= 0.01));
        // sum 1 / (k + 1) = log of the steps + 0.577...
        var (constant, harmonic) = (runs[0], runs[1]);
        Assert.Equal(Math.Log(20_000) + 0.5772, harmonic.GetProperty("time").GetDouble() / constant.GetProperty("eta").GetDouble(), 1e-3);
    }

    [Fact]
    public void DepthCompletesWhatIsNotSeen()
    {
        using var summary = Run("step-limit", "completion --size 30 --rank 1 --seen 350 --depth 1,3 --steps 3000", "completion.csv");
        var results = Results(summary);
        var runs = results.GetProperty("runs").EnumerateArray().ToArray();
        // One layer learns what it sees: what is left is the share of the unseen entries.
        Assert.True(runs[0].GetProperty("error").GetDouble() > 0.5);
        Assert.True(runs[1].GetProperty("error").GetDouble() < 0.05);
        var least = results.GetProperty("nuclearNorm");
        Assert.True(least.GetProperty("relativeGap").GetDouble() <= 1e-4);
        // No completion can lie below the certified bound.
        var lower = least.GetProperty("lowerBound").GetDouble();
        Assert.True(results.GetProperty("target").GetProperty("nuclearNorm").GetDouble() >= lower);
        Assert.True(runs[0].GetProperty("nuclearNorm").GetDouble() >= lower);
    }

    /// <summary>One job of several that fails is said to, fails the run, and is in no number that sums others up.</summary>
    [Theory]
    [InlineData("completion --size 20 --rank 1 --seen 150 --depth 1,3 --steps 500 --lr 2.5", 1)]
    [InlineData("saddles --dimension 4 --modes 3,1 --depth 2,6 --start aligned --small 1e-2 --steps 400 --lr 0.3", 6)]
    [InlineData("steps --dimension 6 --rank 3 --depth 2,4 --tau 1000 --steps 12 --lr 0.5", 4)]
    public void WhatDivergesFailsTheRunAndIsLeftOut(string line, int failing)
    {
        var result = _program.Run(["paper", "nrt", .. line.Split(' '), "--json", "--out", "run"]);
        Assert.Equal(1, result.ExitCode);
        using var summary = JsonDocument.Parse(result.Output);
        var runs = Results(summary).GetProperty("runs").EnumerateArray().ToArray();
        string[] bad = ["non-finite", "diverged"];
        Assert.Contains(summary.RootElement.GetProperty("result").GetString(), bad);
        Assert.All(runs, one => Assert.Equal(
            one.GetProperty("depth").GetInt32() == failing, bad.Contains(one.GetProperty("result").GetString())));
        // Asked again, the finished run gives the same answer.
        Assert.Equal(1, _program.Run("paper", "nrt", line.Split(' ')[0], "--resume", "run").ExitCode);
        Assert.Matches("(are left out|Left out of these numbers)", File.ReadAllText(Path.Combine(_program.Folder, "run", "report.html")));
    }

    /// <summary>Where the loss has come to the least there is, rounding leads below it.</summary>
    [Fact]
    public void DecreasingStepsAreComparedToTheLastDigit()
    {
        using var summary = Run("step-limit", "steps --dimension 2 --rank 1 --depth 2 --tau 1000 --steps 5000 --lr 0.3");
        Assert.All(Results(summary).GetProperty("runs").EnumerateArray(), one =>
        {
            Assert.InRange(one.GetProperty("excess").GetDouble(), -1e-14, 1e-9);
            Assert.InRange(one.GetProperty("deviationOverTime").GetDouble(), 0, 1);
        });
    }

    /// <summary>What the theorem promised and was not kept fails the run; above its bound it promises nothing.</summary>
    [Fact]
    public void ACurveThatBreaksItsPromiseFails()
    {
        var problem = SquaredProblem.Regression(5, 15, seed: 5);
        var shape = problem.Shape(2, 3);
        var start = Initialization.Balanced(shape, 0.7, new RandomStream(4));
        var constants = NguegnangConstants.ForLongestStep(problem.NewLoss(), shape, start, StepGuarantee.Published);
        var network = new CurveNetwork(problem, shape, start, constants, constants.StepBound, LeastLoss: 0);
        var descent = ObservedDescent.Follow(
            GradientSource.Managed, shape, problem.NewLoss(), start, network.Rule, 20, 10, JobRun.Alone());
        var fine = new Curve(descent, Seconds: 0) { Network = network };
        Assert.Equal(("step-limit", 0), (fine.End.Name, fine.End.ExitStatus));
        var rose = fine with { Descent = fine.Descent with { LargestRise = 1e-11 } };
        Assert.Equal(("bound-failed", 1), (rose.End.Name, rose.End.ExitStatus));
        var far = fine.Descent.Samples.Select(sample => sample with { Defect = 2 * constants.Delta });
        var large = fine with { Descent = fine.Descent with { Samples = [.. far] } };
        Assert.Equal(("bound-failed", 1), (large.End.Name, large.End.ExitStatus));
        var own = rose with { Network = network with { Step = 1.01 * constants.StepBound } };
        Assert.Equal(("step-limit", 0), (own.End.Name, own.End.ExitStatus));
    }

    [Fact]
    public void AFinishedExperimentEndsAsItDidWhenItIsAskedAgain()
    {
        using var _ = Run("measured", "slack --dimension 6 --rank 3 --depth 2 --seeds 1 --steps 20");
        var file = Path.Combine(_program.Folder, "run", "summary.json");
        var summary = File.ReadAllText(file);
        Assert.Contains("\"exitStatus\": 0", summary);
        foreach (var (status, expected) in (ReadOnlySpan<(string, int)>)[("0", 0), ("1", 1), ("\"one\"", 2), ("0.5", 2)])
        {
            File.WriteAllText(file, summary.Replace("\"exitStatus\": 0", $"\"exitStatus\": {status}"));
            var again = _program.Run("paper", "nrt", "slack", "--resume", "run");
            Assert.True(again.ExitCode == expected, $"{status}: {again.ExitCode} {again.Error}");
            if (expected == 2) Assert.Contains("is damaged", again.Error);
        }
    }

    [Fact]
    public void SlackBelowTheBoundFails()
    {
        var fine = new Slack.Measured(2, 7, Published: 0.1, Sharpened: 0.2, Monotone: 0.3, Stable: 0.4);
        Assert.Equal(("measured", 0), (fine.End.Name, fine.End.ExitStatus));
        var below = fine with { Monotone = 0.09 };
        Assert.Equal(("bound-failed", 1), (below.End.Name, below.End.ExitStatus));
        var none = fine with { Monotone = double.NaN, Stable = double.NaN };
        Assert.Equal(("non-finite", 1), (none.End.Name, none.End.ExitStatus));
    }

    [Theory]
    [InlineData("curves --points 60", "rank 60 in 70 dimensions", "--points 70")]
    [InlineData("curves --rank 80", "--rank", "--dimension")]
    [InlineData("curves --depth 1", "--depth", "2")]
    [InlineData("curves --lr 0.1 --above-bound 2", "--lr", "--above-bound")]
    [InlineData("curves --lr -1", "--lr", "positive")]
    [InlineData("curves --scale 1e200", "--scale", "nearer 1")]
    [InlineData("steps --points 0", "--points", "at least 1")]
    [InlineData("saddles --modes 2,2", "--modes", "differ")]
    [InlineData("saddles --small 0.6", "--small", "half")]
    [InlineData("starts --start-rank 6", "--start-rank", "5")]
    [InlineData("starts --points 9", "rank 9 in 10 dimensions", "--points 10")]
    [InlineData("slack --resolution 2", "--resolution", "1")]
    [InlineData("slack --scale 1e200", "--scale", "nearer 1")]
    [InlineData("saddles --modes 1e200", "--modes", "at most 1e50")]
    [InlineData("steps --tau 1,x", "--tau", "1,x")]
    [InlineData("completion --size 10 --seen 100", "--seen", "nothing")]
    public void BadInputIsOneClearLine(string line, string cause, string remedy)
    {
        var result = _program.Run(["paper", "nrt", .. line.Split(' ')]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(cause, result.Error);
        Assert.Contains(remedy, result.Error);
        Assert.DoesNotContain("   at ", result.Error);
        Assert.False(Directory.Exists(Path.Combine(_program.Folder, "runs")));
    }

    private JsonDocument Run(string ended, string line, params string[] files) => Run(ended, 0, line, files);

    private JsonDocument Run(string ended, int status, string line, params string[] files)
    {
        var result = _program.Run(["paper", "nrt", .. line.Split(' '), "--json", "--out", "run"]);
        Assert.True(result.ExitCode == status, result.Error);
        foreach (var file in (string[])["run.json", "summary.json", "report.html", .. files])
            Assert.True(File.Exists(Path.Combine(_program.Folder, "run", file)), file);
        var summary = JsonDocument.Parse(result.Output);
        Assert.Equal("torchalign/1", summary.RootElement.GetProperty("schema").GetString());
        Assert.Equal(ended, summary.RootElement.GetProperty("result").GetString());
        return summary;
    }

    private static JsonElement Results(JsonDocument summary) => summary.RootElement.GetProperty("results");
}
