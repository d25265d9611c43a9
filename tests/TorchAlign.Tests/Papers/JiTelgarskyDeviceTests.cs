using System.Text.Json;
using TorchAlign.Devices;
using TorchAlign.Experiments.Papers;
using TorchAlign.Experiments.Runs;
using TorchAlign.Experiments.Settings;
using TorchAlign.MaxMargin;
using TorchAlign.Numerics;
using TorchAlign.Tests.Devices;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Tests.Papers;

/// <summary>The experiments of [JT] off the CPU, as far as that shows on any machine; and on a GPU, where there is one.</summary>
public sealed class JiTelgarskyDeviceTests : IDisposable
{
    private readonly Commands.Program _program = new();

    public void Dispose() => _program.Dispose();

    /// <summary>What figure1 does off the CPU, done on it: the closed form on tensors against the fused one, step for step.</summary>
    [Fact]
    public void Figure1OffTheCpuTakesTheSameCurve()
    {
        var settings = Figure1.Settings(seed: 7, target: 1e-5, threads: 1, device: "cuda:0");
        Assert.Equal(("torch", "dopri5", "cuda:0"), (settings.Method.Field, settings.Method.Stepper, settings.Method.Device));
        settings = settings with { Method = settings.Method with { Device = "cpu" } };
        var points = DataLoading.Load(settings.Data, settings.Seed).ToSignedPoints();
        var margin = HardMargin.Solve(points);
        foreach (var network in settings.Networks)
        {
            var (torch, fused) = (Run(settings), Run(settings with { Method = settings.Method with { Field = "fused" } }));
            Assert.Equal("found", torch.End!.Name);
            Assert.Equal(fused.Observations.Count, torch.Observations.Count);
            Assert.All(fused.Observations.Zip(torch.Observations), pair =>
                Assert.Equal(1, pair.Second.OneMinusCosine / pair.First.OneMinusCosine, 1e-6));

            NetworkRun Run(RunSettings of)
            {
                var run = new NetworkRun(of, network, points, margin);
                run.Follow(new RunHooks(_ => { }, () => false, () => { }), CancellationToken.None);
                return run;
            }
        }
    }

    [Fact]
    public void Figure1AsksForLessWhereSeulexIsNotToBeHad()
    {
        Assert.Equal(1e-15, Figure1.Settings(7, null, 1).Stop.OneMinusCosine);
        Assert.Equal(1e-9, Figure1.Settings(7, null, 1, "cuda:0").Stop.OneMinusCosine);
        Assert.Equal(1e-12, Figure1.Settings(7, 1e-12, 1, "cuda:0").Stop.OneMinusCosine);
    }

    /// <summary>The order of the images comes from the host, so that it is the same wherever they are.</summary>
    [Theory, OnCpu, OnCuda]
    public void EpochsArePermutationsInTheOrderOfTheSeed(string device)
    {
        using var scope = NewDisposeScope();
        using var batches = new Batches(7, 3, new RandomStream(1), DeviceName.Resolve(device));
        using var others = new Batches(7, 3, new RandomStream(1), CPU);
        for (var epoch = 0; epoch < 3; epoch++)
        {
            long[][] rows = [.. Enumerable.Range(0, 3).Select(_ => batches.Next().cpu().data<long>().ToArray())];
            Assert.Equal([3, 3, 1], rows.Select(batch => batch.Length));
            Assert.Equal([0, 1, 2, 3, 4, 5, 6], rows.SelectMany(batch => batch).Order());
            Assert.All(rows, batch => Assert.Equal(batch, others.Next().data<long>().ToArray()));
        }
    }

    [Theory, OnCuda]
    public void Figure1RunsOnCuda(string device)
    {
        var result = _program.RunApart("figure1", "--to", "1e-4", "--device", device, "--out", "run", "--json");
        Assert.True(result.ExitCode == 0, result.Error);
        using var summary = JsonDocument.Parse(result.Output);
        Assert.All(summary.RootElement.GetProperty("networks").EnumerateArray(),
            network => Assert.Equal("found", network.GetProperty("result").GetString()));
        Assert.StartsWith(device, DeviceOf("run"));
    }

    /// <summary>From the same bits over the same batches: what is left is the order of sums.</summary>
    [Theory, OnCuda]
    public void ClassifiersTrainOnCudaAsOnTheCpu(string device)
    {
        var (there, here) = (Losses(device, "there"), Losses("cpu", "here"));
        Assert.StartsWith(device, DeviceOf("there"));
        Assert.Equal(here[0], there[0], 1e-13);
        Assert.All(here.Zip(there), pair => Assert.Equal(1, pair.Second / pair.First, 1e-9));
    }

    private double[] Losses(string device, string folder)
    {
        var line = $"paper jt nonlinear --images 60 --channels 2 --width 64 --batch 16 --steps 20 --device {device} --out {folder}";
        var result = _program.RunApart(line.Split(' '));
        Assert.True(result.ExitCode == 0, result.Error);
        return [.. File.ReadLines(Path.Combine(_program.Folder, folder, "training.csv")).Skip(1)
            .Select(row => double.Parse(row.Split(',')[3], System.Globalization.CultureInfo.InvariantCulture))];
    }

    private string DeviceOf(string folder)
    {
        using var run = JsonDocument.Parse(File.ReadAllText(Path.Combine(_program.Folder, folder, "run.json")));
        return run.RootElement.GetProperty("device").GetString()!;
    }
}
