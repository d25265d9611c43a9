using System.Diagnostics;
using System.Text.Json;
using TorchAlign.Experiments.Sweeps;
using TorchAlign.Held;
using TorchAlignProgram = TorchAlign.Tests.Commands.Program;

namespace TorchAlign.Tests.Sweeps;

/// <summary>The command as users call it; most of what a sweep costs is the start of its workers.</summary>
[Collection(InThisProcess.Name)]
public sealed class SweepTests : IDisposable
{
    private const string Study = """
        name: small
        command: train
        fixed: {to: 1e-3, samples: 5}
        grid: {depth: [1, 2], width: [2, 4]}
        seeds: {count: 2}

        """;

    private readonly TorchAlignProgram _program = new();

    public void Dispose() => _program.Dispose();

    [Fact]
    public void A_sweep_makes_each_run_once_and_gathers()
    {
        _program.Write("study.yaml", Study);
        var listed = Ok(_program.RunHere("sweep", "study.yaml", "--dry-run", "--json"));
        Assert.False(Directory.Exists(Path.Combine(_program.Folder, "runs")), "a dry run writes nothing");
        string[] planned = [.. JsonDocument.Parse(listed).RootElement.GetProperty("runs").EnumerateArray()
            .Select(run => run.GetProperty("folder").GetString()!).Order()];
        Assert.Equal(6, planned.Length); // of 8 points: one layer has no width

        Assert.Equal(6, Count(Ok(_program.RunHere("sweep", "study.yaml", "--json", "--jobs", "2")), "done"));
        var folder = Path.Combine(_program.Folder, "runs", "small");
        Assert.Equal(planned, Directory.GetDirectories(Path.Combine(folder, "runs")).Order());
        var rows = File.ReadAllLines(Path.Combine(folder, "sweep.csv")).Select(line => line.Split(',')).ToArray();
        Assert.Equal(7, rows.Length);
        Assert.Equal(["to", "samples", "depth", "width", "seed", "state"], rows[0].Take(6));
        Assert.All(rows.Skip(1), row =>
        {
            Assert.Equal("done", row[5]);
            var run = Path.Combine(folder, row[Array.IndexOf(rows[0], "folder")], "summary.json");
            var network = JsonDocument.Parse(File.ReadAllText(run)).RootElement.GetProperty("networks")[0];
            Assert.Equal(network.GetProperty("log10Risk").GetRawText(), row[Array.IndexOf(rows[0], "log10_risk")]);
            Assert.Equal(row[2], row[Array.IndexOf(rows[0], "result_depth")]);
        });
        if (Experiments.Reporting.VegaAssets.Find() is not null)
        {
            Assert.True(new FileInfo(Path.Combine(folder, "sweep.html")).Length > 800_000, "the page has its scripts inside");
            Assert.Contains("src=\"../../report-scripts/vega.min.js\"", File.ReadAllText(Path.Combine(planned[0], "report.html")));
            Assert.True(new FileInfo(Path.Combine(planned[0], "report.html")).Length < 400_000, "a run's report has not");
        }

        // Again: nothing is made. A larger study on the same folder: what is new.
        var written = planned.ToDictionary(run => run, run => File.GetLastWriteTimeUtc(Path.Combine(run, "summary.json")));
        Assert.Equal(0, Made(Ok(_program.RunHere("sweep", "study.yaml", "--json"))));
        _program.Write("study.yaml", Study.Replace("count: 2", "count: 3"));
        Assert.Equal(3, Made(Ok(_program.RunHere("sweep", "study.yaml", "--json", "--jobs", "1"))));
        Assert.All(written, run => Assert.Equal(run.Value, File.GetLastWriteTimeUtc(Path.Combine(run.Key, "summary.json"))));
    }

