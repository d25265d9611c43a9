using System.Text.Json.Nodes;
using Spectre.Console;
using TorchAlign.Claims;
using TorchAlign.Data;
using TorchAlign.Experiments.Verify;

namespace TorchAlign.Tests.Claims;

/// <summary>The whole suite once, and how it is told.</summary>
public class SuiteTests : IClassFixture<SuiteTests.Suite>
{
    private readonly SuiteReport _report;

    public SuiteTests(Suite suite) => _report = suite.Report;

    /// <summary>The suite with iris, setosa against the rest, as the command runs it.</summary>
    public sealed class Suite
    {
        public SuiteReport Report { get; } = JiTelgarskySuite.Run(7,
            [
                DataFile.Read(Path.Combine(AppContext.BaseDirectory, "data", "iris.csv"),
                    new ReadOptions { Positive = "setosa", Center = true }),
            ],
            CancellationToken.None, progress: null);
    }

    [Fact]
    public void NothingFails()
    {
        Assert.Empty(_report.Results.Where(result => result.Verdict == Verdict.Fails)
            .Select(result => $"{result.Id} on {result.Run}: {result.Detail}"));
        Assert.Equal(0, VerifyCommand.ExitCode(_report));
    }

    /// <summary>A claim that no run can decide would be decoration.</summary>
    [Fact]
    public void EveryClaimHoldsSomewhere() =>
        Assert.Equal(JiTelgarskyClaims.All.Select(claim => claim.Id),
            _report.Worst.Where(result => result.Verdict == Verdict.Holds).Select(result => result.Id));

    [Fact]
    public void EveryRunEndsByWhatItWasFor() => Assert.All(_report.Runs, run => Assert.True(
        run.End.Reached || run.Name.EndsWith("descent (A5)", StringComparison.Ordinal), $"{run.Name}: {run.End.Name}"));

    [Fact]
    public void RunsHaveDifferentNames() => Assert.Distinct(_report.Runs.Select(run => run.Name));

    [Fact]
    public void LimitsAreReachedToWhatTheLongRunsAllow()
    {
        Assert.True(Math.Abs(Worst("ll.margin-long").Measured - 1) <= 1e-6);
        var residual = Worst("shngs.residual");
        Assert.Equal(residual.Bound, residual.Measured, 0.01 * residual.Bound);
        Assert.InRange(Worst("jt.equation2").Measured, 0, 1e-8);

        ClaimResult Worst(string id) => _report.Worst.Single(result => result.Id == id);
    }

    [Fact]
    public void JsonHasTheSchemaAndNoNaN()
    {
        var root = JsonNode.Parse(new VerifySummary("jt", 7, _report).ToJson())!;
        Assert.Equal("torchalign.verify/1", (string?)root["schema"]);
        Assert.Equal(0, (int)root["fails"]!);
        var claims = root["claims"]!.AsArray();
        Assert.Equal(JiTelgarskyClaims.All.Count, claims.Count);
        Assert.Equal(
            [
                "id", "source", "statement", "hypothesis", "hypothesisMet", "measured", "relation", "bound", "tolerance", "verdict",
                "run", "detail",
            ],
            claims[0]!.AsObject().Select(property => property.Key));
        Assert.Equal("hypothesis not met", (string?)root["runs"]!.AsArray()[^1]!["verdicts"]!["jt.theorem1.risk"]);
    }

    [Fact]
    public void FailureIsToldAndCounts()
    {
        var run = ClaimRuns.Deep.AtLast(o => o with { ProductAlignment = 0.5, DirectionMargin = double.NaN });
        var report = new SuiteReport([new SuiteRunResult(run.Name, run.End, 1, -1, 1, JiTelgarskyClaims.Check(run))]);
        Assert.Equal(1, VerifyCommand.ExitCode(report));
        var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = 200;
        VerifyTable.Write(report, console);
        Assert.Contains("jt.theorem1.product ([JT] Theorem 1) fails on deep", text.ToString());
        Assert.Contains("hypothesis not met", text.ToString());
        var root = JsonNode.Parse(new VerifySummary("jt", 7, report).ToJson())!;
        var margin = root["claims"]!.AsArray().Single(claim => (string?)claim!["id"] == "ll.margin")!;
        Assert.Equal("fails", (string?)margin["verdict"]);
        Assert.Null(margin["measured"]);
    }

    /// <summary>Of several runs the failing one is shown, else that which comes nearest to failing.</summary>
    [Fact]
    public void WorstOfTheRunsIsShown()
    {
        var good = ClaimRuns.Deep;
        var bad = good.AtLast(o => o with { ProductAlignment = 0.5 }) with { Name = "bad" };
        var silent = ClaimRuns.Saddle;
        var report = new SuiteReport([.. ((RunEvidence[])[silent, good, bad]).Select(run =>
            new SuiteRunResult(run.Name, run.End, 1, -1, 1, JiTelgarskyClaims.Check(run)))]);
        var product = report.Worst.Single(result => result.Id == "jt.theorem1.product");
        Assert.Equal(Verdict.Fails, product.Verdict);
        Assert.Equal("bad", product.Run);
        Assert.Contains("holds on 1, fails on 1, hypothesis not met on 1 of 3 runs", product.Detail);
        Assert.Equal("deep", report.Worst.Single(result => result.Id == "jt.theorem1.adjacent").Run);
        Assert.Equal(Verdict.HypothesisNotMet, report.Worst.Single(result => result.Id == "jt.descent.step").Verdict);
    }

    [Fact]
    public void UnknownPaperIsBadInput() => Assert.Throws<Experiments.CommandException>(
        () => VerifyCommand.Run("nobody", 7, json: true, CancellationToken.None));

    [Fact]
    public void CancelledSuiteSaysSo()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => JiTelgarskySuite.Run(7, [], stop.Token, progress: null));
    }
}
