using System.Diagnostics;
using System.Text.Json.Nodes;
using TorchAlign.Experiments;
using TorchAlign.Recording;

namespace TorchAlign.Tests.Commands;

/// <summary>SIGINT and SIGTERM, as often as they come and whatever the command is at; scripts/soak.py sends a thousand of them.</summary>
public sealed class SignalTests : IDisposable
{
    private readonly Program _program = new();

    public void Dispose() => _program.Dispose();

    /// <summary>GNU timeout sends two, to the process and to its group; an impatient user more.</summary>
    [TheoryThatNeeds(Need.Unix)]
    [InlineData("TERM TERM")]
    [InlineData("TERM TERM TERM TERM TERM TERM TERM TERM")]
    [InlineData("INT INT")]
    [InlineData("TERM INT")]
    [InlineData("INT TERM TERM")]
    public void Signals_one_upon_the_other_leave_what_one_leaves(string signals)
    {
        using var process = _program.Start(
            "train", "--method", "descent", "--loss", "logistic", "--steps", "1e15", "--depth", "4", "--out", "long");
        WaitFor(process, () => File.Exists(PathOf("long/trajectory.csv")) && new FileInfo(PathOf("long/trajectory.csv")).Length > 5000);
        Send(signals, process);
        var result = Program.Finish(process);
        // Of signals that come at once, any may be taken first.
        Assert.Contains(result.ExitCode, signals.Split(' ').Select(signal => signal == "INT" ? 130 : 143));
        var summary = JsonNode.Parse(File.ReadAllText(PathOf("long/summary.json")))!;
        Assert.Equal("interrupted", (string?)summary["networks"]![0]!["result"]);
        Assert.False(File.Exists(PathOf("long/UNFINISHED")));
        Assert.True(File.Exists(PathOf("long/checkpoint.npz")));
        Assert.Empty(Directory.GetFiles(PathOf("long"), "*.part"));
        Assert.Contains(ReportClaim, File.ReadAllText(PathOf("long/report.html")));
        Assert.Contains($"To go on: torchalign train --resume {PathOf("long")}", result.Error);
    }

    /// <summary>Opening a pipe waits for who writes to it, and so does reading it: neither can be cancelled.</summary>
    [TheoryThatNeeds(Need.Unix)]
    [InlineData("train --data fifo.csv --out run", "TERM", 143)]
    [InlineData("margin fifo.csv", "INT", 130)]
    [InlineData("margin fifo.csv", "INT INT INT", 130)]
    public void A_file_that_does_not_answer_is_left_behind(string line, string signals, int status)
    {
        using (var make = Process.Start("mkfifo", PathOf("fifo.csv"))) make.WaitForExit();
        using var process = _program.Start(line.Split(' '));
        // Our end opens when the command has opened its own.
        var ours = Task.Run(() => new FileStream(PathOf("fifo.csv"), FileMode.Open, FileAccess.Write));
        WaitFor(process, () => ours.IsCompleted);
        using var held = ours.Result;
        Send(signals, process);
        Assert.Equal(status, Program.Finish(process).ExitCode);
        Assert.False(Directory.Exists(PathOf("run")));
    }

    /// <summary>A study is read in one call, which nobody can stop.</summary>
    [FactThatNeeds(Need.Unix)]
    public void A_command_that_cannot_look_up_is_ended()
    {
        _program.Environment[Program.Patience] = "0.1";
        using (var make = Process.Start("mkfifo", PathOf("study.yaml"))) make.WaitForExit();
        using var process = _program.Start("sweep", "study.yaml");
        var ours = Task.Run(() => new FileStream(PathOf("study.yaml"), FileMode.Open, FileAccess.Write));
        WaitFor(process, () => ours.IsCompleted);
        using var held = ours.Result;
        Send("TERM TERM", process);
        var result = Program.Finish(process);
        Assert.Equal(143, result.ExitCode);
        Assert.Contains("Interrupted in the middle of something long.", result.Error);
        _program.Environment[Program.Patience] = "soon";
        Assert.Equal(2, _program.RunApart("doctor").ExitCode);
    }

