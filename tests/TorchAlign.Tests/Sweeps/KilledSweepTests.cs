using System.Diagnostics;
using TorchAlignProgram = TorchAlign.Tests.Commands.Program;

namespace TorchAlign.Tests.Sweeps;

/// <summary>
/// kill -9 at random moments of a sweep: of its workers, and of itself. About 20 s, because killed processes have to start again; it
/// is the one test of what happens between a worker, its run's folder and its sweep.
/// </summary>
public sealed class KilledSweepTests : IDisposable
{
    private const int Kills = 20;

    /// <summary>Each attempt that is not killed itself ends its sweep, or leaves what its killed workers had in hand to the next.</summary>
    private const int Attempts = 2 * Kills + 10;

    /// <summary>An attempt takes seconds; one that does not end is a failure, not a wait.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private const int Runs = 16;

    private const string Study = """
        name: killed
        command: train
        fixed: {method: descent, loss: logistic, steps: 1e5, samples: 10, checkpoint-every: 0.05}
        grid: {depth: [1, 2]}
        seeds: {count: 8}

        """;

    private readonly TorchAlignProgram _program = new();

    public void Dispose() => _program.Dispose();

    [FactThatNeeds(Need.Unix)]
    public async Task What_is_killed_and_resumed_ends_in_the_same_bits()
    {
        _program.Write("study.yaml", Study);
        Assert.Equal(0, _program.Run("sweep", "study.yaml", "--out", "whole").ExitCode);
        var random = new Random(7);
        var (kills, attempts) = (0, 0);
        // Should a sweep end before it was killed often enough, another one has its turn.
        for (var round = 0; kills < Kills; round++)
        {
            var folder = $"killed-{round}";
            var (ended, last) = (false, "");
            while (!ended)
            {
                Assert.True(++attempts <= Attempts, $"{attempts} attempts and {kills} kills have not ended a sweep; see {folder}: {last}");
                using var sweep = _program.Start("sweep", "study.yaml", "--out", folder, "--retry", "--jobs", "2");
                var result = Task.Run(() => TorchAlignProgram.Finish(sweep));
                while (kills < Kills && await Task.WhenAny(result, Task.Delay(random.Next(50, 700))) != result)
                {
                    var workers = TorchAlignProgram.Children(sweep.Id);
                    var itself = random.Next(3) == 0 || workers.Length == 0;
                    TorchAlignProgram.Signal("KILL", itself ? sweep.Id : workers[random.Next(workers.Length)]);
                    kills++;
                    if (itself) break;
                }
                var (status, output, error) = await Within(sweep, result);
                (ended, last) = (status == 0, error + output);
                Assert.DoesNotContain("   at ", error);
                Assert.DoesNotContain("holds no sweep", error);
            }
            Compare(Path.Combine(_program.Folder, "whole"), Path.Combine(_program.Folder, folder));
        }
    }

    private static async Task<TorchAlignProgram.Result> Within(Process sweep, Task<TorchAlignProgram.Result> result)
    {
        if (await Task.WhenAny(result, Task.Delay(Longest)) == result) return await result;
        sweep.Kill(entireProcessTree: true);
        var (_, output, error) = await result;
        throw new TimeoutException($"A sweep did not end within {Longest.TotalMinutes} minutes:\n{error}{output}");
    }

    private static void Compare(string whole, string killed)
    {
        string[] names = [.. Directory.GetDirectories(Path.Combine(whole, "runs")).Select(path => Path.GetFileName(path)!).Order()];
        Assert.Equal(Runs, names.Length);
        Assert.Equal(names, Directory.GetDirectories(Path.Combine(killed, "runs")).Select(path => Path.GetFileName(path)!).Order());
        foreach (var name in names)
            foreach (var file in (string[])["state.npz", "trajectory.csv", "trajectory.npz"])
                Assert.True(File.ReadAllBytes(Path.Combine(whole, "runs", name, file)).AsSpan()
                    .SequenceEqual(File.ReadAllBytes(Path.Combine(killed, "runs", name, file))), $"{name}/{file} differs");
        var rows = File.ReadAllLines(Path.Combine(killed, "sweep.csv"))[1..];
        Assert.Equal(Runs, rows.Length);
        Assert.Equal(Runs, rows.Distinct().Count(row => row.Contains(",done,")));
    }
}
