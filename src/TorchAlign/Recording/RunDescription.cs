using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization;
using TorchAlign.Networks;

namespace TorchAlign.Recording;

/// <summary>What is known when a run starts and what it takes to repeat it; <see cref="RunFolder"/> writes it as run.json.</summary>
public sealed record RunDescription
{
    /// <summary>The command line, program name first.</summary>
    public required IReadOnlyList<string> CommandLine { get; init; }

    /// <summary>The command that can go on with the run, by its name: "train"; null where none can.</summary>
    public string? Command { get; init; }

    /// <summary>Every option with the value in force, defaults included; any object that serialises to JSON.</summary>
    public required object Configuration { get; init; }

    public required long Seed { get; init; }

    public required RunVersions Versions { get; init; }

    /// <summary>The device as torch names it: "cpu", "cuda:0".</summary>
    public required string Device { get; init; }

    /// <summary>"float64" or "float32".</summary>
    public required string Dtype { get; init; }

    public required DataIdentity Data { get; init; }

    /// <summary>
    /// The one-output networks of the run in order; their names are the first column of trajectory.csv, which is
    /// not written where there are none.
    /// </summary>
    public required IReadOnlyList<NetworkIdentity> Networks { get; init; }

    /// <summary>Tables of the run's own besides trajectory.csv.</summary>
    public IReadOnlyList<TableDescription> Tables { get; init; } = [];

    public DateTimeOffset StartedAt { get; init; } = DateTimeOffset.UtcNow;
}

/// <summary>A table of a run: a file name such as <c>modes.csv</c>, and its columns.</summary>
public sealed record TableDescription(string File, IReadOnlyList<Column> Columns);

/// <summary>A network under a short unique name that is fit for a column and an array: "L4".</summary>
public sealed record NetworkIdentity(string Name, NetworkShape Shape)
{
    /// <summary>What was found or done about its start; null for nothing.</summary>
    public string? StartNote { get; init; }

    /// <summary>Names networks after their depth, "L1", "L4", and tells equal depths apart: "L4", "L4_2".</summary>
    public static IReadOnlyList<NetworkIdentity> ByDepth(IEnumerable<NetworkShape> shapes)
    {
        var seen = new Dictionary<int, int>();
        var networks = new List<NetworkIdentity>();
        foreach (var shape in shapes)
        {
            var count = seen[shape.Depth] = seen.GetValueOrDefault(shape.Depth) + 1;
            networks.Add(new NetworkIdentity(count == 1 ? $"L{shape.Depth}" : $"L{shape.Depth}_{count}", shape));
        }
        return networks;
    }
}

/// <summary>
/// Which data a run saw: a file's path or a generator's name, and the SHA-256 (lower-case hexadecimal) of the file's
/// bytes or of the generated values.
/// </summary>
public sealed record DataIdentity(string Name, string Sha256)
{
    /// <summary>What was done to them; null where nobody told.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DataSummary? Prepared { get; init; }
}

/// <summary>The versions a run depends on; TorchAlign and its git commit (null if unknown) are read from the build.</summary>
public sealed record RunVersions(string TorchAlign, string? GitCommit, string Torch, string DotNet, string Os)
{
    /// <summary>The TorchSharp API over libtorch, its version and source; null if unknown.</summary>
    public string? TorchSharp { get; init; }

    /// <summary>Names the build of the program that computes: equal for equal code; null if unknown.</summary>
    public string? Build { get; init; }

    /// <param name="torch">The version of the libtorch that is loaded.</param>
    public static RunVersions Current(string torch)
    {
        // The SDK appends the commit that was built: "0.1.0+<40 hex digits>".
        var full = typeof(RunVersions).Assembly
            .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
        var parts = full.Split('+', 2);
        return new RunVersions(parts[0], parts.Length == 2 ? parts[1] : null, torch,
            Environment.Version.ToString(), RuntimeInformation.OSDescription);
    }
}
