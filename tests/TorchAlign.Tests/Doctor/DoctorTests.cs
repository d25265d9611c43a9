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
    public void TellsTheLibtorchThatIsLoadedAndSoDoRuns()
    {
        Assert.Matches(@"^\d+\.\d+", Report.TorchVersion);
        Assert.Contains(Report.LibtorchPath!, Report.LibtorchFiles);
        Assert.Contains(Report.LibtorchFiles, file => Path.GetFileName(file).Contains("c10"));
        var run = ProgramVersions.Current;
        Assert.Equal(Report.TorchVersion, run.Torch);
        Assert.Equal($"{Report.TorchSharpVersion} ({Report.TorchSharpSource})", run.TorchSharp);
        Assert.Equal(Report.Build, run.Build);
        Assert.Matches("^[0-9a-f]{12}$", run.Build);
    }

    [Theory]
    [InlineData("lib/libtorch_cpu.so.1.13.0", "", "", null, "1.13.0")]
    [InlineData("lib/libtorch_cpu.so", "build-version", "2.1.0+cu121\n", null, "2.1.0+cu121")]
    [InlineData("lib/libtorch_cpu.so", "version.py", "from typing import Optional\n__version__ = '2.4.1+cpu'\ndebug = False\n", null, "2.4.1+cpu")]
    [InlineData("lib/libtorch_cpu.so", "include/torch/csrc/api/include/torch/version.h",
        "#define TORCH_VERSION_MAJOR 2\n#define TORCH_VERSION \\\n  \"2.0.1\"\n", null, "2.0.1")]
    [InlineData("native/libtorch_cpu.so", "", "", "2.10.0", "2.10.0")]
    [InlineData("lib/libtorch_cpu.so", "build-version", "2.10.0+cpu", "2.10.0", "2.10.0+cpu")]
    [InlineData("lib/libtorch_cpu.so", "build-version", "2.9.1+cpu", "2.10.0", "2.10.0")] // of another libtorch
    [InlineData("lib/libtorch_cpu.so", "build-version", "nightly", null, "unknown")]
    [InlineData("lib/libtorch_cpu.so", "", "", null, "unknown")]
    public void TheVersionIsTheLibrarysOwn(string library, string file, string text, string? own, string version)
    {
        var root = Directory.CreateTempSubdirectory("torchalign-test-").FullName;
        try
        {
            if (file.Length > 0)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(root, file))!);
                File.WriteAllText(Path.Combine(root, file), text);
            }
            Assert.Equal(version, LoadedLibtorch.VersionOf(Path.Combine(root, library), own));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [Fact]
    public void TheNumberThatLibtorchCompilesInHasThreeBytesOfVersion() =>
        Assert.Equal("2.10.1", LoadedLibtorch.Numbers((2ul << 56) | (10ul << 48) | (1ul << 40) | 7));

    [Fact]
    public void JsonHasItsSchemaAndCamelCaseNames()
    {
        JsonElement json = JsonDocument.Parse(Report.ToJson()).RootElement;
        Assert.Equal("torchalign.doctor/1", json.GetProperty("schema").GetString());
        foreach (string name in new[] { "version", "build", "torchSharpSource", "torchSharpVersion", "torchVersion", "libtorchPath",
            "libtorchFiles", "blas", "threads", "cuda",
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
