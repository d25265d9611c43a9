using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using TorchAlign.Recording;
using TorchAlign.Tests.Devices;
using TorchAlignProgram = TorchAlign.Tests.Commands.Program;

namespace TorchAlign.Tests.Sweeps;

/// <summary>Runs that a sweep makes together come out as if each were made alone, whatever happens to the sweep.</summary>
[Collection(InThisProcess.Name)]
public sealed class EnsembleSweepTests : IDisposable
{
    private const int Runs = 8;

    // The slowest ends at its limit, the others at their targets, at different steps.
    private const string Study = """
        name: together
        command: train
        fixed: {method: descent, loss: logistic, rule: constant, field: torch, depth: "1,3", scale: 0.5, risk: -0.7, steps: 300, samples: 5, checkpoint-every: 0.1}
        grid: {step: [0.2, 0.5]}
        seeds: {count: 4}

        """;

    // The same paths in ten times as many steps: a second or two, so that a signal comes before the end.
    private static readonly string Slow = Study.Replace("[0.2, 0.5]", "[0.02, 0.05]").Replace("steps: 300", "steps: 3000");

    private readonly TorchAlignProgram _program = new();

    public void Dispose() => _program.Dispose();

    [Theory, OnCpu, OnCuda]
    public void Each_run_is_the_one_made_alone(string device)
    {
        _program.Write("study.yaml", Study);
        Assert.Equal(0, _program.RunHere("sweep", "study.yaml", "--device", device, "--out", "together", "--jobs", "1").ExitCode);
        // The fused field's runs are made one by one.
        _program.Write("alone.yaml", Study.Replace("field: torch", "field: fused"));
        Assert.Equal(0, _program.RunHere("sweep", "alone.yaml", "--out", "alone").ExitCode);
        Compare("alone", "together");
        Assert.All(Networks("together"), network => Assert.Equal(Runs, network.GetProperty("together").GetInt32()));
        Assert.All(Networks("alone"), network => Assert.Equal(1, network.GetProperty("together").GetInt32()));
    }

    /// <summary>Step sizes of a flow depend on roundings in their last digits, and so do its samples: the ends are compared.</summary>
    [Theory, OnCpu, OnCuda]
    public void Each_flow_ends_as_the_one_made_alone(string device)
    {
        const string Flows = """
            name: flows
            command: train
            fixed: {stepper: dopri5, field: torch, depth: "1,3", scale: 0.1, to: 1e-3, samples: 10}
            seeds: {count: 4}

            """;
        _program.Write("study.yaml", Flows);
        Assert.Equal(0, _program.RunHere("sweep", "study.yaml", "--device", device, "--out", "together", "--jobs", "1").ExitCode);
        _program.Write("alone.yaml", Flows.Replace("field: torch", "field: fused"));
        Assert.Equal(0, _program.RunHere("sweep", "alone.yaml", "--out", "alone").ExitCode);
        var (alone, together) = (Networks("alone").ToArray(), Networks("together").ToArray());
        Assert.Equal(8, together.Length);
        Assert.All(alone.Zip(together), pair =>
        {
            Assert.Equal((1, 4), (pair.First.GetProperty("together").GetInt32(), pair.Second.GetProperty("together").GetInt32()));
            Assert.Equal("found", pair.Second.GetProperty("result").GetString());
            foreach (var name in (string[])["log10Risk", "oneMinusCosine", "adjacentAlignment"])
                if (pair.First.GetProperty(name) is { ValueKind: JsonValueKind.Number } value)
                    Assert.Equal(1, pair.Second.GetProperty(name).GetDouble() / value.GetDouble(), 1e-6);
        });
    }

