using System.CommandLine;
using System.Diagnostics;
using TorchAlign.Devices;
using TorchAlign.Experiments.Commands;
using TorchAlign.Experiments.Runs;
using TorchAlign.Experiments.Sweeps.Planning;

namespace TorchAlign.Experiments.Sweeps;

/// <summary>
/// Makes runs of <c>train</c> whose networks agree as one batched problem, each into its own folder: what a single run of them leaves,
/// checkpoints included, and each may go on alone or in other company.
/// </summary>
internal sealed class RunsTogether
{
    private readonly IReadOnlyList<RunOrder> _orders;
    private readonly Action<int, RunOutcome> _ended;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly object _gate = new();
    private readonly List<Task> _finishing = [];
    private readonly HashSet<int> _handedOver = [];
    private double _told;

    private RunsTogether(IReadOnlyList<RunOrder> orders, Action<int, RunOutcome> ended) => (_orders, _ended) = (orders, ended);

    /// <summary>Makes the runs, or goes on with them; what goes wrong with one is its outcome's to tell.</summary>
    /// <param name="orders">Runs of <c>train</c>.</param>
    /// <param name="ended">Told of each run once, by its index, as it ends; one call at a time.</param>
    /// <param name="cancellation">Stops all at a checkpoint.</param>
    public static async Task Execute(IReadOnlyList<RunOrder> orders, Action<int, RunOutcome> ended, CancellationToken cancellation)
    {
        var together = new RunsTogether(orders, ended);
        await together.Make([.. Enumerable.Range(0, orders.Count)], cancellation);
        await Task.WhenAll(together._finishing);
    }

    private async Task Make(IReadOnlyList<int> runs, CancellationToken cancellation)
    {
        var opened = await Open(runs, cancellation);
        // Data of one source may still differ in size.
        foreach (var group in opened.GroupBy(member => string.Join(' ', member.Run.Networks.Select(network => network.Run.Size))))
            foreach (var half in Follow([.. group], cancellation)) await Make(half, cancellation);
    }

    private sealed record Member(int Index, LinearRun Run);

    private async Task<List<Member>> Open(IReadOnlyList<int> runs, CancellationToken cancellation)
    {
        var train = new TrainCommand();
        var root = new Command("torchalign") { train.Build() };
        var cache = new DataCache();
        var opened = new List<Member>();
        foreach (var i in runs)
        {
            try
            {
                cancellation.ThrowIfCancellationRequested();
                await RunStart.WaitUntilFree(_orders[i].Folder, cancellation);
                opened.Add(new Member(i, await Open(train, root, _orders[i], cache, cancellation)));
            }
            catch (Exception error)
            {
                Tell(i, seconds => RunStart.OutcomeOf(error, seconds));
            }
        }
        return opened;
    }

    private static Task<LinearRun> Open(
        TrainCommand train, Command root, RunOrder order, DataCache cache, CancellationToken cancellation) =>
        RunStart.GoOnOrBegin(order, resumes: true, words => Task.FromResult(
            train.Experiment(root.Parse(words))?.Open(cache, together: true, cancellation)
                ?? throw new CommandException($"The run in '{order.Folder}' was finished in the meantime.")));

    /// <summary>Follows runs of equal sizes network by network, as each of them would.</summary>
    /// <returns>The runs that one of them took with it, in halves, to be opened again from their last checkpoint; none as a rule.</returns>
    private IReadOnlyList<IReadOnlyList<int>> Follow(IReadOnlyList<Member> members, CancellationToken cancellation)
    {
        try
        {
            for (var k = 0; k < members[0].Run.Networks.Count && !cancellation.IsCancellationRequested; k++)
            {
                var network = k;
                // Those that were taken up may be past this network.
                Follow([.. members.Where(member => !member.Run.Networks[network].Run.HasEnded)], network, cancellation);
            }
            foreach (var member in members.Where(member => !_handedOver.Contains(member.Index)))
            {
                // Of networks whose turn did not come nobody else has kept anything.
                if (!member.Run.HasEnded) member.Run.Keep();
                HandOver(member, cancellation);
            }
        }
        catch (Exception error)
        {
            Member[] left = [.. members.Where(member => !_handedOver.Contains(member.Index))];
            foreach (var member in left) member.Run.Dispose();
            if (left.Length > 1 && !cancellation.IsCancellationRequested)
                return RunBatches.Halves(left.Select(member => member.Index).ToArray());
            foreach (var member in left) Tell(member.Index, seconds => RunStart.OutcomeOf(error, seconds));
        }
        return [];
    }

    private void Follow(IReadOnlyList<Member> members, int network, CancellationToken cancellation)
    {
        if (members.Count == 0) return;
        try
        {
            NetworkRun.FollowTogether([.. members.Select(member => HooksOf(member.Run, network))], Ended, cancellation);
        }
        catch (DeviceMemoryException) when (members.Count > 1 && members.All(member => !HooksOf(member.Run, network).Run.HasBegun))
        {
            // Half of them take half of the memory; none has to be opened again for that.
            foreach (var half in RunBatches.Halves(members)) Follow(half, network, cancellation);
        }

        void Ended(int i)
        {
            if (members[i].Run.HasEnded) HandOver(members[i], cancellation);
        }
    }

    private static (NetworkRun Run, RunHooks Hooks) HooksOf(LinearRun run, int network)
    {
        var (name, followed) = run.Networks[network];
        return (followed, run.HooksOf(name));
    }

    /// <summary>Writes what came of a run beside the work on the others, which go on.</summary>
    private void HandOver(Member member, CancellationToken cancellation)
    {
        _handedOver.Add(member.Index);
        _finishing.Add(Task.Run(() =>
        {
            Func<double, RunOutcome> outcome;
            try
            {
                var status = member.Run.Finish(cancellation);
                outcome = seconds => RunStart.OutcomeOf(status, seconds);
            }
            catch (Exception error)
            {
                outcome = seconds => RunStart.OutcomeOf(error, seconds);
            }
            member.Run.Dispose();
            Tell(member.Index, outcome);
        }, CancellationToken.None));
    }

    private void Tell(int index, Func<double, RunOutcome> outcome)
    {
        lock (_gate)
        {
            var now = _watch.Elapsed.TotalSeconds;
            _ended(index, outcome(now - _told));
            _told = now;
        }
    }
}
