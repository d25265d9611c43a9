using System.Globalization;
using System.Text.RegularExpressions;
using TorchAlign.Alignment;
using TorchAlign.Data;
using TorchAlign.Devices;
using TorchAlign.Dynamics;
using TorchAlign.Experiments;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Optimizers;
using TorchAlign.Simulated;
using TorchAlign.Tests.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Tests.Devices;

/// <summary>
/// Memory that runs out, and modules that are on a GPU which is not the first; on simulated CUDA devices, the CPU's arithmetic behind
/// CUDA's device rules.
/// </summary>
[Collection(SimulatedCuda.Name)]
public partial class SimulatedCudaUseTests
{
    private static readonly Device Gpu = new(DeviceType.CUDA, 1);

    /// <summary>What the message advises fits; and the estimate is no less than what is held at the most.</summary>
    [SimulatedCudaTheory]
    [InlineData(2_000_000, 1)]
    [InlineData(2_000_000, 40)]
    [InlineData(400_000, 3)]
    public void Memory_that_runs_out_says_what_fits(int bytes, int members)
    {
        var shape = new NetworkShape(30, 20, 10, 1);
        Within(bytes, () =>
        {
            var error = Assert.Throws<DeviceMemoryException>(() => Descend(shape, members, 20_000));
            Assert.StartsWith($"The memory of {Gpu} ran out when it was asked for", error.Message);
            Assert.NotNull(error.Shortage.Total);
            var advice = Advised().Match(error.Message);
            Assert.True(advice.Success, error.Message);
            var points = int.Parse(advice.Groups["points"].Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
            var (held, estimate) = Descend(shape, members, points);
            Assert.True(held <= estimate.TotalBytes, $"{held} of {estimate.TotalBytes} bytes for {estimate}");
        });
        Within(bytes, () => Assert.Throws<DeviceMemoryException>(() => Descend(shape, members, 20_000)));
    }

    /// <summary>An experiment of a paper finds it in its work, and leaves no folder of a run that never was.</summary>
    [SimulatedCudaFact]
    public void An_experiment_that_does_not_fit_leaves_nothing_behind()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"torchalign-test-{Guid.NewGuid():N}");
        string[] words = ["paper", "nrt", "steps", "--device", $"{Gpu}", "--out", folder];
        Within(10_000, () => Assert.Throws<DeviceMemoryException>(() =>
            CommandLine.Invoke(CommandLine.Root().Parse(words), CancellationToken.None).GetAwaiter().GetResult()));
        Assert.False(Directory.Exists(folder), "a folder was left behind");
    }

    /// <summary>A second copy of the data, to try how they lie best, is given up where it does not fit.</summary>
    [SimulatedCudaFact]
    public void Data_that_fit_once_are_used_as_they_lie()
    {
        using var scope = NewDisposeScope();
        Within(1_000_000, () =>
        {
            using var data = new TorchData(ones(1000, 80, dtype: float64, device: Gpu).DetachFromDisposeScope(), 1);
            data.Tune();
            Assert.StartsWith("rows together", data.Description);
            Assert.Equal(80, data.Times(ones(1, 80, dtype: float64, device: Gpu)).amax(1).item<double>());
        });
    }

    [SimulatedCudaTheory]
    [InlineData("flow")]
    [InlineData("descent")]
    public void Optimizers_train_a_module_there_as_on_the_CPU(string kind)
    {
        using var scope = NewDisposeScope();
        var (host, seen) = (Train(kind, CPU), Train(kind, Gpu));
        Assert.Equal(host.Weights, seen.Weights);
        Assert.Equal(host.Reading.Layers, seen.Reading.Layers);
        Assert.Equal(host.Reading.Pairs, seen.Reading.Pairs);
    }

    /// <summary>Two convolutions and two dense layers; its weights after five steps, and what a probe sees in it.</summary>
    private static (double[] Weights, ProbeReading Reading) Train(string kind, Device device)
    {
        manual_seed(4);
        var module = nn.Sequential(
            nn.Conv2d(1, 3, 3, dtype: float64), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
            nn.Linear(27, 5, dtype: float64), nn.ReLU(), nn.Linear(5, 1, dtype: float64));
        module.to(device);
        var images = randn([8, 1, 8, 8], dtype: float64, device: CPU).to(device);
        var labels = tensor(new double[] { 1, -1, 1, 1, -1, -1, 1, -1 }, dtype: float64, device: CPU).to(device);
        using TrajectoryOptimizer optimizer = kind == "flow"
            ? new GradientFlow(module.parameters(), Clock.LogRisk, rtol: 1e-4)
            : new AdaptiveGradientDescent([.. module.parameters()], MarginLoss.Logistic);
        for (var step = 0; step < 5; step++)
            optimizer.step(() =>
            {
                optimizer.zero_grad();
                var risk = (-(labels * module.call(images).squeeze(1))).exp().log1p().mean();
                risk.backward();
                return risk;
            });
        Assert.All(module.parameters(), parameter => Assert.Equal(device.ToString(), parameter.device.ToString()));
        return ([.. module.parameters().SelectMany(p => p.detach().cpu().data<double>().ToArray())], new AlignmentProbe(module).Observe());
    }

    /// <summary>The stages of a flow are states too; what it says it needs is what it takes.</summary>
    [SimulatedCudaTheory]
    [InlineData(30, 50, 1)]
    [InlineData(3, 60, 40)]
    public void A_flow_needs_no_more_than_it_says(int n, int width, int members)
    {
        var shape = new NetworkShape(3, width, width, 1);
        var runs = Enumerable.Range(0, members).Select(s => new EnsembleRun(
            new SignedPoints(EngineProblems.Separable(n, 3, 7), n, 3), EngineProblems.Gaussian(shape, s), null,
            new RunPlan { Stops = [Stops.StepLimit(5)], Schedule = SampleSchedule.EveryStep })).ToArray();
        var before = SimulatedDevices.Held(Gpu.index);
        var held = SimulatedDevices.Peak(Gpu.index, Follow) - before;
        var error = default(DeviceMemoryException);
        Within(held / 2, () => error = Assert.Throws<DeviceMemoryException>(Follow));
        var needed = error!.Estimate.TotalBytes;
        Assert.True(held <= needed && needed < 2 * held, $"{held} of {needed} bytes");

        void Follow()
        {
            var flow = new EnsembleFlowSettings(Clock.LogRisk);
            using var ensemble = new EnsembleTrajectory(shape, MarginLoss.Logistic, runs, Gpu, flow: flow);
            ensemble.Follow();
        }
    }

    /// <summary>Three steps; the bytes held at the most, and the estimate of them.</summary>
    private static (long Peak, MemoryEstimate Estimate) Descend(NetworkShape shape, int members, int n)
    {
        EnsembleField? field = null;
        var before = SimulatedDevices.Held(Gpu.index);
        var peak = SimulatedDevices.Peak(Gpu.index, () =>
        {
            var points = new SignedPoints(EngineProblems.Separable(n, shape.Inputs, 7), n, shape.Inputs);
            using (field = EnsembleField.Of(shape, members, points, MarginLoss.Logistic, Gpu))
            {
                double[] starts = [.. Enumerable.Range(0, members).SelectMany(s => EngineProblems.Gaussian(shape, s))];
                using var ensemble = new EnsembleDescent(field, starts, [new ConstantStep(0.1)]);
                ensemble.Advance(3);
            }
        });
        return (peak - before, field!.Memory);
    }

    private static void Within(long bytes, Action work)
    {
        var capacity = SimulatedDevices.Capacity;
        SimulatedDevices.Capacity = SimulatedDevices.Held(Gpu.index) + bytes;
        try
        {
            work();
        }
        finally
        {
            SimulatedDevices.Capacity = capacity;
        }
    }

    [GeneratedRegex("n = (?<points>[0-9,]+) points")]
    private static partial Regex Advised();
}