    [FactThatNeeds(Need.Unix)]
    public async Task A_sweep_that_is_interrupted_goes_on_and_a_worker_that_is_killed_costs_nothing()
    {
        _program.Write("study.yaml", Slow);
        Assert.Equal(0, _program.RunHere("sweep", "study.yaml", "--out", "whole", "--jobs", "1").ExitCode);

        using (var sweep = _program.Start("sweep", "study.yaml", "--out", "broken", "--jobs", "1"))
        {
            await UnderWay(sweep);
            TorchAlignProgram.Signal("INT", sweep.Id);
            var (status, _, error) = TorchAlignProgram.Finish(sweep);
            Assert.True(status == 130, error);
        }
        var before = LastKept();
        using (var sweep = _program.Start("sweep", "resume", "broken", "--jobs", "1"))
        {
            while (LastKept() <= before) await Pause(sweep);
            foreach (var worker in TorchAlignProgram.Children(sweep.Id)) TorchAlignProgram.Signal("KILL", worker);
            var (status, output, error) = TorchAlignProgram.Finish(sweep);
            Assert.True(status == 0, error + output);
        }
        Compare("whole", "broken");

        async Task UnderWay(Process sweep)
        {
            var runs = Path.Combine(_program.Folder, "broken", "runs");
            while (!Directory.Exists(runs) || Directory.GetFiles(runs, "trajectory.csv", SearchOption.AllDirectories).Length < Runs)
                await Pause(sweep);
        }

        DateTime LastKept() => Directory
            .GetFiles(Path.Combine(_program.Folder, "broken", "runs"), CheckpointFile.Newest, SearchOption.AllDirectories)
            .Select(File.GetLastWriteTimeUtc).DefaultIfEmpty(DateTime.MinValue).Max();

        static Task Pause(Process sweep) => sweep.HasExited
            ? throw new InvalidOperationException($"The sweep ended before it was told to: {TorchAlignProgram.Finish(sweep)}")
            : Task.Delay(20);
    }

    [Fact]
    public void One_run_that_cannot_begin_fails_alone()
    {
        _program.Write("study.yaml", Study);
        var listed = JsonDocument.Parse(_program.RunHere("sweep", "study.yaml", "--out", "s", "--dry-run", "--json").Output)
            .RootElement.GetProperty("runs");
        var victim = listed[2].GetProperty("folder").GetString()!;
        Directory.CreateDirectory(victim);
        File.WriteAllText(Path.Combine(victim, "summary.json"), "mine");
        File.WriteAllText(Path.Combine(_program.Folder, "s", "study.yaml"), Study);
        var failed = _program.RunHere("sweep", "study.yaml", "--out", "s", "--jobs", "1");
        Assert.Equal(1, failed.ExitCode);
        Assert.Contains("7 done", failed.Output);
        Assert.Contains("that no run of TorchAlign wrote", failed.Output);
    }

    [Fact]
    public void The_sweep_names_the_device_of_a_study_that_does_not()
    {
        _program.Write("study.yaml", Study.Replace("field: torch, ", "").Replace("count: 4", "count: 1"));
        var cpu = Listed("--device", "cpu");
        Assert.All(cpu, run => Assert.Equal("cpu", run.GetProperty("settings").GetProperty("device").GetString()));
        // The device that a run has by itself is the same configuration.
        Assert.Equal(Listed().Select(run => run.GetProperty("folder").GetString()), cpu.Select(run => run.GetProperty("folder").GetString()));
        Assert.Equal(0, _program.RunHere("sweep", "study.yaml", "--device", "cpu", "--out", "d").ExitCode);
        Assert.Contains("\"device\": \"cpu\"", File.ReadAllText(Path.Combine(_program.Folder, "d", "plan.json")));
        Assert.Contains("2 done before", _program.RunHere("sweep", "resume", "d").Error);

        JsonElement[] Listed(params string[] more) =>
            [.. JsonDocument.Parse(_program.RunHere(["sweep", "study.yaml", "--dry-run", "--json", .. more]).Output)
                .RootElement.GetProperty("runs").EnumerateArray()];
    }

