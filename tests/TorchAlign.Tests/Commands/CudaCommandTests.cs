using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using TorchAlign.Tests.Devices;

namespace TorchAlign.Tests.Commands;

/// <summary>Whole commands with <c>--device cuda</c> against the same on the CPU.</summary>
public sealed class CudaCommandTests : IDisposable
{
    private const string Descent = "--method descent --loss logistic --depth 1,3 --steps 300 --samples 5 --scale 0.5";

    private readonly Program _program = new();

    public void Dispose() => _program.Dispose();

    [Theory]
    [OnCuda(Descent + " --rule assumption5", "torch")]
    [OnCuda(Descent, "autograd")]
    [OnCuda("--depth 2 --to 1e-2 --stepper dopri5", "sequential")]
    public void A_run_goes_where_it_goes_on_the_CPU(string device, string options, string field)
    {
        var (host, seen) = (LogRisks("host", "cpu", options, field), LogRisks("seen", device, options, field));
        Assert.Equal(host.Length, seen.Length);
        Assert.All(host.Zip(seen), pair => Assert.Equal(pair.First, pair.Second, 1e-9 * (1 + Math.Abs(pair.First))));
        using var run = JsonDocument.Parse(File.ReadAllText(Path.Combine(_program.Folder, "seen", "run.json")));
        Assert.StartsWith(device, run.RootElement.GetProperty("device").GetString());
    }

    [Theory, OnCuda]
    public void Doctor_sees_it(string device)
    {
        var result = _program.Run("doctor");
        Assert.Equal(0, result.ExitCode);
        Assert.True(Regex.IsMatch(result.Output, "(?m)^CUDA +yes"), $"{device} is there, but: {result.Output}");
    }

    private double[] LogRisks(string folder, string device, string options, string field)
    {
        var result = _program.Run(["train", .. options.Split(' '), "--field", field, "--device", device, "--out", folder]);
        Assert.True(result.ExitCode == 0, result.Error);
        var lines = File.ReadAllLines(Path.Combine(_program.Folder, folder, "trajectory.csv"));
        var column = Array.IndexOf(lines[0].Split(','), "log10_risk");
        Assert.True(column >= 0, lines[0]);
        return [.. lines.Skip(1).Select(line => double.Parse(line.Split(',')[column], CultureInfo.InvariantCulture))];
    }
}
