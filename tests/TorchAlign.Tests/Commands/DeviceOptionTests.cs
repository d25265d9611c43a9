using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using TorchAlign.Devices;
using TorchAlign.Experiments;
using TorchAlign.Tests.Devices;
using TorchSharp;

namespace TorchAlign.Tests.Commands;

/// <summary><c>--device</c>: what runs where, what run.json says of it, and what is refused.</summary>
public sealed class DeviceOptionTests : IDisposable
{
    private static readonly string[] Descent =
        ["train", "--method", "descent", "--loss", "logistic", "--depth", "3", "--steps", "300", "--samples", "5", "--scale", "0.5"];

    private readonly Program _program = new();

    public void Dispose() => _program.Dispose();

    [Theory]
    [InlineData("constant")]
    [InlineData("assumption5")]
    public void The_field_on_tensors_takes_the_same_run(string rule)
    {
        var (fused, onTorch) = (LogRisks("a", "fused", rule), LogRisks("b", "torch", rule));
        Assert.Equal(fused.Length, onTorch.Length);
        Assert.All(fused.Zip(onTorch), pair => Assert.Equal(pair.First, pair.Second, 1e-11));
        using var run = JsonDocument.Parse(File.ReadAllText(Path.Combine(_program.Folder, "b", "run.json")));
        Assert.Equal("cpu", run.RootElement.GetProperty("device").GetString());
        Assert.Equal("torch", run.RootElement.GetProperty("configuration").GetProperty("method").GetProperty("field").GetString());
        Assert.Equal("cpu", run.RootElement.GetProperty("configuration").GetProperty("method").GetProperty("device").GetString());
    }

    [Fact]
    public void The_flow_runs_on_tensors_too() =>
        Assert.Equal(0, _program.Run("train", "--field", "torch", "--stepper", "dopri5", "--depth", "2", "--to", "1e-4").ExitCode);

