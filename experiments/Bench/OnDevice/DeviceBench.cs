using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;
using TorchAlign.Data;
using TorchAlign.Devices;
using TorchAlign.Dynamics;
using TorchAlign.Experiments.Doctor;
using TorchAlign.Experiments.Machines;
using TorchAlign.Experiments.Python;
using TorchAlign.Experiments.Runs;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Experiments.Bench.OnDevice;

/// <summary><c>bench --device</c>: descent that stays on a device against PyTorch on the same one, and both against a plain copy.</summary>
internal sealed class DeviceBench(BenchSettings settings, string deviceName, ScalarType dtype, double scale)
{
    private const double Step = 0.1;
    private const int CheckSteps = 3;

    /// <summary>Bytes of the array that is copied, at most: far beyond every cache.</summary>
    private const double CopyBytes = 2e9;

    private const int Copies = 10;

    private static readonly string[] Forms = [PythonTwin.Eager, PythonTwin.Collapsed, "graph", "compiled"];

    private readonly Device _device = DeviceName.Resolve(deviceName);

    private double AllowedDeviation => dtype == ScalarType.Float64 ? DescentBench.AllowedDeviation : 1e-4;

    /// <exception cref="CheckFailedException">Both sides do not compute the same.</exception>
    public async Task<DeviceReport> Run(CancellationToken cancellation)
    {
        set_num_threads(settings.Threads);
        var doctor = DoctorReport.Collect();
        BenchRun.SetBlasThreads(doctor.Blas?.Path, settings.Threads);
        var (load, date) = (BenchRun.LoadAverage(), DateTimeOffset.Now);
        using var folder = Leftovers.Folder("torchalign-bench-");
        var (twin, problem) = await BenchRun.Twin(settings, folder.Path, cancellation);
        if (problem is not null) settings.Progress(problem);
        settings.Progress($"copying on {DeviceName.Describe(_device)}");
        var copies = Spread.Of([.. Enumerable.Range(0, settings.Rounds).Select(_ => CopyBandwidth())]);
        List<DeviceDescentResult> descent = [];
        foreach (var wanted in DeviceCase.All.Where(known => settings.Wants(known.Name)))
            descent.Add(await Descend(wanted.Scaled(scale), copies, twin is not null, folder.Path, cancellation));
        return new DeviceReport
        {
            Date = date,
            Device = DeviceName.Describe(_device),
            Dtype = DtypeName,
            Scale = scale,
            Rounds = settings.Rounds,
            Seed = settings.Seed,
            Ours = new OurFacts(doctor.Version, doctor.Dotnet, doctor.TorchSharpSource,
                doctor.TorchVersion, doctor.Blas?.Name, settings.Threads),
            Python = twin,
            PythonProblem = problem,
            CopyBytesPerSecond = copies,
            Descent = descent,
            Ensemble = settings.Wants(DeviceCase.Ensemble) ? await Ensemble(twin is not null, folder.Path, cancellation) : null,
            Machine = new BenchMachine(doctor.Cpu, doctor.Cores, doctor.MemoryBytes, doctor.Os, load, BenchRun.LoadAverage()),
        };
    }

    private string DtypeName => dtype == ScalarType.Float32 ? "float32" : "float64";

