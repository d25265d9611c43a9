using System.Globalization;
using System.Text.Json;

namespace TorchAlign.Tests.Commands;

/// <summary><c>paper jt nonlinear</c> on few images and small layers; the full size is the command's default.</summary>
public sealed class NonlinearTests : IDisposable
{
    private static readonly string[] Small =
        ["paper", "jt", "nonlinear", "--images", "60", "--channels", "2", "--width", "64", "--batch", "16", "--json"];

    private readonly Program _program = new();

    public void Dispose() => _program.Dispose();

    [Fact]
    public void Ratios_rise_and_a_seed_repeats_to_the_last_bit()
    {
        string[] whole = [.. Small, "--steps", "600", "--lr", "0.2", "--loss", "0.01"];
        var summary = Summary(0, _program.RunApart([.. whole, "--out", "a"]));
        Assert.Equal("loss-below", summary.GetProperty("result").GetString());
        var runs = summary.GetProperty("results").EnumerateArray().ToArray();
        Assert.Equal(["default", "equal norms"], runs.Select(r => r.GetProperty("start").GetString()));
        foreach (var run in runs)
        {
            Assert.True(run.GetProperty("loss").GetDouble() <= 0.01);
            Assert.Equal(1, run.GetProperty("accuracy").GetDouble());
            Assert.All(run.GetProperty("layers").EnumerateArray(), l => Assert.True(l.GetProperty("rise").GetDouble() > 1, $"{run}"));
        }

        // The table holds what the summary says: from norms of 4 at the start, with ratios that are quotients of its norms.
        var rows = Table("a", "layers.csv");
        var start = rows.Where(r => r["start"] == "equal norms" && r["step"] == "0").ToArray();
        Assert.Equal(3, start.Length);
        Assert.All(start, r => Assert.Equal(4, Number(r, "frobenius_norm"), 1e-12));
        Assert.All(rows, r => Assert.Equal(
            Number(r, "spectral_ratio"), Number(r, "spectral_norm") / Number(r, "frobenius_norm"), 1e-15));
        Assert.Equal(
            runs[1].GetProperty("layers")[0].GetProperty("ratioAtEnd").GetDouble(),
            Number(rows.Last(r => r["layer"] == "dense1"), "spectral_ratio"));
        Assert.All(rows, r => Assert.Equal(r["layer"] == "dense1", r["alignment_below"].Length == 0));
        Assert.True(File.Exists(Path.Combine(_program.Folder, "a", "ratios.vl.json")));

        Summary(0, _program.RunApart([.. whole, "--out", "b"]));
        foreach (var file in (string[])["layers.csv", "training.csv"]) Assert.Equal(Text("a", file), Text("b", file));
        Run("--steps", "1", "--out", "c", "--seed", "2");
        Assert.NotEqual(Table("a", "layers.csv")[0]["spectral_ratio"], Table("c", "layers.csv")[0]["spectral_ratio"]);
    }

    [Theory]
    [InlineData(0, "step-limit", "--steps", "7")]
    [InlineData(1, "non-finite", "--lr", "1e200")]
    public void Every_run_ends_with_a_name(int status, string end, params string[] options)
    {
        var summary = Run(status, options);
        Assert.Equal(end, summary.GetProperty("result").GetString());
        Assert.All(summary.GetProperty("results").EnumerateArray(), r => Assert.Equal(end, r.GetProperty("end").GetString()));
    }

    [Fact]
    public void Cifar_files_take_the_digits_place()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_program.Folder, "cifar")).FullName;
        var random = new Random(1);
        var bytes = new byte[60 * 3073];
        random.NextBytes(bytes);
        for (var i = 0; i < 60; i++) bytes[i * 3073] = (byte)(i % 10);
        File.WriteAllBytes(Path.Combine(folder, "data_batch_1.bin"), bytes);
        var summary = Summary(0, _program.RunApart([.. Small, "--cifar", folder, "--steps", "3"]));
        Assert.Equal(3, summary.GetProperty("results")[0].GetProperty("layers").GetArrayLength());
        using var run = JsonDocument.Parse(Text(Path.Combine("runs", "nonlinear-seed1"), "run.json"));
        Assert.Contains("CIFAR-10", run.RootElement.GetProperty("data").GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("--width must be at least 1", "--width", "0")]
    [InlineData("--lr must be positive", "--lr", "NaN")]
    [InlineData("were asked for", "--images", "2000")]
    [InlineData("no data_batch_1.bin", "--cifar", ".")]
    public void What_cannot_be_run_is_refused_before_a_folder_is_made(string message, params string[] options)
    {
        string[] last = options[0] == "--cifar" ? [] : ["--images", "60"];
        string[] first = ["paper", "jt", "nonlinear", .. options[0] == "--images" ? [] : last];
        var result = _program.Run([.. first, .. options]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(message, result.Error);
        Assert.DoesNotContain("   at ", result.Error);
        Assert.False(Directory.Exists(Path.Combine(_program.Folder, "runs")));
    }

    private JsonElement Run(params string[] options) => Run(0, options);

    private JsonElement Run(int status, string[] options) => Summary(status, _program.Run([.. Small, .. options]));

    private static JsonElement Summary(int status, Program.Result result)
    {
        Assert.True(result.ExitCode == status, result.Error);
        using var summary = JsonDocument.Parse(result.Output);
        return summary.RootElement.Clone();
    }

    private string Text(string folder, string file) => File.ReadAllText(Path.Combine(_program.Folder, folder, file));

    private Dictionary<string, string>[] Table(string folder, string file)
    {
        var lines = Text(folder, file).TrimEnd().Split('\n');
        var names = lines[0].Split(',');
        return [.. lines.Skip(1).Select(l => l.Split(',').Zip(names).ToDictionary(c => c.Second, c => c.First))];
    }

    private static double Number(Dictionary<string, string> row, string column) =>
        double.Parse(row[column], CultureInfo.InvariantCulture);
}