    [Theory]
    [InlineData("device: cpu, ", "cpu", "study.yaml:3:17: the study names a device, and so does --device cpu")]
    [InlineData("", "gpu", "Unknown device 'gpu'")]
    [InlineData("", "cuda:77", "cuda:77")]
    public void A_device_that_cannot_be_is_wrong_input(string own, string device, string words)
    {
        _program.Write("study.yaml", Study.Replace("field: torch, ", "").Replace("fixed: {", "fixed: {" + own));
        var result = _program.RunHere("sweep", "study.yaml", "--device", device);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(words, result.Error);
        Assert.False(Directory.Exists(Path.Combine(_program.Folder, "runs")));
    }

    [Theory]
    [InlineData("train")]
    [InlineData("paper rnbu binary")]
    [InlineData("paper jt nonlinear")]
    public void A_node_that_hands_runs_to_Slurm_need_not_have_their_GPU(string command)
    {
        _program.Write("study.yaml", $"name: far\ncommand: {command}\n");
        var result = _program.RunHere("sweep", "study.yaml", "--device", "cuda:77", "--on", "slurm", "--dry-run");
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("--device=cuda:77", result.Output);
        Assert.Equal(2, _program.RunHere("sweep", "study.yaml", "--device", "cuda:77", "--dry-run").ExitCode);
        Assert.Equal(2, _program.RunHere("sweep", "study.yaml", "--device", "gpu", "--on", "slurm", "--dry-run").ExitCode);
    }

    /// <summary>Sampled steps and results are equal, risks to the last digits of batched products.</summary>
    private void Compare(string expected, string actual)
    {
        var (left, right) = (Table(expected), Table(actual));
        Assert.Equal(Runs, left.Count);
        Assert.Equal(left.Keys.Order(), right.Keys.Order());
        foreach (var (key, folder) in left)
        {
            var (one, other) = (Trajectory(folder), Trajectory(right[key]));
            Assert.Equal(one.Select(row => (row.Network, row.Step)), other.Select(row => (row.Network, row.Step)));
            Assert.All(one.Zip(other), pair => Assert.Equal(pair.First.Log10Risk, pair.Second.Log10Risk, 1e-9));
            Assert.Equal(Results(folder), Results(right[key]));
            Assert.Empty(Directory.GetFiles(right[key], "checkpoint*"));
        }
    }

    /// <summary>The folder of each run, by its step and seed.</summary>
    private Dictionary<string, string> Table(string sweep)
    {
        var rows = File.ReadAllLines(Path.Combine(_program.Folder, sweep, "sweep.csv")).Select(line => line.Split(',')).ToArray();
        // "1,3" is a cell with a comma in it, and so one more after splitting.
        int At(string column) => Array.IndexOf(rows[0], column) - rows[0].Length;
        var hasSteps = rows[0].Contains("step");
        return rows.Skip(1).ToDictionary(
            row => $"{(hasSteps ? row[row.Length + At("step")] : "")} {row[row.Length + At("seed")]}",
            row => Path.Combine(_program.Folder, sweep, row[row.Length + At("folder")]));
    }

    private static (string Network, long Step, double Log10Risk)[] Trajectory(string folder)
    {
        var rows = File.ReadAllLines(Path.Combine(folder, "trajectory.csv")).Select(line => line.Split(',')).ToArray();
        int At(string column) => Array.IndexOf(rows[0], column);
        return
        [
            .. rows.Skip(1).Select(row => (row[At("network")], long.Parse(row[At("step")], CultureInfo.InvariantCulture),
                double.Parse(row[At("log10_risk")], CultureInfo.InvariantCulture))),
        ];
    }

    private static string[] Results(string folder) =>
        [.. Networks([folder]).Select(network => $"{network.GetProperty("depth")} {network.GetProperty("result")}")];

    private IEnumerable<JsonElement> Networks(string sweep) => Networks(Table(sweep).Values);

    private static IEnumerable<JsonElement> Networks(IEnumerable<string> folders) => folders.SelectMany(folder =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "summary.json"))).RootElement.GetProperty("networks").EnumerateArray());
}