    private async Task<DeviceDescentResult> Descend(
        DeviceCase wanted, Spread copies, bool withTwin, string folder, CancellationToken cancellation)
    {
        settings.Progress(
            $"{wanted.Name}: n = {wanted.Count}, d = {wanted.Dimension}, widths {string.Join('-', wanted.Hidden)}, {DtypeName}");
        var problem = BenchProblem.Descent(
            new DescentCase(wanted.Name, wanted.Distinct, wanted.Dimension, wanted.Hidden, "logistic", Step, CheckSteps, 0), settings.Seed);
        using var field = Field(problem, wanted.Repeats);
        var check = After(field, problem.Start, CheckSteps);
        using var twin = withTwin ? Twin(problem, wanted.Repeats, folder) : null;
        List<Tried> forms = [];
        foreach (var form in Forms)
        {
            if (twin is null) break;
            settings.Progress($"{wanted.Name}: PyTorch, {form}");
            forms.Add(await Try(twin, form, problem.Shape, check, cancellation));
        }
        foreach (var form in forms) RequireSame(wanted.Name, form);

        var steps = Steps(Seconds(field, problem.Start, CheckSteps));
        List<double> ours = [];
        for (var round = 1; round <= settings.Rounds; round++)
        {
            settings.Progress($"{wanted.Name}: round {round} of {settings.Rounds}");
            cancellation.ThrowIfCancellationRequested();
            ours.Add(Seconds(field, problem.Start, steps));
            foreach (var form in forms.Where(form => form.Problem is null))
                form.Seconds.Add(await SecondsPerStep(twin!, form, cancellation));
        }
        var seconds = Spread.Of(ours);
        var bytes = 2 * field.Memory.DataBytes;
        return new DeviceDescentResult
        {
            Name = wanted.Name,
            Points = wanted.Count,
            Dimension = wanted.Dimension,
            Hidden = wanted.Hidden,
            Loss = problem.Loss.Name,
            DataProducts = field.DataProducts,
            SecondsPerStep = seconds,
            BytesPerStep = bytes,
            ShareOfCopyBandwidth = Spread.Of(ours.Zip(copies.Rounds, (step, copy) => bytes / step / copy)),
            PyTorch =
            [
                .. forms.Select(form => form.Problem is null && Spread.Of(form.Seconds) is var theirs
                    ? new TwinForm(form.Form, form.Deviation, theirs, theirs.Over(seconds), null)
                    : new TwinForm(form.Form, form.Deviation, null, null, form.Problem)),
            ],
        };
    }

    private async Task<EnsembleResult> Ensemble(bool withTwin, string folder, CancellationToken cancellation)
    {
        var members = Math.Max(2, (int)(DeviceCase.Members * scale));
        settings.Progress($"{DeviceCase.Ensemble}: {members} networks of figure 1");
        SignedPoints[] points = [.. Enumerable.Range(0, members).Select(s => Generators.PlanarSet(settings.Seed + s).ToSignedPoints())];
        var shape = new NetworkShape(points[0].Dimension, 4, 4, 4, 1);
        double[][] starts =
            [.. Enumerable.Range(0, members).Select(s => Initialization.EqualNorms(shape, 0.5, new RandomStream(settings.Seed + s)))];
        var first = new BenchProblem(points[0], shape, starts[0], MarginLoss.Exponential);
        double[] all = [.. starts.SelectMany(start => start)];
        using var field = EnsembleField.Of(shape, points, first.Loss, _device, dtype);
        var check = After(field, all, CheckSteps);
        var fused = new FusedField(shape, first.Points.Z, first.Loss, 1);
        using var twin = withTwin ? Twin(first, 1, folder) : null;
        var eager = twin is null ? null : await Try(twin, PythonTwin.Eager, shape, check, cancellation);
        if (eager is not null) RequireSame(DeviceCase.Ensemble, eager);

        Stepping.WarmUp(() => Stepping.WeightsAfter(fused, first.Start, Step, CheckSteps), settings.WarmUp);
        var steps = Steps(Seconds(field, all, CheckSteps));
        List<double> ours = [], single = [], theirs = [];
        for (var round = 1; round <= settings.Rounds; round++)
        {
            settings.Progress($"{DeviceCase.Ensemble}: round {round} of {settings.Rounds}");
            ours.Add(members / Seconds(field, all, steps));
            single.Add(1 / Stepping.SecondsPerStep(fused, first.Start, Step, 1000, settings.OurSample, cancellation));
            if (eager is { Problem: null }) theirs.Add(1 / await SecondsPerStep(twin!, eager, cancellation));
        }
        var (rate, fusedRate) = (Spread.Of(ours), Spread.Of(single));
        var pyTorchRate = theirs.Count > 0 ? Spread.Of(theirs) : null;
        return new EnsembleResult
        {
            Members = members,
            Points = first.Points.Count,
            Hidden = [.. shape.Widths.Skip(1).SkipLast(1)],
            StepsPerSecond = rate,
            FusedStepsPerSecond = fusedRate,
            OverFused = rate.Over(fusedRate),
            PyTorchStepsPerSecond = pyTorchRate,
            OverPyTorch = pyTorchRate is null ? null : rate.Over(pyTorchRate),
            Deviation = eager?.Deviation,
            Problem = eager?.Problem,
        };
    }

