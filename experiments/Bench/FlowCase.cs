using TorchAlign.Data;
using TorchAlign.Experiments.Runs;
using TorchAlign.Experiments.Settings;

namespace TorchAlign.Experiments.Bench;

/// <summary>The flow on a data set, to several distances from the maximum-margin direction.</summary>
/// <param name="Name">As --case takes it.</param>
/// <param name="Data">The points.</param>
/// <param name="Hidden">Hidden widths.</param>
/// <param name="Targets">1 - cos, the largest first, each with our goal in seconds.</param>
/// <param name="WithTwin">Whether PyTorch tries too.</param>
internal sealed record FlowCase(
    string Name, DataSettings Data, int[] Hidden, IReadOnlyList<(double OneMinusCosine, double? Goal)> Targets, bool WithTwin)
{
    public static IReadOnlyList<FlowCase> All { get; } =
    [
        Figure1,
        new("gaussian", new DataSettings { Source = DataLoading.Gaussian, Read = new ReadOptions() }, [32, 32],
            [(1e-6, null), (1e-12, 0.1)], WithTwin: false),
    ];

    public static FlowCase Figure1 => new(
        "figure1", new DataSettings { Source = DataLoading.Planar, Read = new ReadOptions() }, [4, 4, 4],
        [(1e-4, null), (1e-6, null), (1e-12, 0.005), (1e-15, 0.010)], WithTwin: true);
}
