namespace TorchAlign.Experiments.Bench;

/// <summary>What to measure and how.</summary>
internal sealed record BenchSettings
{
    public required IReadOnlyList<string> Cases { get; init; }

    public required int Rounds { get; init; }

    /// <summary>On both sides.</summary>
    public required int Threads { get; init; }

    public required int Seed { get; init; }

    /// <summary>Steps of the run under the rule of Assumption 5.</summary>
    public required long DescentSteps { get; init; }

    /// <summary>What each sample of the twin should take.</summary>
    public TimeSpan TwinSample { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>What each sample of ours takes at least.</summary>
    public TimeSpan OurSample { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long ours computes before anything is timed, so that it is compiled for good.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromMilliseconds(700);

    /// <summary>Steps that the twin gets on figure 1.</summary>
    public int TwinFlowSteps { get; init; } = 100_000;

    /// <summary>Told what is being measured.</summary>
    public required Action<string> Progress { get; init; }

    public bool Wants(string name) => Cases.Contains(name);
}