    /// <summary>A form's deviation after a few steps and how many steps fill a sample; or why it cannot be measured.</summary>
    private async Task<Tried> Try(
        PythonTwin twin, string form, NetworkShape shape, double[] ours, CancellationToken cancellation)
    {
        try
        {
            await twin.Run(form, CheckSteps, cancellation);
            var theirs = await twin.Weights(form, shape, cancellation);
            var own = ours.AsSpan(0, theirs.Length);
            var deviation = TensorPrimitives.Distance<double>(theirs, own) / TensorPrimitives.Norm<double>(own);
            // On a GPU the threads only queue work.
            var (threads, seconds) = _device.type == DeviceType.CPU
                ? await twin.ChooseThreads(form, CheckSteps, settings.Threads, cancellation)
                : (settings.Threads, await twin.Run(form, CheckSteps, cancellation) / CheckSteps);
            return new Tried(form, double.IsNaN(deviation) ? double.PositiveInfinity : deviation, null, threads,
                Math.Max(1, (long)Math.Ceiling(settings.TwinSample.TotalSeconds / seconds)), []);
        }
        catch (TwinException error)
        {
            return new Tried(form, null, error.Message, 0, 0, []);
        }
    }

    private static async Task<double> SecondsPerStep(PythonTwin twin, Tried form, CancellationToken cancellation)
    {
        await twin.SetThreads(form.Threads, cancellation);
        return await twin.Run(form.Form, form.Steps, cancellation) / form.Steps;
    }

    private void RequireSame(string name, Tried form)
    {
        if (form.Deviation > AllowedDeviation)
            throw new CheckFailedException($"{name}: after {CheckSteps} steps PyTorch's {form.Form} form differs from ours by "
                + $"{form.Deviation:0.0e0}; allowed are {AllowedDeviation:0.0e0}.");
    }

    private EnsembleField Field(BenchProblem problem, int repeats)
    {
        var memory = new MemoryEstimate(problem.Shape, (long)problem.Points.Count * repeats, dtype);
        var z = memory.Guard(_device, () =>
        {
            using var scope = NewDisposeScope();
            return tensor(problem.Points.Z, [problem.Points.Count, problem.Points.Dimension], dtype: float64, device: CPU)
                .to(dtype, _device).repeat(repeats, 1).MoveToOuterDisposeScope();
        });
        return new EnsembleField(problem.Shape, 1, z, problem.Loss);
    }

    /// <summary>Seconds of a step, all of them queued and then waited for.</summary>
    private double Seconds(EnsembleField field, double[] starts, long steps)
    {
        using var descent = new EnsembleDescent(field, starts, [new ConstantStep(Step)]);
        descent.Advance(1);
        Wait();
        var begin = Stopwatch.GetTimestamp();
        // Advance ends with one read-back, as in a run; the device is then done.
        descent.Advance(steps);
        return Stopwatch.GetElapsedTime(begin).TotalSeconds / steps;
    }

    private static double[] After(EnsembleField field, double[] starts, long steps)
    {
        using var descent = new EnsembleDescent(field, starts, [new ConstantStep(Step)]);
        descent.Advance(steps);
        return descent.StateOf(0);
    }

    private long Steps(double seconds) => Math.Clamp((long)(settings.TwinSample.TotalSeconds / seconds), 1, 100_000);

    private PythonTwin Twin(BenchProblem problem, int repeats, string folder) => problem.StartTwin(
        Step, settings.Threads, folder,
        "--device", _device.ToString(), "--repeat", repeats.ToString(CultureInfo.InvariantCulture), "--dtype", DtypeName);

    /// <summary>Bytes read and written a second by the fastest of several copies from one array to another.</summary>
    private double CopyBandwidth()
    {
        using var scope = NewDisposeScope();
        var entries = (long)(CopyBytes * Math.Min(1, scale * 10) / sizeof(double));
        var (from, to) = (ones(entries, dtype: float64, device: _device), empty(entries, dtype: float64, device: _device));
        var best = double.PositiveInfinity;
        for (var copy = 0; copy < Copies; copy++)
        {
            Wait();
            var begin = Stopwatch.GetTimestamp();
            to.copy_(from);
            Wait();
            best = Math.Min(best, Stopwatch.GetElapsedTime(begin).TotalSeconds);
        }
        return 2.0 * sizeof(double) * entries / best;
    }

    private void Wait()
    {
        if (_device.type == DeviceType.CUDA) cuda.synchronize(_device);
    }

    /// <summary>A form of the twin: compared, and either timed or with the reason why not.</summary>
    private sealed record Tried(string Form, double? Deviation, string? Problem, int Threads, long Steps, List<double> Seconds);
}
