using System.Globalization;
using TorchAlign.Experiments.Sweeps.Planning;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Sweeps.Gathering;

/// <summary>What a call of <c>sweep</c> spent.</summary>
/// <param name="Made">Runs made.</param>
/// <param name="Seconds">From the first worker's start to the last one's end.</param>
/// <param name="OwnSeconds">The sum over the runs of what each took in its worker.</param>
/// <param name="Jobs">Workers.</param>
internal sealed record SweepEffort(int Made, double Seconds, double OwnSeconds, int Jobs);

/// <summary>Gathers the runs of a sweep into its table and page, and tells how they ended.</summary>
internal static class SweepGathering
{
    /// <summary>Failed runs that are listed one by one; the table has them all.</summary>
    private const int Listed = 10;

    public static int Run(SweepFolder folder, bool json) => Run(folder, folder.ReadPlan(), json, null);

    /// <returns>Exit status: <see cref="CommandLine.Failure"/> where a run failed.</returns>
    public static int Run(SweepFolder folder, SweepPlan plan, bool json, SweepEffort? effort)
    {
        var table = SweepTable.Read(folder, plan);
        var (csv, page) = (folder.PathOf("sweep.csv"), folder.PathOf("sweep.html"));
        table.Write(csv);
        SweepPage.Write(page, folder, plan, table);
        var counts = Enum.GetValues<RunState>().ToDictionary(state => state, state => table.Rows.Count(row => row.State == state));
        var builds = table.Rows.Where(row => row.Build is not null).CountBy(row => row.Build!).ToDictionary();
        var failed = table.Rows.Where(row => row.State == RunState.Failed).ToArray();
        if (json)
            Console.Out.Write(RecordJson.Serialize(new
            {
                plan.Name,
                folder = folder.Path,
                runs = counts.ToDictionary(count => SweepTable.StateName(count.Key), count => count.Value),
                builds,
                failed = failed.Select(row => new { row.Run.Settings, row.Cause, folder = folder.RunFolder(row.Run) }),
                effort,
            }));
        else
            Tell();
        return failed.Length > 0 ? CommandLine.Failure : CommandLine.Success;

        void Tell()
        {
            Console.Out.WriteLine($"{plan.Name}: " + string.Join(", ", counts.Where(count => count.Value > 0)
                .Select(count => string.Create(CultureInfo.InvariantCulture, $"{count.Value:N0} {SweepTable.StateName(count.Key)}"))));
            foreach (var row in failed.Take(Listed))
                Console.Out.WriteLine($"failed: {string.Join(' ', row.Run.Arguments)}\n    {row.Cause}\n    {folder.RunFolder(row.Run)}");
            if (failed.Length > Listed) Console.Out.WriteLine($"... and {failed.Length - Listed} more; sweep.csv has their causes.");
            if (failed.Length > 0) Console.Out.WriteLine("--retry makes failed runs again.");
            if (builds.Count > 1)
                Console.Out.WriteLine("Made by several builds of TorchAlign: "
                    + string.Join(", ", builds.Select(build => FormattableString.Invariant($"{build.Value:N0} by {build.Key}"))) + ".");
            if (effort is { Made: > 0 })
                Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{effort.Made:N0} runs of {effort.OwnSeconds:F1} s in all, made by {effort.Jobs} workers in {effort.Seconds:F1} s"));
            Console.Out.WriteLine($"Written to {csv} and {page}");
        }
    }
}
