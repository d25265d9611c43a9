using System.CommandLine;
using TorchAlign.Experiments.Sweeps.Gathering;
using TorchAlign.Experiments.Sweeps.Planning;

namespace TorchAlign.Experiments.Sweeps.Slurm;

/// <summary><c>sweep-element</c>, for the scripts of job arrays alone: makes the runs of one element, those not yet done.</summary>
internal static class SlurmElement
{
    public const string Name = "sweep-element";

    public static Command Build()
    {
        var folder = new Argument<string>("folder");
        var submission = new Argument<int>("submission");
        var element = new Argument<int>("element");
        var command = new Command(Name, "Makes the runs of an element of a job array.") { folder, submission, element };
        command.Hidden = true;
        command.SetAction((parsed, cancellation) => Run(
            SweepFolder.Open(parsed.GetRequiredValue(folder)), parsed.GetValue(submission), parsed.GetValue(element), cancellation));
        return command;
    }

    private static async Task<int> Run(SweepFolder folder, int submission, int element, CancellationToken cancellation)
    {
        var plan = folder.ReadPlan();
        var hashes = Submission.At(folder, submission).RunsOf(element);
        if (hashes.Count == 0) throw new CommandException($"{Submission.At(folder, submission).ElementsFile} has no element {element}.");
        var runs = plan.All.Where(run => hashes.Contains(run.Hash)).ToArray();
        Environment.CurrentDirectory = plan.StudyFolder;
        var log = Console.Out;
        // What the commands print is for people who call them.
        Console.SetOut(TextWriter.Null);
        var root = CommandLine.Root();
        var status = CommandLine.Success;
        foreach (var batch in RunBatches.Of([.. Open(runs)], plan.Command, jobs: 1))
        {
            var stopped = false;
            RunOrder[] orders = [.. batch.Select(run => new RunOrder(run.Arguments, folder.RunFolder(run), plan.Reports))];
            await RunStart.Execute(root, orders, (i, outcome) =>
            {
                var path = folder.RunFolder(batch[i]);
                if (outcome.Cause is { } cause) RunStates.Fail(path, cause);
                stopped |= outcome.Stopped;
                if (outcome.Stopped) return;
                var state = RunStates.Of(path);
                if (state is not (RunState.Done or RunState.Crossed)) status = CommandLine.Failure;
                log.WriteLine(FormattableString.Invariant(
                    $"{batch[i].Hash} {RunStates.CauseOf(path, state) ?? SweepTable.StateName(state)} {outcome.Seconds:F1} s"));
            }, cancellation);
            if (!stopped) continue;
            // Back into the queue, unless that led nowhere the last time.
            if (Submission.At(folder, submission).Stopped(element).HasMoved(runs.Select(folder.RunFolder))) break;
            foreach (var run in Open(batch))
            {
                RunStates.Fail(folder.RunFolder(run), StoppedElement.Cause);
                log.WriteLine($"{run.Hash} {StoppedElement.Cause}");
                status = CommandLine.Failure;
            }
            break;
        }
        if (cancellation.IsCancellationRequested && Open(runs).Any()) throw new OperationCanceledException(cancellation);
        return status;

        IEnumerable<PlannedRun> Open(IEnumerable<PlannedRun> of) =>
            of.Where(run => RunStates.Of(folder.RunFolder(run)) is RunState.Waiting or RunState.Unfinished);
    }
}