    /// <summary>Steps so long that float64 is left, and their run is not pooled with the others.</summary>
    [Fact]
    public void A_run_that_diverges_has_its_own_state()
    {
        _program.Write("study.yaml", """
            name: far
            command: train
            fixed: {method: descent, loss: exponential, rule: constant, depth: 2, steps: 100, samples: 5}
            grid: {step: [0.01, 1e300]}
            seeds: {count: 2}

            """);
        var result = _program.RunHere("sweep", "study.yaml", "--json", "--jobs", "1");
        Assert.Equal(1, result.ExitCode);
        Assert.Equal((2, 2, 0), (Count(result.Output, "done"), Count(result.Output, "diverged"), Count(result.Output, "failed")));
        Assert.Equal(4, Made(result.Output));
        var folder = Path.Combine("runs", "far");
        var rows = File.ReadAllLines(Path.Combine(_program.Folder, folder, "sweep.csv")).Select(line => line.Split(',')).ToArray();
        var (step, state, end) = (Array.IndexOf(rows[0], "step"), Array.IndexOf(rows[0], "state"), Array.IndexOf(rows[0], "result"));
        Assert.All(rows.Skip(1), row => Assert.Equal(
            row[step] == "0.01" ? ("done", "step-limit") : ("diverged", "non-finite"), (row[state], row[end])));
        Assert.Contains("2 done, 2 diverged.", File.ReadAllText(Path.Combine(_program.Folder, folder, "sweep.html")));
        // It would diverge again.
        var again = _program.RunHere("sweep", "study.yaml", "--retry", "--json", "--jobs", "1");
        Assert.Equal((1, 0), (again.ExitCode, Made(again.Output)));
        var status = Ok(_program.RunHere("sweep", "status", folder));
        Assert.Contains("2 diverged", status);
        Assert.Contains("It ended as non-finite.", status);
        Assert.DoesNotContain("To go on", status);
        var gathered = _program.RunHere("sweep", "gather", folder);
        Assert.Equal(1, gathered.ExitCode);
        Assert.Contains("Diverged runs are in sweep.csv and in no median", gathered.Output);
    }

    [Fact]
    public void A_run_that_fails_is_listed_with_its_cause_and_retried_on_request()
    {
        _program.Write("study.yaml", Study);
        var listed = JsonDocument.Parse(Ok(_program.RunHere("sweep", "study.yaml", "--dry-run", "--json"))).RootElement.GetProperty("runs");
        var victim = listed[3].GetProperty("folder").GetString()!;
        Directory.CreateDirectory(victim);
        var foreign = Path.Combine(victim, "summary.json");
        File.WriteAllText(foreign, "mine");
        // A folder that holds a run is one of a sweep only with its study.
        File.WriteAllText(Path.Combine(_program.Folder, "runs", "small", "study.yaml"), Study);

        var failed = _program.RunHere("sweep", "study.yaml");
        Assert.Equal(1, failed.ExitCode);
        Assert.Contains("5 done, 1 failed", string.Join(", ", failed.Output.Split('\n')[0].Split(": ")[1].Split(", ").Order().Reverse()));
        Assert.Contains("that no run of TorchAlign wrote", failed.Output);
        Assert.Contains(victim, failed.Output);

        File.Delete(foreign);
        var again = _program.RunHere("sweep", "study.yaml", "--json");
        Assert.Equal(1, again.ExitCode);
        Assert.Equal(0, Made(again.Output));
        Assert.Equal(1, Made(Ok(_program.RunHere("sweep", "resume", Path.Combine("runs", "small"), "--retry", "--json"))));
        Assert.Contains("6 done", Ok(_program.RunHere("sweep", "status", Path.Combine("runs", "small"))));
    }

