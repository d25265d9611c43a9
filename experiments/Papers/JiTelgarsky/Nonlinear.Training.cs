using System.Globalization;
using TorchAlign.Alignment;
using TorchAlign.Checkpoints;
using TorchAlign.Dynamics;
using TorchAlign.Numerics;
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
internal sealed record TrainingSample(int Step, double Epoch, double Loss, double Accuracy, ProbeReading Seen);

/// <summary>The training from one start.</summary>
internal sealed record TrainingRun(string Start, IReadOnlyList<TrainingSample> Samples, RunEnd End)
{
    public TrainingSample Last => Samples[^1];

    /// <summary>The spectral ratio of each dense layer at the start and at the end.</summary>
    public (string Name, double First, double Last)[] Changes() =>
        [.. Samples[0].Seen.Layers.Zip(Last.Seen.Layers, (a, b) => (a.Name, a.SpectralRatio, b.SpectralRatio))];
}

/// <summary>The same classifier is trained on the same batches from the default start and from the one of equal norms.</summary>
internal sealed partial class Nonlinear
{
    private const string EqualNorms = "equal norms";
    private const string TrainingPart = "training";
    private const double SamplesPerDecade = 24;

    /// <summary>So many images at a time where the whole set is evaluated.</summary>
    private const int Chunk = 512;

    public override TrainingRun Do(string start, JobRun at)
    {
        using var scope = NewDisposeScope();
        var device = Gradients.Device;
        var image = _data.Image!.Value;
        var images = tensor(
            _data.X.Values.ToArray(), [_data.Count, image.Channels, image.Height, image.Width], dtype: float64, device: device);
        var labels = tensor(_data.Labels.Select(label => (long)label).ToArray(), device: device);
        using var net = ConvolutionalClassifier.Build(image, _data.Classes, _channels, _width, RandomStream.Named(Seed, "weights"));
        if (start == EqualNorms) ConvolutionalClassifier.EqualNorms(net, _norm, RandomStream.Named(Seed, "dense weights"));
        // Made on the host, so that every device starts from the same bits.
        net.to(device);
        using var batches = new Batches(_data.Count, _batch, RandomStream.Named(Seed, "shuffle"), device);
        using var sgd = optim.SGD(net.parameters(), _rate);
        var probe = new AlignmentProbe(net);
        var samples = new List<TrainingSample>();
        var (step, due) = (0, 0);
        if (at.KeptOf(TrainingPart) is { } kept) TakeUp(kept);
        for (; ; step++)
        {
            if (at.Cancellation.IsCancellationRequested || at.IsDue) Keep();
            var end = at.Cancellation.IsCancellationRequested ? RunEnd.Interrupted : step == _steps ? StepLimit() : null;
            if (step == due || end is not null)
            {
                due = Math.Max(step + 1, (int)Math.Min(step * Math.Pow(10, 1 / SamplesPerDecade), int.MaxValue));
                samples.Add(Measure(net, probe, step, images, labels));
                end ??= EndOf(samples[^1]);
                var loss = samples[^1].Loss.ToString("G3", CultureInfo.InvariantCulture);
                at.Tell($"{start}, step {step}: loss {loss}", (double)step / _steps);
            }
            if (end is not null) return new TrainingRun(start, samples, end);
            Step(net, sgd, images, labels, batches);
        }

        void Keep()
        {
            var memory = new Snapshot();
            memory.Write("counts", [step, due]);
            memory.Write("samples", ExactJson.Write(samples));
            batches.Save(memory.Part("batches"));
            foreach (var (name, parameter) in net.named_parameters())
            {
                using var values = parameter.detach().cpu();
                memory.Write($"weights.{name}", values.data<double>().ToArray());
            }
            at.Keep(TrainingPart, memory);
        }

        void TakeUp(Snapshot memory)
        {
            var counts = memory.ReadInt64s("counts", 2);
            (step, due) = ((int)counts[0], (int)counts[1]);
            samples = ExactJson.Read<List<TrainingSample>>(memory.ReadText("samples"));
            batches.Restore(memory.Part("batches"));
            foreach (var (name, parameter) in net.named_parameters())
                ConvolutionalClassifier.Set(parameter, memory.ReadDoubles($"weights.{name}", (int)parameter.numel()));
        }
    }

    private RunEnd StepLimit() => new("step-limit", false, $"The limit of {_steps} steps was reached; raise --steps to go on.");

    private RunEnd? EndOf(TrainingSample sample)
    {
        if (!double.IsFinite(sample.Loss)) return RunEnd.NonFinite with { Message = "The loss left float64. Take a smaller --lr." };
        return sample.Loss <= _loss
            ? new RunEnd("loss-below", true, string.Create(
                CultureInfo.InvariantCulture, $"The loss over all images fell below {_loss.Value:G3}."))
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

    private TrainingSample Measure(Sequential net, AlignmentProbe probe, int step, Tensor images, Tensor labels)
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
        return new TrainingSample(
            step, (double)step * _batch / _data.Count, loss / _data.Count, (double)right / _data.Count, probe.Observe());
    }
}
