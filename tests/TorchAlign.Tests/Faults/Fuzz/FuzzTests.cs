using System.Diagnostics;
using System.Globalization;
using TorchAlign.Experiments;
using TorchAlign.Numerics;
using TorchAlign.Tests.Commands;
using TorchAlign.Tests.Data;

namespace TorchAlign.Tests.Faults;

/// <summary>
/// Command lines that nobody thought of: each ends with one of the documented exit codes and, where it is refused, a clear line and
/// nothing left behind. <c>scripts/fuzz.sh COUNT [SEED]</c> draws thousands and every command; here are some dozens, always the same.
/// </summary>
public sealed class FuzzTests : IDisposable
{
    private const string Variable = "TORCHALIGN_FUZZ";
    private const int Bounded = 80;

    /// <summary>A line that would compute is stopped as Ctrl-C does it, and then has to end.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(0.5), Most = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task No_command_line_does_what_should_not_happen()
    {
        // COUNT or COUNT,SEED.
        var variable = Environment.GetEnvironmentVariable(Variable) ?? "";
        int[] asked = [.. variable.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
        var (count, seed) = (asked.ElementAtOrDefault(0) is > 0 and var wanted ? wanted : Bounded, asked.ElementAtOrDefault(1));
        string[] run = ["train", "--depth", "2", "--to", "1e-2", "--out", _folder["whole"]];
        Assert.Equal(0, (await Run(run, Most)).Code);
        var failures = new List<string>();
        var codes = new SortedDictionary<int, int>();
        for (var i = 0; i < count; i++)
        {
            // Each line has a stream of its own: one that failed is drawn again by its number alone.
            var random = RandomStream.Named(seed, "fuzz", i);
            var folder = Directory.CreateDirectory(_folder[$"{i}"]).FullName;
            var line = new CommandGrammar(new FuzzFiles(folder, random), _folder["whole"], folder, random, alone: asked.Length > 0).Next();
            var files = Directory.GetFileSystemEntries(folder).Order().ToArray();
            var (code, output, error) = await Run(line, Patience);
            codes[code] = codes.GetValueOrDefault(code) + 1;
            if (Complaint(code, error, files, folder) is { } complaint)
                failures.Add($"{i}: {string.Join(' ', line.Select(word => $"'{word}'"))}\n  {complaint}; exit code {code}: {error}");
            else
                Directory.Delete(folder, recursive: true);
        }
        var told = string.Join(", ", codes.Select(
            code => string.Create(CultureInfo.InvariantCulture, $"{code.Value} x exit code {code.Key}")));
        if (Environment.GetEnvironmentVariable($"{Variable}_LOG") is { Length: > 0 } log)
            File.WriteAllText(log, $"{told}\n{string.Join('\n', failures)}\n");
        Assert.True(failures.Count == 0, $"{failures.Count} of {count} ({told}):\n{string.Join('\n', failures.Take(20))}");
        // Neither a grammar that is always refused nor one that never is would test anything.
        Assert.True(codes.GetValueOrDefault(0) > count / 10 && codes.GetValueOrDefault(2) > count / 5, told);
    }

    private static string? Complaint(int code, string error, string[] before, string folder) =>
        code is not (0 or 1 or 2 or 130) ? "no exit code of ours"
        : error.Contains("This should not happen") || error.Contains("   at ") || error.Contains("Unhandled") ? "what should not happen"
        : error.Contains("System.") ? "a type's name"
        : code == 2 && !error.Contains("torchalign: ") ? "nothing is said"
        : code == 2 && !Directory.GetFileSystemEntries(folder).Order().SequenceEqual(before) ? "something was left behind"
        : null;

    private static async Task<(int Code, string Output, string Error)> Run(string[] line, TimeSpan patience)
    {
        using var console = ConsoleRouter.Capture();
        var here = Environment.CurrentDirectory;
        using var stop = new CancellationTokenSource(patience);
        var watch = Stopwatch.StartNew();
        try
        {
            var code = await Task.Run(() => CommandLine.Run(line, stop.Token)).WaitAsync(Most);
            return (code, console.Output, console.Error);
        }
        catch (TimeoutException)
        {
            return (-1, console.Output, $"no end after {watch.Elapsed.TotalSeconds:0} s");
        }
        catch (Exception error)
        {
            return (-2, console.Output, error.ToString());
        }
        finally
        {
            // A sweep goes where its study lies.
            Environment.CurrentDirectory = here;
        }
    }
}