    /// <summary>What a sweep writes first, in this order; it can be killed after each.</summary>
    [Theory]
    [InlineData(".sweep.lock")]
    [InlineData(".sweep.lock", "runs/")]
    [InlineData(".sweep.lock", "runs/", "study.yaml.part")]
    [InlineData(".sweep.lock", "runs/", "study.yaml")]
    [InlineData(".sweep.lock", "runs/", "study.yaml", "plan.json.part")]
    public void A_sweep_that_was_killed_as_it_began_can_begin_again(params string[] left)
    {
        _program.Write("study.yaml", Study.Replace("[1, 2]", "[1]"));
        Directory.CreateDirectory(Path.Combine(_program.Folder, "killed"));
        foreach (var path in left)
        {
            if (path.EndsWith('/')) Directory.CreateDirectory(Path.Combine(_program.Folder, "killed", path));
            else _program.Write($"killed/{path}", "na");
        }
        Assert.Equal(2, Made(Ok(_program.RunHere("sweep", "study.yaml", "--out", "killed", "--json"))));
        Assert.Empty(Directory.GetFiles(Path.Combine(_program.Folder, "killed"), "*.part"));
    }

    [FactThatNeeds(Need.Unix)]
    public async Task Signals_while_a_worker_starts_cost_nothing()
    {
        _program.Write("study.yaml", Study);
        var folder = Path.Combine("runs", "small");
        var workers = HeldWorkers();
        using (var sweep = _program.Start("sweep", "study.yaml", "--jobs", "1"))
        {
            await First(workers, sweep);
            TorchAlignProgram.Signal("INT", sweep.Id);
            workers.Release();
            var (status, _, error) = TorchAlignProgram.Finish(sweep);
            Assert.True(status == 130, error);
            Assert.DoesNotContain("should not happen", error);
        }
        // The worker may have been ready before its sweep had heard.
        var made = Directory.GetFiles(Path.Combine(_program.Folder, folder, "runs"), "summary.json", SearchOption.AllDirectories).Length;
        workers.Hold();
        using (var sweep = _program.Start("sweep", "resume", folder, "--jobs", "1", "--json"))
        {
            TorchAlignProgram.Signal("KILL", await First(workers, sweep));
            workers.Release();
            Assert.Equal(6 - made, Made(Ok(TorchAlignProgram.Finish(sweep))));
        }
    }

    [FactThatNeeds(Need.Unix)]
    public void A_worker_that_is_killed_with_its_orders_in_hand_costs_nothing_once()
    {
        _program.Write("study.yaml", Study.Replace("[1, 2]", "[1]"));
        var workers = HeldWorkers();
        workers.Release();
        workers.KillBeforeRuns(1);
        Assert.Equal(2, Made(Ok(_program.Run("sweep", "study.yaml", "--jobs", "1", "--json"))));
        // A run that takes down whoever begins it is the culprit after all.
        workers.KillBeforeRuns(3); // one run after the other, and the first again
        var failed = _program.Run("sweep", "study.yaml", "--jobs", "1", "--json", "--out", "again");
        Assert.Equal(1, failed.ExitCode);
        Assert.Equal((1, 1), (Count(failed.Output, "done"), Count(failed.Output, "failed")));
        Assert.Contains("was killed (signal 9)", failed.Output);
    }

