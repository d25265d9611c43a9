using System.Text.Json;
using TorchAlign.Experiments;
using TorchAlign.Experiments.Sweeps;
using TorchAlign.Experiments.Sweeps.Local;
using TorchAlign.Experiments.Sweeps.Planning;
using TorchAlign.Experiments.Sweeps.Studies;

namespace TorchAlign.Tests.Sweeps;

/// <summary>A worker and its sweep: what libraries print does not disturb them, and one bad run takes no other with it.</summary>
public sealed class WorkerTests : IDisposable
{
    private static readonly TimeSpan LongEnough = TimeSpan.FromMinutes(5);

    private readonly string _root = Directory.CreateTempSubdirectory("torchalign-test-").FullName;
    private readonly List<(string Run, string Line)> _said = [];

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [FactThatNeeds(Need.Unix)]
    public void What_libraries_print_is_no_answer()
    {
        const string Noise = "echo 'library 1.2: hello'; echo '{\"Index\":0}'; echo 'and an error' >&2; exec \"$0\" \"$@\"";
        var folder = Path.Combine(_root, "run");
        var outcomes = new List<RunOutcome>();
        using (var worker = Start(["sh", "-c", Noise, .. OwnProgram.Words], LongEnough))
            worker.Run([new RunOrder(["train", "--depth=1", "--to=1e-2", "--threads=1"], folder)], (_, outcome) => outcomes.Add(outcome));
        Assert.Equal([(false, null)], outcomes.Select(outcome => (outcome.Stopped, outcome.Cause)));
        Assert.Equal(RunState.Done, RunStates.Of(folder));
        lock (_said)
            foreach (var line in (string[])["library 1.2: hello", "{\"Index\":0}", "and an error"])
                Assert.Single(_said, said => said.Line == line);
    }

    [FactThatNeeds(Need.Unix)]
    public void A_worker_that_is_never_ready_is_ended_and_told()
    {
        var error = Assert.Throws<WorkerDiedException>(() => Start(["sh", "-c", "echo waiting; sleep 1000"], TimeSpan.FromSeconds(2)));
        Assert.StartsWith("Its process was not ready after 2 s and was ended.", error.Message);
        Assert.Contains("waiting", error.Message);
        var (folder, plan) = Planned();
        var sweep = new LocalSweep(folder, plan, 1) { Program = ["sh", "-c", "sleep 1000"], ReadyWithin = TimeSpan.FromSeconds(1) };
        var told = Assert.Throws<CommandException>(() => sweep.Run(plan.Runs, new SweepProgress(8, 0, 8, 1), CancellationToken.None));
        Assert.Contains("A worker of the sweep did not start. Its process was not ready after 1 s", told.Message);
    }

    [FactThatNeeds(Need.Unix)]
    public void A_worker_that_ends_before_it_is_ready_tells_its_last_words()
    {
        var error = Assert.Throws<WorkerDiedException>(() => Start(["sh", "-c", "echo broken >&2; exit 7"], LongEnough));
        Assert.Equal("Its process ended with exit status 7.\n    broken", error.Message);
        Assert.False(error.BySignal);
    }

    [FactThatNeeds(Need.Unix)]
    public void A_sweep_that_is_cancelled_does_not_wait_for_its_worker()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.CancelAfter(TimeSpan.FromMilliseconds(200));
        Assert.ThrowsAny<OperationCanceledException>(() => Start(["sh", "-c", "sleep 1000"], LongEnough, cancelled.Token));
    }

    /// <summary>The worker is killed whenever one run is among its orders; a line of its log says so.</summary>
    [FactThatNeeds(Need.Unix)]
    public void A_run_that_kills_its_worker_is_found_by_halves()
    {
        var (folder, plan) = Planned();
        var victim = plan.Runs[5];
        var script = $$"""
            { while IFS= read -r line; do
                case $line in *{{victim.Hash}}*) echo 'killed' >&2; kill -9 $$; exit;; esac
                printf '%s\n' "$line"
              done; } | "$0" "$@"
            """;
        new LocalSweep(folder, plan, 1) { Program = ["sh", "-c", script, .. OwnProgram.Words] }
            .Run(plan.Runs, new SweepProgress(8, 0, 8, 1), CancellationToken.None);
        Assert.All(plan.Runs, run => Assert.Equal(run == victim ? RunState.Failed : RunState.Done, RunStates.Of(folder.RunFolder(run))));
        Assert.Contains("was killed (signal 9)", RunStates.CauseOf(folder.RunFolder(victim), RunState.Failed));
        // 8 together, then 4 and 4, then of the second four 2 and 2, then 1 and 1, of which the one that never began has a second turn.
        Assert.Equal([4, 4, 4, 4, 1, 0, 2, 2], plan.Runs.Select(run => run == victim ? 0 : Together(folder.RunFolder(run))));
        var log = File.ReadAllLines(folder.PathOf("workers.log"));
        Assert.Equal(5, log.Count(line => line.EndsWith(" killed", StringComparison.Ordinal)));
        Assert.Contains($"{plan.Runs[0].Hash} killed", log);
    }

    /// <summary>A folder in the place of its next checkpoint: the disk refuses one run of four.</summary>
    [Fact]
    public async Task A_run_that_fails_among_others_fails_alone()
    {
        var orders = Enumerable.Range(1, 4).Select(seed => new RunOrder(
            ["train", "--method=descent", "--rule=constant", "--step=0.001", "--field=torch", "--depth=2", "--steps=10000", "--threads=1",
                "--checkpoint-every=0.2", $"--seed={seed}"],
            Path.Combine(_root, $"{seed}"))).ToArray();
        Directory.CreateDirectory(Path.Combine(orders[2].Folder, "checkpoint.npz.part"));
        var outcomes = new List<(int Index, RunOutcome Outcome)>();
        await RunStart.Execute(CommandLine.Root(), orders, (i, outcome) => outcomes.Add((i, outcome)), CancellationToken.None);
        Assert.Equal([0, 1, 2, 3], outcomes.Select(outcome => outcome.Index).Order());
        Assert.Contains(orders[2].Folder, Assert.Single(outcomes, outcome => outcome.Outcome.Cause is not null).Outcome.Cause);
        RunState[] states = [RunState.Done, RunState.Done, RunState.Unfinished, RunState.Done];
        Assert.Equal(states, orders.Select(order => RunStates.Of(order.Folder)));
        Assert.Equal([2, 2, 1], orders.Where((_, i) => i != 2).Select(order => Together(order.Folder)));
    }

    private (SweepFolder Folder, SweepPlan Plan) Planned()
    {
        const string Text = """
            name: halves
            command: train
            fixed: {method: descent, rule: constant, step: 0.1, field: torch, depth: 2, steps: 50}
            seeds: {count: 8}

            """;
        var root = CommandLine.Root();
        var study = StudyReader.Read("study.yaml", Text, root);
        var folder = SweepFolder.At(Path.Combine(_root, "sweep"), study.Command);
        var plan = new SweepPlan
        {
            Name = study.Name,
            Command = study.Command,
            StudyFolder = _root,
            Runs = Experiments.Sweeps.Planning.Planner.Plan(study, root, CancellationToken.None),
        };
        return (folder, folder.Save(plan, Text));
    }

    private WorkerProcess Start(IReadOnlyList<string> program, TimeSpan readyWithin, CancellationToken cancellation = default) =>
        new(program, _root, (run, line) =>
        {
            lock (_said) _said.Add((run, line));
        }, readyWithin, cancellation);

    private static int Together(string folder) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "summary.json"))).RootElement
            .GetProperty("networks")[0].GetProperty("together").GetInt32();
}
