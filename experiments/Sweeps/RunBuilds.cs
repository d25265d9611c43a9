using System.Text.Json;
using System.Text.Json.Nodes;
using TorchAlign.Experiments.Machines;
using TorchAlign.Experiments.Sweeps.Planning;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Sweeps;

/// <summary>Which builds of the program made the runs of a sweep.</summary>
internal static class RunBuilds
{
    public const string Unknown = "unknown";

    /// <summary>The build of a run as run.json has it; several with + between them where others went on with it; null for no run.</summary>
    public static string? Of(string folder)
    {
        try
        {
            var run = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, RunFolder.DescriptionFile)));
            var sessions = (run?["resumed"] as JsonArray ?? []).Prepend(run);
            return string.Join('+', sessions.Select(session => (string?)session?["versions"]?["build"] ?? Unknown).Distinct());
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            return Unknown;
        }
    }

    /// <summary>Says how many runs of the plan are other builds' than this one's; null where none is.</summary>
    public static string? Others(SweepFolder folder, SweepPlan plan)
    {
        var own = ProgramVersions.Current.Build!;
        var builds = plan.Runs.AsParallel().Select(run => Of(folder.RunFolder(run)))
            .Where(build => build is not null && build != own).CountBy(build => build!).OrderByDescending(build => build.Value).ToArray();
        return builds.Length == 0 ? null
            : FormattableString.Invariant($"{builds.Sum(build => build.Value)} of these runs were made or begun by another build of TorchAlign ")
                + $"({string.Join(", ", builds.Select(build => FormattableString.Invariant($"{build.Value} by {build.Key}")))}); this is {own}. "
                + "sweep.csv tells them apart in its column build; with another --out all runs are made by this one.";
    }
}
