using TorchAlign.Data;
using TorchAlign.Experiments.Settings;
using TorchAlign.MaxMargin;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Runs;

/// <summary>The points of a run, what is shown of them, and their maximum margin.</summary>
internal sealed record LinearProblem(ShownData Data, SignedPoints Points, MarginSolution Reference);

/// <summary>Problems by their settings, so that runs which are made together have equal data once.</summary>
internal sealed class DataCache
{
    /// <summary>Entries of data whose garbage is worth a collection, which takes milliseconds.</summary>
    private const int LargeData = 1 << 17;

    private readonly Dictionary<string, LinearProblem> _known = [];

    /// <exception cref="CommandException">The settings name no data.</exception>
    /// <exception cref="DataException">The data cannot be read.</exception>
    public LinearProblem Load(RunSettings settings, CancellationToken cancellation)
    {
        var key = RecordJson.Serialize(new { settings.Data, Seed = DataLoading.IsGenerated(settings.Data) ? settings.Seed : 0 });
        if (_known.TryGetValue(key, out var known)) return known;
        var (data, points) = Aside.Run(() => Read(settings), cancellation);
        // Reading leaves garbage of the size of the data, which the collector would keep for the length of the run.
        if (points.Z.Length > LargeData) GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return _known[key] = new LinearProblem(data, points, HardMargin.Solve(points, cancellation));
    }

    /// <summary>What a run needs of the data: the points once, and of the labelled set what is shown.</summary>
    private static (ShownData Data, SignedPoints Points) Read(RunSettings settings)
    {
        var data = DataLoading.Load(settings.Data, settings.Seed);
        var points = data.ToSignedPoints();
        return (ShownData.Of(data, points), points);
    }
}