    /// <summary>The numbers of two builds do not mix in silence.</summary>
    [Fact]
    public void Runs_of_another_build_are_told_apart()
    {
        _program.Write("study.yaml", Study.Replace("[1, 2]", "[1]"));
        var first = _program.RunHere("sweep", "study.yaml", "--json");
        var own = Assert.Single(JsonDocument.Parse(Ok(first)).RootElement.GetProperty("builds").EnumerateObject()).Name;
        Assert.DoesNotContain("another build", first.Error);
        var folder = Path.Combine(_program.Folder, "runs", "small");
        Assert.Equal(own, JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "plan.json"))).RootElement.GetProperty("build").GetString());
        var run = Directory.GetFiles(Path.Combine(folder, "runs"), "run.json", SearchOption.AllDirectories)[0];
        File.WriteAllText(run, File.ReadAllText(run).Replace($"\"build\": \"{own}\"", "\"build\": \"0123456789ab\""));

        var second = _program.RunHere("sweep", "study.yaml");
        Ok(second);
        Assert.Contains($"1 of these runs were made or begun by another build of TorchAlign (1 by 0123456789ab); this is {own}.", second.Error);
        Assert.Contains("Made by several builds", second.Output);
        var rows = File.ReadAllLines(Path.Combine(folder, "sweep.csv")).Select(line => line.Split(',')).ToArray();
        var column = Array.IndexOf(rows[0], "build");
        Assert.Equal(((string[])["0123456789ab", own]).Order(), rows.Skip(1).Select(row => row[column]).Order());
    }

    [Fact]
    public void A_build_that_jobs_will_start_is_kept_for_their_sweep()
    {
        // What is none of the launcher's copies is not marked.
        OwnProgram.KeepFor("/sweeps/one", _program.Folder);
        Assert.Empty(Directory.GetFiles(_program.Folder));
        _program.Write("in-use", "");
        foreach (var sweep in (string[])["/sweeps/one", "/sweeps/two", "/sweeps/one"]) OwnProgram.KeepFor(sweep, _program.Folder);
        Assert.Equal(["/sweeps/one", "/sweeps/two"], File.ReadAllLines(Path.Combine(_program.Folder, "kept-for")));
    }

    [Theory]
    [InlineData("""{"versions": {"build": "a"}}""", "a")]
    [InlineData("""{"versions": {"build": "a"}, "resumed": [{"versions": {"build": "a"}}]}""", "a")]
    [InlineData("""{"versions": {"build": "a"}, "resumed": [{"versions": {"build": "b"}}, {"versions": {"build": "a"}}]}""", "a+b")]
    [InlineData("""{"versions": {"torchAlign": "0.1.0"}}""", "unknown")]
    [InlineData("""{"versions": """, "unknown")]
    [InlineData(null, null)]
    public void A_run_tells_who_made_it(string? run, string? build)
    {
        if (run is not null) _program.Write("run.json", run);
        Assert.Equal(build, RunBuilds.Of(_program.Folder));
    }

    [Theory]
    [InlineData("sweep missing.yaml", "missing.yaml")]
    [InlineData("sweep bad.yaml", "bad.yaml:3:9: no option 'dept'")]
    [InlineData("sweep study.yaml --out taken", "holds no sweep")]
    [InlineData("sweep study.yaml --jobs 0", "--jobs")]
    [InlineData("sweep status taken", "no folder of a sweep")]
    [InlineData("sweep study.yaml --on cloud", "cloud")]
    public void Bad_input_is_a_clear_line_and_exit_code_2(string line, string mentions)
    {
        _program.Write("study.yaml", Study);
        _program.Write("bad.yaml", "name: bad\ncommand: train\nfixed: {dept: 3}\n");
        Directory.CreateDirectory(Path.Combine(_program.Folder, "taken"));
        _program.Write("taken/letter.txt", "mine");
        var result = _program.RunHere(line.Split(' '));
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(mentions, result.Error);
        Assert.DoesNotContain("   at ", result.Error);
        Assert.False(Directory.Exists(Path.Combine(_program.Folder, "runs")), "something was left behind");
    }

    /// <summary>Holds the workers of sweeps to come.</summary>
    private HeldFolder HeldWorkers()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_program.Folder, "held")).FullName;
        _program.Environment[HeldFolder.Variable] = folder;
        _program.Environment[TorchAlignProgram.Hooks] = typeof(HeldFolder).Assembly.Location;
        return new HeldFolder(folder);
    }

    private static async Task<int> First(HeldFolder workers, Process sweep)
    {
        while (!sweep.HasExited)
        {
            if (workers.Next() is { } worker) return worker;
            await Task.Delay(5);
        }
        throw new InvalidOperationException("The sweep ended without a worker.");
    }

    private static string Ok(TorchAlignProgram.Result result)
    {
        Assert.True(result.ExitCode == 0, result.Error + result.Output);
        return result.Output;
    }

    private static int Count(string json, string state) =>
        JsonDocument.Parse(json).RootElement.GetProperty("runs").GetProperty(state).GetInt32();

    private static int Made(string json) => JsonDocument.Parse(json).RootElement.GetProperty("effort").GetProperty("made").GetInt32();
}
