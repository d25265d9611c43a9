using System.Globalization;
using TorchAlign.Alignment;
using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Numerics;
using TorchAlign.Recording;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchAlign.Experiments.Papers;

/// <summary>The classifier after some steps.</summary>
/// <param name="Step">Steps taken.</param>
/// <param name="Epoch">Images seen, in passes over the set.</param>
/// <param name="Loss">Mean cross-entropy over all images.</param>
/// <param name="Accuracy">Share of all images whose class has the largest logit.</param>
/// <param name="Seen">Its dense layers.</param>
internal sealed record NonlinearSample(int Step, double Epoch, double Loss, double Accuracy, ProbeReading Seen);

/// <summary>The training from one start.</summary>
internal sealed record NonlinearRun(string Start, IReadOnlyList<NonlinearSample> Samples, RunEnd End);

/// <summary>Trains the same classifier on the same batches from the default start and from the one of equal norms.</summary>
internal sealed class NonlinearExperiment
{
    private const double SamplesPerDecade = 24;

    /// <summary>So many images at a time where the whole set is evaluated.</summary>
    private const int Chunk = 512;

    private static readonly string[] Starts = ["default", "equal norms"];

    private readonly NonlinearSettings _settings;
    private readonly ClassifiedSet _data;
    private readonly ImageShape _image;
    private readonly Device _device;

    /// <param name="settings">Checked.</param>
    /// <param name="data">Images.</param>
    /// <param name="device">Where they and the network are.</param>
    public NonlinearExperiment(NonlinearSettings settings, ClassifiedSet data, Device device)
    {
        (_settings, _data, _device) = (settings, data, device);
        _image = data.Image ?? throw new ArgumentException($"{data.Name} are no images.", nameof(data));
    }

    /// <summary>Both runs, each with a named end; after a cancellation what there is, the start at least.</summary>
    public IReadOnlyList<NonlinearRun> Run(PaperRun run, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        long[] shape = [_data.Count, _image.Channels, _image.Height, _image.Width];
        var images = tensor(_data.X.Values.ToArray(), shape, dtype: float64, device: _device);
        var labels = tensor(_data.Labels.Select(label => (long)label).ToArray(), device: _device);
        return [.. Enumerable.Range(0, Starts.Length).Select(start => Train(run, start, images, labels, cancellation))];
    }

    private NonlinearRun Train(PaperRun run, int start, Tensor images, Tensor labels, CancellationToken cancellation)
    {
        var random = new RandomStream(_settings.Seed);
        using var net = ConvolutionalClassifier.Build(_image, _data.Classes, _settings.Channels, _settings.Width, random);
        if (start == 1) ConvolutionalClassifier.EqualNorms(net, _settings.Norm, random);
        // Made on the host, so that every device starts from the same bits.
        net.to(_device);
        using var batches = new Batches(_data.Count, _settings.Batch, new RandomStream(_settings.Seed), _device);
        using var sgd = optim.SGD(net.parameters(), _settings.LearningRate);
        var probe = new AlignmentProbe(net);
        var samples = new List<NonlinearSample>();
        RunEnd? end = null;
        var due = 0;
        for (var step = 0; end is null; step++)
        {
            if (cancellation.IsCancellationRequested) end = RunEnd.Interrupted;
            else if (step == _settings.Steps) end = StepLimit(step);
            if (step == due || end is not null)
            {
                due = Math.Max(step + 1, (int)Math.Min(step * Math.Pow(10, 1 / SamplesPerDecade), int.MaxValue));
                var sample = Measure(net, probe, step, images, labels);
                Record(run, Starts[start], sample);
                samples.Add(sample);
                end ??= EndOf(sample);
                var share = (start + (double)step / _settings.Steps) / Starts.Length;
                run.Tell($"{Starts[start]}, step {step}: loss {sample.Loss.ToString("G3", CultureInfo.InvariantCulture)}", share);
            }
            if (end is null) Step(net, sgd, images, labels, batches);
        }
        return new NonlinearRun(Starts[start], samples, end);
    }

    private static RunEnd StepLimit(int steps) =>
        new("step-limit", false, $"The limit of {steps} steps was reached; raise --steps to go on.");

    private RunEnd? EndOf(NonlinearSample sample)
    {
        if (!double.IsFinite(sample.Loss)) return new RunEnd("non-finite", false, "The loss left float64. Take a smaller --lr.");
        return sample.Loss <= _settings.Loss
            ? new RunEnd("loss-below", true, string.Create(
                CultureInfo.InvariantCulture, $"The loss over all images fell below {_settings.Loss:G3}."))
            : null;
    }

    /// <summary>Nothing in it waits for the device.</summary>
    private static void Step(Sequential net, SGD sgd, Tensor images, Tensor labels, Batches batches)
    {
        using var scope = NewDisposeScope();
        var rows = batches.Next();
        sgd.zero_grad();
        nn.functional.cross_entropy(net.call(images.index_select(0, rows)), labels.index_select(0, rows)).backward();
        sgd.step();
    }

    private NonlinearSample Measure(Sequential net, AlignmentProbe probe, int step, Tensor images, Tensor labels)
    {
        using var unrecorded = no_grad();
        var (loss, right) = (0.0, 0L);
        for (long at = 0; at < _data.Count; at += Chunk)
        {
            using var scope = NewDisposeScope();
            var length = Math.Min(Chunk, _data.Count - at);
            var logits = net.call(images.narrow(0, at, length));
            var target = labels.narrow(0, at, length);
            loss += nn.functional.cross_entropy(logits, target, reduction: nn.Reduction.Sum).item<double>();
            right += logits.argmax(1).eq(target).sum().item<long>();
        }
        return new NonlinearSample(
            step, (double)step * _settings.Batch / _data.Count, loss / _data.Count, (double)right / _data.Count, probe.Observe());
    }

    private static void Record(PaperRun run, string start, NonlinearSample sample)
    {
        run.Table(NonlinearTables.Training.File).Append(
            [start, Text(sample.Step), Text(sample.Epoch), Text(sample.Loss), Text(sample.Accuracy)]);
        foreach (var layer in sample.Seen.Layers)
        {
            var below = sample.Seen.Pairs.FirstOrDefault(pair => pair.Above == layer.Name);
            run.Table(NonlinearTables.Layers.File).Append(
            [
                start, Text(sample.Step), layer.Name, Text(layer.FrobeniusNorm), Text(layer.SpectralNorm), Text(layer.SpectralRatio),
                Text(layer.RankOneResidual), below is null ? "" : Text(below.Alignment),
            ]);
        }
    }

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
