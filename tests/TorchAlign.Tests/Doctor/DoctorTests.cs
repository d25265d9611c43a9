using System.Text.Json;
using Spectre.Console;
using TorchAlign.Experiments.Doctor;
using TorchAlign.Experiments.Machines;

namespace TorchAlign.Tests.Doctor;

public class DoctorTests
{
    private static readonly DoctorReport Report = DoctorReport.Collect();

    [Fact]
    public void KnowsTheLibtorchThatTheTestsRunOn()
    {
        Assert.True(Report.Works, string.Join('\n', Report.Warnings));
        Assert.Contains(Report.TorchSharpSource, new[] { "package", "libtorch" });
        Assert.True(File.Exists(Report.LibtorchPath), Report.LibtorchPath);
        Assert.NotNull(Report.Blas);
        Assert.InRange(Report.Threads ?? 0, 1, 4096);
    }

    [Fact]
    public void JsonHasItsSchemaAndCamelCaseNames()
    {
        JsonElement json = JsonDocument.Parse(Report.ToJson()).RootElement;
        Assert.Equal("torchalign.doctor/1", json.GetProperty("schema").GetString());
        foreach (string name in new[] { "version", "torchSharpSource", "torchVersion", "libtorchPath", "blas", "threads", "cuda",
            "libsvm", "node", "pythonTwin", "dotnet", "os", "cpu", "cores", "memoryBytes", "warnings" })
        {
            Assert.True(json.TryGetProperty(name, out _), name);
        }
        Assert.Equal(JsonValueKind.Number, json.GetProperty("cuda").GetProperty("devices").ValueKind);
    }

    [Theory]
    [InlineData("/usr/lib/x86_64-linux-gnu/blas/libblas.so.3.11.0", null, "reference")]
    [InlineData("/usr/lib/x86_64-linux-gnu/openblas-pthread/libblas.so.3", "OpenBLAS 0.3.21", "openblas")]
    [InlineData("/opt/intel/libmkl_rt.so.2", null, "mkl")]
    [InlineData("/usr/lib/x86_64-linux-gnu/blis-pthread/libblas.so.3", null, "blis")]
    public void OnlyTheReferenceBlasIsWarnedOf(string path, string? openBlas, string kind)
    {
        BlasFacts blas = BlasFacts.Describe(path, openBlas);
        Assert.Equal(kind, blas.Kind);
        Assert.Equal(kind == "reference", blas.Warning is not null);
        Assert.Equal(kind == "reference", blas.Remedy is not null);
    }

    [Fact]
    public void PrintsWarningsWithTheirRemedies()
    {
        DoctorReport report = Report with { Warnings = [new("blas", "slow [as] said", "install [another]")] };
        var plain = new StringWriter();
        DoctorCommand.WritePlain(report, plain);
        Assert.Contains("warning: blas: slow [as] said", plain.ToString());

        var table = new StringWriter();
        DoctorCommand.WriteTable(report, AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(table) }));
        foreach (string text in new[] { plain.ToString(), table.ToString() })
        {
            Assert.Contains("install [another]", text);
            Assert.Contains("libtorch", text);
        }
    }
}
