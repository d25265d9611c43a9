using TorchAlign.Recording;

namespace TorchAlign.Experiments.Bench.OnDevice;

/// <summary>What `torchalign bench --device` found.</summary>
public sealed record DeviceReport
{
    public string Schema { get; } = "torchalign.device-bench/1";
    public required DateTimeOffset Date { get; init; }

    /// <summary>Such as <c>cuda:0 (NVIDIA H200)</c>.</summary>
    public required string Device { get; init; }

    /// <summary>float64 | float32.</summary>
    public required string Dtype { get; init; }

    /// <summary>Of the sizes; 1 for those that the goals are about.</summary>
    public required double Scale { get; init; }

    public required int Rounds { get; init; }
    public required int Seed { get; init; }
    public required BenchMachine Machine { get; init; }
    public required OurFacts Ours { get; init; }
    public TwinSide? Python { get; init; }

    /// <summary>Why there is nothing to compare with, and the remedy.</summary>
    public string? PythonProblem { get; init; }

    /// <summary>Bytes read and written a second by a copy on the device, the best of several in each round.</summary>
    public required Spread CopyBytesPerSecond { get; init; }

    public required IReadOnlyList<DeviceDescentResult> Descent { get; init; }
    public EnsembleResult? Ensemble { get; init; }

    public string ToJson() => RecordJson.Serialize(this);
}

/// <summary>Seconds of a step of descent, from the same start on the same points.</summary>
public sealed record DeviceDescentResult
{
    public required string Name { get; init; }

    /// <summary>n.</summary>
    public required int Points { get; init; }

    /// <summary>d.</summary>
    public required int Dimension { get; init; }

    public required IReadOnlyList<int> Hidden { get; init; }
    public required string Loss { get; init; }

    /// <summary>How Z w and Z^T p were computed.</summary>
    public required string DataProducts { get; init; }

    public required Spread SecondsPerStep { get; init; }

    /// <summary>Of two reads of the data: what a step cannot do without.</summary>
    public required double BytesPerStep { get; init; }

    /// <summary>Those bytes a second, over the copy's bytes a second, round by round.</summary>
    public required Spread ShareOfCopyBandwidth { get; init; }

    public required IReadOnlyList<TwinForm> PyTorch { get; init; }
}

/// <param name="Form">eager | collapsed | graph | compiled.</param>
/// <param name="Deviation">||W - W_ours|| / ||W_ours|| after the same few steps.</param>
/// <param name="SecondsPerStep">Null where it could not be measured.</param>
/// <param name="Ratio">How many of our steps fit into one.</param>
/// <param name="Problem">Why it could not be measured.</param>
public sealed record TwinForm(string Form, double? Deviation, Spread? SecondsPerStep, Spread? Ratio, string? Problem);

/// <summary>Many networks of figure 1, each with points and start of its own, against one after the other.</summary>
public sealed record EnsembleResult
{
    public required int Members { get; init; }
    public required int Points { get; init; }
    public required IReadOnlyList<int> Hidden { get; init; }

    /// <summary>Steps of one network a second, all networks together.</summary>
    public required Spread StepsPerSecond { get; init; }

    /// <summary>Of the closed form in C# on the CPU, one network after the other on one thread.</summary>
    public required Spread FusedStepsPerSecond { get; init; }

    public required Spread OverFused { get; init; }

    /// <summary>Of PyTorch on the same device, one network after the other.</summary>
    public Spread? PyTorchStepsPerSecond { get; init; }

    public Spread? OverPyTorch { get; init; }

    /// <summary>Of the first member, after the same few steps.</summary>
    public double? Deviation { get; init; }

    public string? Problem { get; init; }
}
