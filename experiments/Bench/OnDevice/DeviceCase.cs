namespace TorchAlign.Experiments.Bench.OnDevice;

/// <summary>Descent of one network on many points, with a constant step.</summary>
/// <param name="Name">As --case takes it.</param>
/// <param name="Count">n.</param>
/// <param name="Dimension">d.</param>
/// <param name="Hidden">Hidden widths.</param>
internal sealed record DeviceCase(string Name, int Count, int Dimension, int[] Hidden)
{
    /// <summary>The ensemble of figure-1 networks, as --case takes it.</summary>
    public const string Ensemble = "ensemble";

    /// <summary>Networks of the ensemble.</summary>
    public const int Members = 10_000;

    /// <summary>Points that are made; the data repeat them, which changes no time and spares a file of gigabytes.</summary>
    private const int DistinctPoints = 1000;

    private const int LeastWidth = 8;

    public static IReadOnlyList<DeviceCase> All { get; } =
    [
        new("1000000x1024", 1_000_000, 1024, [1024, 1024, 1024]),
        new("100000x784", 100_000, 784, [512, 512, 512]),
    ];

    public static IReadOnlyList<string> Names { get; } = [.. All.Select(known => known.Name), Ensemble];

    /// <summary>How often the points that are made are repeated.</summary>
    public int Repeats => Math.Max(1, Count / DistinctPoints);

    /// <summary>Points that are made.</summary>
    public int Distinct => Count / Repeats;

    /// <summary>n times the scale, d and widths times its square root, so that a step takes about scale^(3/2) as long.</summary>
    public DeviceCase Scaled(double scale)
    {
        var root = Math.Sqrt(scale);
        var smaller = this with
        {
            Count = Math.Max(DistinctPoints, (int)(Count * scale)),
            Dimension = Width(Dimension),
            Hidden = [.. Hidden.Select(Width)],
        };
        return smaller with { Count = smaller.Distinct * smaller.Repeats };

        int Width(int width) => Math.Min(width, Math.Max(LeastWidth, (int)(width * root)));
    }
}
