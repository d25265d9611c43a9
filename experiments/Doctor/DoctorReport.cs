using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using TorchAlign.Devices;
using TorchAlign.Experiments.Machines;
using TorchAlign.Experiments.Python;

namespace TorchAlign.Experiments.Doctor;

/// <summary>What `torchalign doctor` knows of this machine. Nothing in it needs a run; collecting takes well under a second.</summary>
public sealed record DoctorReport
{
    public string Schema { get; } = "torchalign.doctor/1";
    public required string Version { get; init; }

    /// <summary>The git commit that was built, or null outside a repository.</summary>
    public string? Commit { get; init; }

    /// <summary>`package` or `libtorch`, as compiled in.</summary>
    public required string TorchSharpSource { get; init; }

    /// <summary>Of the TorchSharp API, as compiled in; null if torch could not be loaded.</summary>
    public string? TorchSharpVersion { get; init; }

    /// <summary>Of the libtorch that is loaded; null if none could be, and <see cref="Warnings"/> then says why.</summary>
    public string? TorchVersion { get; init; }

    public string? LibtorchPath { get; init; }

    /// <summary>All libraries of that libtorch.</summary>
    public IReadOnlyList<string> LibtorchFiles { get; init; } = [];

    /// <summary>Names the build of this program, as run.json does.</summary>
    public string? Build { get; init; }

    public BlasFacts? Blas { get; init; }

    /// <summary>The threads torch computes with.</summary>
    public int? Threads { get; init; }

    public required CudaFacts Cuda { get; init; }
    public required LibsvmFacts Libsvm { get; init; }
    public required NodeFacts Node { get; init; }
    public required PythonTwinFacts PythonTwin { get; init; }
    public required string Dotnet { get; init; }
    public required string Os { get; init; }
    public required string Cpu { get; init; }
    public required int Cores { get; init; }
    public required long MemoryBytes { get; init; }
    public required IReadOnlyList<DoctorWarning> Warnings { get; init; }

    /// <summary>Whether TorchAlign can compute here; the warnings may still be worth reading.</summary>
    [JsonIgnore]
    public bool Works => TorchVersion is not null;

    public static DoctorReport Collect()
    {
        // Loading libtorch takes longest; the rest goes beside it.
        var node = Task.Run(NodeFacts.Find);
        var python = Task.Run(PythonTwinFacts.Find);
        TorchFacts torch = TorchFacts.Probe();
        LibsvmFacts libsvm = LibsvmFacts.Find();
        Assembly assembly = typeof(DoctorReport).Assembly;
        string[] version = (assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? assembly.GetName().Version?.ToString() ?? "unknown").Split('+', 2);

        var warnings = new List<DoctorWarning>();
        if (torch.Error is not null)
        {
            warnings.Add(new("torch", $"torch does not load: {torch.Error}",
                "call ./torchalign or ./test.sh, which set it up, or choose with --torchsharp package|libtorch"));
        }
        if (torch.Blas is { Warning: not null } blas)
        {
            warnings.Add(new("blas", blas.Warning, blas.Remedy));
        }
        if (libsvm.Remedy is not null)
        {
            warnings.Add(new("libsvm", "not found: the maximum margin has no independent witness", libsvm.Remedy));
        }
        if (node.Result.Remedy is not null)
        {
            string what = node.Result.Version is null ? "node is not installed: no .svg charts" : "Vega is not installed";
            warnings.Add(new("node", what, node.Result.Remedy));
        }

        return new DoctorReport
        {
            Version = version[0],
            Commit = version.Length > 1 ? version[1] : null,
            TorchSharpSource = ProgramVersions.TorchSharpSource,
            TorchSharpVersion = torch.TorchSharp,
            TorchVersion = torch.Libtorch?.Version,
            LibtorchPath = torch.Libtorch?.Path,
            LibtorchFiles = torch.Libtorch?.Files ?? [],
            Build = torch.Libtorch is null ? null : ProgramVersions.Current.Build,
            Blas = torch.Blas,
            Threads = torch.Threads,
            Cuda = torch.Cuda,
            Libsvm = libsvm,
            Node = node.Result,
            PythonTwin = python.Result,
            Dotnet = Environment.Version.ToString(),
            Os = Machine.OperatingSystemName(),
            Cpu = Machine.ProcessorName(),
            Cores = Environment.ProcessorCount,
            MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            Warnings = warnings,
        };
    }

    public string ToJson() => JsonSerializer.Serialize(this, DoctorJson.Default.DoctorReport);
}

public sealed record DoctorWarning(string Subject, string Message, string? Remedy);

// Generated, because reflection would take a good part of doctor's second.
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DoctorReport))]
internal sealed partial class DoctorJson : JsonSerializerContext;
