using TorchAlign.Experiments.Sweeps.Gathering;
using TorchAlign.Experiments.Sweeps.Planning;

namespace TorchAlign.Experiments.Sweeps;

internal static class SweepStatus
{
    public static int Print(SweepFolder folder, bool json) => SweepGathering.Run(folder, json);
}
