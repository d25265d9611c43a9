using TorchAlign.Experiments.Sweeps;
using TorchAlign.Experiments.Sweeps.Planning;
using TorchAlign.Experiments.Sweeps.Slurm;
using TorchAlign.Recording;
using TorchAlignProgram = TorchAlign.Tests.Commands.Program;

namespace TorchAlign.Tests.Sweeps;

/// <summary>What Slurm does to an element of a job array, done to it without Slurm: it is signalled, and started again.</summary>
public sealed class SlurmElementTests : IDisposable
{
    private const int Terminated = 143;

    private readonly TorchAlignProgram _program = new();

    public void Dispose() => _program.Dispose();

    [FactThatNeeds(Need.Unix)]
    public void A_papers_run_that_was_stopped_goes_on()
    {
        var folder = Plan("paper nrt starts --starts=30 --threads=1 --checkpoint-every=0.05");
        Assert.Equal(Terminated, StopAt(Path.Combine(folder, CheckpointFile.Newest)));
        Assert.Equal(0, _program.RunApart("sweep-element", "sweep", "1", "0").ExitCode);
        Assert.Equal(RunState.Done, RunStates.Of(folder));
        Assert.Contains("\"resumed\"", File.ReadAllText(Path.Combine(folder, RunFolder.DescriptionFile)));
        Assert.Equal(0, _program.RunApart("paper nrt starts --starts 30 --threads 1 --out whole".Split(' ')).ExitCode);
        Assert.Equal(File.ReadAllText(Path.Combine(_program.Folder, "whole", "starts.csv")), File.ReadAllText(Path.Combine(folder, "starts.csv")));
    }

    /// <summary>One job, longer than the time that the element is given, which cannot be kept before it ends.</summary>
    [FactThatNeeds(Need.Unix)]
    public void What_comes_no_further_fails_instead_of_going_back_into_the_queue()
    {
        var folder = Plan("paper nrt starts --starts=1 --depth=4 --dimension=50 --rank=50 --points=100 --threads=1");
        var mark = Path.Combine(folder, RunFolder.UnfinishedFile);
        Assert.Equal(Terminated, StopAt(mark));
        Assert.Null(RunStates.CauseOf(folder, RunStates.Of(folder)));
        Assert.Equal(1, StopAt(mark));
        Assert.Equal(StoppedElement.Cause, RunStates.CauseOf(folder, RunStates.Of(folder)));
        Assert.Equal(RunState.Failed, RunStates.Of(folder));
        // There is nothing left to do.
        Assert.Equal(0, _program.RunApart("sweep-element", "sweep", "1", "0").ExitCode);
    }

    /// <summary>A sweep of one run, and an element that makes it; returns the run's folder.</summary>
    private string Plan(string line)
    {
        var run = new PlannedRun("0123456789abcdef", new Dictionary<string, string>(), line.Split(' '));
        var folder = SweepFolder.At(Path.Combine(_program.Folder, "sweep"), ["paper", "nrt", "starts"]);
        folder.Save(
            new SweepPlan { Name = "sweep", Command = ["paper", "nrt", "starts"], StudyFolder = _program.Folder, Runs = [run] }, "name: sweep\n");
        Directory.CreateDirectory(Submission.At(folder, 1).Folder);
        File.WriteAllText(Submission.At(folder, 1).ElementsFile, run.Hash + "\n");
        return folder.RunFolder(run);
    }

    /// <summary>Starts the element, and tells it to stop once a file is there.</summary>
    private int StopAt(string file)
    {
        using var process = _program.Start("sweep-element", "sweep", "1", "0");
        while (!process.HasExited && !File.Exists(file)) Thread.Sleep(5);
        TorchAlignProgram.Signal("TERM", process.Id);
        return TorchAlignProgram.Finish(process).ExitCode;
    }
}