    /// <summary>libsvm would take a minute of it, and knows no token.</summary>
    [FactThatNeeds(Need.LoadedLibSvm)]
    public void A_long_call_of_a_library_is_left_behind()
    {
        using var process = _program.Start("margin", "gaussian", "--points", "60000", "--dimension", "30", "--json");
        WaitFor(process, () => File.ReadAllText($"/proc/{process.Id}/maps").Contains("libsvm", StringComparison.Ordinal));
        Send("TERM", process);
        var result = Program.Finish(process);
        Assert.Equal(143, result.ExitCode);
        Assert.Equal("", result.Output);
    }

    [Theory]
    [InlineData("train")]
    [InlineData("figure1")]
    [InlineData("paper nrt starts")]
    [InlineData("bench --case 40x2")]
    [InlineData("compare pytorch --case figure1")]
    public void More_threads_than_a_machine_starts_are_refused(string line)
    {
        var result = _program.Run([.. line.Split(' '), "--threads", "100000"]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--threads must be at most 1024; got 100000.", result.Error);
    }

    [Fact]
    public async Task Who_waits_for_work_that_cannot_stop_need_not_wait()
    {
        using var stop = new CancellationTokenSource();
        using var never = new ManualResetEventSlim();
        var waiting = Task.Run(() => Aside.Run(() =>
        {
            stop.Cancel();
            never.Wait();
            return 1;
        }, stop.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        never.Set();
        Assert.Equal(2, Aside.Run(() => 2, CancellationToken.None));
        Assert.Throws<CommandException>(() => Aside.Run<int>(() => throw new CommandException("as it was thrown"), CancellationToken.None));
    }

    /// <summary>Whatever half of the runs would say: eight of ten that had made no step "kept what the theorem promises".</summary>
    [Theory]
    [InlineData("paper nrt curves --steps 1e12 --dimension 10 --rank 5 --depth 2,3")]
    [InlineData("paper nrt steps --steps 1e12")]
    [InlineData("paper nrt completion --size 30 --rank 2 --seen 400 --depth 1,2 --steps 1e9")]
    [InlineData("paper nrt starts --starts 1000000")]
    [InlineData("paper nrt slack --dimension 8 --rank 4 --depth 2,3 --seeds 4 --steps 1e7")]
    [InlineData("paper nrt saddles --dimension 6 --modes 3,1 --depth 2,3 --steps 1e9")]
    [InlineData("paper rnbu binary --to 1e-300 --lr 1e-3 --steps 1e9")]
    [InlineData("paper rnbu multiclass --images 40 --hidden 12-11 --to 1e-300 --steps 1e9")]
    [InlineData("paper rnbu conv-factorisation --to 1e-300 --steps 1e9")]
    [InlineData("paper jt nonlinear --images 60 --channels 2 --width 32 --batch 16 --loss 1e-12 --steps 1000000")]
    [InlineData("train --method descent --loss logistic --steps 1e15 --depth 4")]
    public async Task What_is_interrupted_claims_nothing(string line)
    {
        using var stop = new CancellationTokenSource();
        using var console = ConsoleRouter.Capture();
        var work = Task.Run(() => CommandLine.Run([.. line.Split(' '), "--threads", "1", "--out", PathOf("run")], stop.Token));
        while (!work.IsCompleted && !File.Exists(PathOf("run/run.json"))) await Task.Delay(5);
        await Task.Delay(200);
        await stop.CancelAsync();
        Assert.Equal(130, await work);
        // Where nothing has been seen there is nothing to report.
        if (!File.Exists(PathOf("run/summary.json"))) return;
        Assert.Contains("interrupted", File.ReadAllText(PathOf("run/summary.json")));
        var page = File.ReadAllText(PathOf("run/report.html"));
        Assert.Contains("nothing is claimed", page);
        foreach (var claim in (string[])["kept what the theorem promises", "From a small start", "Found:", "goes to 0 (Ji"])
            Assert.DoesNotContain(claim, page);
    }

    private const string ReportClaim = "Interrupted: nothing is claimed.";

    private string PathOf(string name) => Path.Combine(_program.Folder, name);

    private static void WaitFor(Process process, Func<bool> ready)
    {
        while (!ready())
        {
            Assert.False(process.HasExited, "It ended before it could be interrupted.");
            Thread.Sleep(5);
            process.Refresh();
        }
    }

    /// <summary>All of them by one shell, microseconds apart.</summary>
    private static void Send(string signals, Process process)
    {
        var line = string.Join("; ", signals.Split(' ').Select(signal => $"kill -{signal} {process.Id}"));
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", line]) { RedirectStandardError = true })!;
        shell.WaitForExit();
    }
}
