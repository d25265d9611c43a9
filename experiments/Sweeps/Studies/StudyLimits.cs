namespace TorchAlign.Experiments.Sweeps.Studies;

/// <summary>Beyond these a study is more likely a slip of the pen than meant.</summary>
internal static class StudyLimits
{
    /// <summary>Values of one option.</summary>
    public const int Values = 100_000;

    /// <summary>Runs of one study.</summary>
    public const int Runs = 100_000;
}