    [Fact]
    public void In_float32_the_run_is_the_same_to_its_rounding()
    {
        var wide = LogRisks("a", "torch", "constant");
        var narrow = LogRisks("b", "torch", "constant", "--dtype", "float32");
        Assert.Equal(wide.Length, narrow.Length);
        Assert.All(wide.Zip(narrow), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        Assert.Contains(wide.Zip(narrow), pair => pair.First != pair.Second);
        using var run = JsonDocument.Parse(File.ReadAllText(Path.Combine(_program.Folder, "b", "run.json")));
        Assert.Equal("float32", run.RootElement.GetProperty("dtype").GetString());
        Assert.Equal("float32", run.RootElement.GetProperty("configuration").GetProperty("method").GetProperty("dtype").GetString());
    }

    [Fact]
    public void Other_fields_refuse_float32()
    {
        var result = _program.Run([.. Descent, "--dtype", "float32"]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--dtype float32 goes with --field torch", result.Error);
    }

    [Theory]
    [InlineData("gpu", "Unknown device 'gpu'")]
    [InlineData("cuda:x", "Unknown device 'cuda:x'")]
    [InlineData("cuda:77", "cuda:77")]
    public void A_device_that_is_not_there_is_wrong_input(string device, string word)
    {
        var result = _program.Run([.. Descent, "--device", device]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(word, result.Error);
        Assert.False(Directory.Exists(Path.Combine(_program.Folder, "runs")));
    }

    public static TheoryData<string> Experiments =>
        [.. Leaves(CommandLine.Root(), "").Where(line => line.StartsWith("paper ", StringComparison.Ordinal)), "figure1", "train"];

    [Theory]
    [MemberData(nameof(Experiments))]
    public async Task Every_experiment_asks_for_its_device_before_it_writes(string line)
    {
        var folder = Path.Combine(_program.Folder, "refused");
        var parsed = CommandLine.Root().Parse([.. line.Split(' '), "--device", "cuda:77", "--out", folder]);
        Assert.Empty(parsed.Errors);
        var error = await Assert.ThrowsAsync<DeviceException>(() => CommandLine.Invoke(parsed, CancellationToken.None));
        Assert.Contains("cuda:77", error.Message);
        Assert.False(Directory.Exists(folder));
    }

    [Theory]
    [MemberData(nameof(Experiments))]
    public async Task The_device_is_part_of_the_configuration(string line)
    {
        var output = new StringWriter();
        var parsed = CommandLine.Root().Parse([.. line.Split(' '), "--device", "cpu", "--describe"]);
        Assert.Equal(0, await CommandLine.Invoke(parsed, CancellationToken.None, output));
        using var described = JsonDocument.Parse(output.ToString());
        Assert.Contains(Named(described.RootElement.GetProperty("configuration"), "device"), value => value.GetString() == "cpu");
    }

    [TheoryThatNeeds(Need.NoCuda)]
    [InlineData("train --method descent --loss logistic")]
    [InlineData("paper jt nonlinear")]
    public void Without_CUDA_the_reason_is_given(string line)
    {
        var result = _program.Run([.. line.Split(' '), "--device", "cuda"]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("The device cuda cannot be had", result.Error);
        Assert.Contains("TORCHALIGN_LIBTORCH", result.Error);
    }

    [Theory, OnCuda]
    public void On_cuda_the_field_is_that_on_tensors(string device)
    {
        Assert.Equal(0, _program.Run([.. Descent, "--device", device, "--out", "c"]).ExitCode);
        using var run = JsonDocument.Parse(File.ReadAllText(Path.Combine(_program.Folder, "c", "run.json")));
        Assert.StartsWith("cuda:0", run.RootElement.GetProperty("device").GetString());
        Assert.Equal("torch", run.RootElement.GetProperty("configuration").GetProperty("method").GetProperty("field").GetString());
        var refused = _program.Run([.. Descent, "--device", device, "--field", "fused"]);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("computes on the CPU alone", refused.Error);
    }

    /// <summary>Short runs of all that computes on fields; those of [JT] have tests of their own.</summary>
    [Theory]
    [OnCuda("rnbu multiclass --images 40 --hidden 12-11 --steps 20")]
    [OnCuda("rnbu binary --steps 20")]
    [OnCuda("rnbu conv-factorisation --steps 20")]
    [OnCuda("rnbu conv-autoencoder --steps 20")]
    [OnCuda("nrt curves --dimension 8 --rank 4 --depth 2,4 --steps 50")]
    [OnCuda("nrt steps --dimension 6 --rank 3 --depth 2 --steps 50")]
    [OnCuda("nrt saddles --dimension 5 --modes 3,1 --depth 2 --steps 50")]
    [OnCuda("nrt starts --depth 2 --starts 2 --steps 100")]
    [OnCuda("nrt slack --dimension 6 --rank 3 --depth 2 --seeds 1 --steps 20")]
    [OnCuda("nrt completion --size 20 --rank 1 --seen 150 --depth 2 --steps 50 --gap 0.1")]
    public void Experiments_run_on_cuda(string device, string line)
    {
        var result = _program.Run(["paper", .. line.Split(' '), "--device", device, "--out", "run"]);
        Assert.True(result.ExitCode == 0, result.Error);
        using var run = JsonDocument.Parse(File.ReadAllText(Path.Combine(_program.Folder, "run", "run.json")));
        Assert.StartsWith(device, run.RootElement.GetProperty("device").GetString());
    }

    private static IEnumerable<string> Leaves(Command command, string line) => command.Subcommands.Count == 0
        ? [line]
        : command.Subcommands.SelectMany(sub => Leaves(sub, $"{line} {sub.Name}".Trim()));

    /// <summary>The values of all fields of a name, at any depth.</summary>
    private static IEnumerable<JsonElement> Named(JsonElement element, string name) => element.ValueKind != JsonValueKind.Object
        ? []
        : element.EnumerateObject().SelectMany(field => field.Name == name ? [field.Value] : Named(field.Value, name));

    private double[] LogRisks(string folder, string field, string rule, params string[] more)
    {
        Assert.Equal(0, _program.Run([.. Descent, "--field", field, "--rule", rule, "--out", folder, .. more]).ExitCode);
        var lines = File.ReadAllLines(Path.Combine(_program.Folder, folder, "trajectory.csv"));
        var column = Array.IndexOf(lines[0].Split(','), "log10_risk");
        Assert.True(column >= 0, lines[0]);
        return [.. lines.Skip(1).Select(line => double.Parse(line.Split(',')[column], CultureInfo.InvariantCulture))];
    }
}
