using System.Text.Json;
using TorchAlign.Experiments;
using TorchAlign.Experiments.Sweeps;
using TorchAlign.Simulated;
using TorchAlign.Tests.Devices;

namespace TorchAlign.Tests.Sweeps;

/// <summary>Runs that a simulated device has no room for together, made in as large groups as fit.</summary>
[Collection(SimulatedCuda.Name)]
public sealed class SimulatedCudaSweepTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("torchalign-test-").FullName;
    private readonly long _capacity = SimulatedDevices.Capacity;

    public void Dispose()
    {
        SimulatedDevices.Capacity = _capacity;
        Directory.Delete(_folder, recursive: true);
    }

    [SimulatedCudaFact]
    public void What_does_not_fit_together_is_halved()
    {
        var two = SimulatedDevices.Peak(0, () => Assert.Equal([2, 2], Make("two", 2)));
        // Room for twice that and a little more, not for four times.
        SimulatedDevices.Capacity = (long)(2.5 * two);
        Assert.Equal(Enumerable.Repeat(4, 8), Make("eight", 8));
        // Not even for one.
        SimulatedDevices.Capacity = two / 8;
        Assert.Empty(Make("none", 2));
    }

    /// <summary>How many networks each run was computed together with; of the runs that ended well.</summary>
    private int[] Make(string name, int runs)
    {
        var orders = Enumerable.Range(1, runs).Select(seed => new RunOrder(
            ["train", "--method=descent", "--rule=constant", "--field=torch", "--device=cuda", "--depth=2", "--points=4000", "--steps=20",
                $"--seed={seed}"],
            Path.Combine(_folder, name, $"{seed}"))).ToArray();
        var outcomes = new RunOutcome?[runs];
        RunStart.Execute(CommandLine.Root(), orders, (i, outcome) => outcomes[i] = outcome, CancellationToken.None).GetAwaiter().GetResult();
        Assert.All(outcomes, outcome => Assert.False(outcome!.Stopped));
        Assert.All(outcomes.Where(outcome => outcome!.Cause is not null), outcome => Assert.Contains("cuda:0", outcome!.Cause));
        return
        [
            .. orders.Where((_, i) => outcomes[i]!.Cause is null).Select(order => JsonDocument
                .Parse(File.ReadAllText(Path.Combine(order.Folder, "summary.json"))).RootElement
                .GetProperty("networks")[0].GetProperty("together").GetInt32()),
        ];
    }
}
