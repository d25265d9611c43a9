using System.Text;
using TorchAlign.Checkpoints;
using TorchAlign.Data;
using TorchAlign.Devices;
using TorchAlign.Experiments;
using TorchAlign.Experiments.Options;
using TorchAlign.Experiments.Papers;
using TorchAlign.Experiments.Runs;
using TorchAlign.Experiments.Settings;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchAlign.Recording;
using TorchAlign.Tests.Commands;
using TorchAlign.Tests.Data;
using TorchAlign.Tests.Recording;

namespace TorchAlign.Tests.Faults;

/// <summary>
/// Every file that a user can hand over, damaged at random: the command ends well or with exit code 2 and a clear line, and never with
/// code 1, which stands for what should not happen.
/// </summary>
public sealed class MalformedFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(".csv", 100)]
    [InlineData(".libsvm", 80)]
    [InlineData(".npz", 80)]
    public async Task Data(string extension, int count)
    {
        var whole = Whole(extension);
        var random = new RandomStream(extension.Length);
        var (good, bad) = (0, 0);
        for (var i = 0; i < count; i++)
        {
            var file = _folder[$"data{i}{extension}"];
            File.WriteAllBytes(file, Mutation.Of(whole, random));
            if (await EndsWell($"case {i}", "margin", file, "--json")) good++;
            else bad++;
        }
        // A test in which all is well, or nothing, tests nothing.
        Assert.True(good > 0 && bad > count / 10, $"{good} well, {bad} refused");
    }

    /// <summary>The files of a run that was interrupted; every tenth case by the command, the others by what reads them for it.</summary>
    [Theory]
    [InlineData(RunFolder.DescriptionFile, 120)]
    [InlineData(CheckpointFile.Newest, 60)]
    [InlineData(RunFolder.SummaryFile, 40)]
    [InlineData(RunFolder.TrajectoryFile, 40)]
    public async Task Run(string file, int count)
    {
        var run = _folder["run"];
        await Silently(() => Interrupt(run));
        var whole = File.ReadAllBytes(Path.Combine(run, file));
        var random = new RandomStream(file.Length);
        var bad = 0;
        for (var i = 0; i < count; i++)
        {
            var folder = _folder[$"case{i}"];
            Directory.CreateDirectory(folder);
            foreach (var part in Directory.GetFiles(run)) File.Copy(part, Path.Combine(folder, Path.GetFileName(part)));
            File.WriteAllBytes(Path.Combine(folder, file), Mutation.Of(whole, random));
            // A description is also read where no checkpoint tells that it was changed.
            if (file == RunFolder.DescriptionFile && i % 2 == 1) File.Delete(Path.Combine(folder, CheckpointFile.Newest));
            var good = i % 10 == 0
                ? await EndsWell($"case {i} of {file}", "train", "--resume", folder, "--json")
                : IsRead(folder);
            if (!good) bad++;
            Directory.Delete(folder, recursive: true);
        }
        Assert.True(bad > count / 10, $"{bad} refused");
    }

    /// <summary>Whether --resume would go on; what it would say otherwise is one of the errors that end with exit code 2.</summary>
    private static bool IsRead(string folder)
    {
        try
        {
            if (EarlierRun.Read(folder, "train").IsFinished) return true;
            using var run = RunFolder.Resume(
                folder, Samples.Description(NetworkShape.Uniform(2, 2, 4)), _ => { }, out var checkpoint);
            if (checkpoint is not null) run.ReadTrajectory();
            return true;
        }
        catch (Exception error) when (error is CommandException or DataException or RecordingException or SnapshotException
            or DeviceException)
        {
            return false;
        }
    }

    /// <summary>A short run, interrupted as soon as it has some rows.</summary>
    private static async Task<int> Interrupt(string folder)
    {
        for (var steps = 200_000.0; ; steps *= 2)
        {
            // The rows of an attempt that was too quick are not those that are waited for.
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
            var settings = Figure1.Settings(seed: 7, target: 1, threads: 1);
            settings = settings with
            {
                Networks = [settings.Networks[1] with { Hidden = [4] }],
                Loss = "logistic",
                Method = settings.Method with { Method = "descent" },
                Stop = new StopSettings { Steps = steps },
            };
            using var stop = new CancellationTokenSource();
            var work = Task.Run(() => new LinearExperiment("train", "", "", settings, new Output(folder, replace: true, json: true),
                new Keeping(TimeSpan.Zero, null)).Run(stop.Token));
            var trajectory = Path.Combine(folder, RunFolder.TrajectoryFile);
            while (!work.IsCompleted && !(File.Exists(trajectory) && new FileInfo(trajectory).Length > 10_000)) await Task.Delay(1);
            await stop.CancelAsync();
            if (await work == CommandLine.Interrupted) return CommandLine.Interrupted;
        }
    }

    private static async Task<bool> EndsWell(string what, params string[] arguments)
    {
        var (code, error) = await Silently(() => CommandLine.Run(arguments));
        Assert.True(code is 0 or 2, $"{what}: exit code {code}: {error}");
        if (code == 0) return true;
        Assert.StartsWith("torchalign: ", error);
        Assert.DoesNotContain("   at ", error);
        return false;
    }

    /// <summary>The result, and what was written to standard error.</summary>
    private static async Task<(int Code, string Error)> Silently(Func<Task<int>> run)
    {
        using var console = ConsoleRouter.Capture();
        return (await run(), console.Error);
    }

    private byte[] Whole(string extension)
    {
        var random = new RandomStream(5);
        if (extension == ".npz")
        {
            var x = new double[12];
            random.FillGaussian(x);
            NpzWriter.Write(_folder["whole.npz"], NpzArray.Float64("X", x, 6, 2), NpzArray.Int64("y", [0, 1, 0, 1, 1, 0]));
            return File.ReadAllBytes(_folder["whole.npz"]);
        }
        var text = new StringBuilder(extension == ".csv" ? "width,length,\"kind, of it\"\n" : "");
        for (var i = 0; i < 8; i++)
        {
            var (first, second) = (random.NextGaussian(), random.NextGaussian());
            text.Append(extension == ".csv"
                ? FormattableString.Invariant($"{first:R},{second:G3},{(i % 2 == 0 ? "yes" : "no")}\n")
                : FormattableString.Invariant($"{(i % 2 == 0 ? "+1" : "-1")} 1:{first:R} 3:{second:G3} # {i}\n"));
        }
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
