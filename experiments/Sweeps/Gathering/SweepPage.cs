using TorchAlign.Experiments.Sweeps.Planning;

namespace TorchAlign.Experiments.Sweeps.Gathering;

/// <summary>Placeholder while the page is being designed.</summary>
internal static class SweepPage
{
    public static void Write(string path, SweepPlan plan, SweepTable table)
    {
    }
}
