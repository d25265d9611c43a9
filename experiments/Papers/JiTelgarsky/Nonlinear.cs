using System.Globalization;
using TorchAlign.Data;
using TorchAlign.Devices;
using TorchAlign.Experiments.Options;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Experiments.Reporting.Charting;
using TorchAlign.Experiments.Runs;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Papers;

/// <summary>
/// [JT, section 4, Figure 2]: what the theorems prove of deep linear networks is seen in an ordinary classifier. The ratios
/// ||W||_2 / ||W||_F of its dense layers rise as it trains, more clearly from a start that gives them equal norms.
/// </summary>
/// <remarks>Products this small lose more to threads than they gain, and one thread gives the same bits on every number of cores.</remarks>
internal sealed partial class Nonlinear() : PaperExperiment<string, TrainingRun>("paper jt nonlinear", """
    Figure 2 of Ji & Telgarsky: the dense layers of a convolutional ReLU classifier turn towards rank one as it trains.

    Example: torchalign paper jt nonlinear --seed 1
    """, new RunOptions(defaultSeed: 1, onDevice: "Where network and images are; singular values are the host's", defaultThreads: 1))
{
    private const int CifarImages = 10_000;

    /// <summary>How far back the charts' logarithmic axis of steps reaches; before, nothing moves.</summary>
    private const double ShownRange = 300;

    private readonly Setting<DataFolder?> _cifar = Declare.Folder(
        "--cifar", "CIFAR-10's binary version, in place of the 8x8 digits that ship.");

    private readonly Setting<int?> _images = Declare.CountOrNone(
        "--images", $"Images, from the start of the set. [all digits, {CifarImages:N0} of CIFAR-10]", unit: "N");

    private readonly Setting<int> _channels = Declare.Count(
        "--channels", 8, "Channels of the first convolution; the second has twice as many.", unit: "N");

    private readonly Setting<int> _width = Declare.Count("--width", 256, "Units of the two hidden dense layers.", unit: "N");

    private readonly Setting<double> _norm = Declare.Positive(
        "--norm", 4.0, "Frobenius norm of every dense layer of the Gaussian start.", "NORM");

    private readonly Setting<int> _batch = Declare.Count("--batch", 32, "Images of a step.", unit: "N");
    private readonly Setting<double> _rate = Declare.Positive("--lr", 0.1, "Step size of the stochastic gradient descent.", "ETA");
    private readonly Setting<double> _loss = Declare.Positive("--loss", 5e-4, "End when the loss over all images is at most this.", "LOSS");
    private readonly Setting<int> _steps = Declare.Count("--steps", 6_000, "End after this many steps.", unit: "N");
    private ClassifiedSet _data = null!;

    public override IReadOnlyList<string> Jobs => ["default", EqualNorms];

    protected override bool SideBySide => false;

    protected override string FolderName => Name;

    protected override IReadOnlyList<JobTable<TrainingRun>> Tables =>
    [
        JobTable<TrainingRun>.Of("training.csv", run => run.Samples.Select(at => (run.Start, At: at)),
            new("start", "which start: default or equal norms", row => row.Start),
            new("step", "steps of stochastic gradient descent", row => row.At.Step),
            new("epoch", "images seen, in passes over the set", row => row.At.Epoch),
            new("loss", "mean cross-entropy over all images", row => row.At.Loss),
            new("accuracy", "share of all images whose class has the largest logit", row => row.At.Accuracy)),
        JobTable<TrainingRun>.Of("layers.csv", run => run.Samples.SelectMany(at => at.Seen.Layers.Select(layer =>
                (run.Start, at.Step, Layer: layer, Below: at.Seen.Pairs.FirstOrDefault(pair => pair.Above == layer.Name)))),
            new("start", "which start: default or equal norms", row => row.Start),
            new("step", "steps of stochastic gradient descent", row => row.Step),
            new("layer", "a dense layer, dense1 nearest the input", row => row.Layer.Name),
            new("frobenius_norm", "||W||_F", row => row.Layer.FrobeniusNorm),
            new("spectral_norm", "||W||_2", row => row.Layer.SpectralNorm),
            new("spectral_ratio", "||W||_2 / ||W||_F", row => row.Layer.SpectralRatio),
            new("rank_one_residual", "||W / ||W||_F - u v^T||_F", row => row.Layer.RankOneResidual),
            new("alignment_below", "|<v, u>|: the leading right singular vector against the leading left one of the dense layer below",
                row => row.Below?.Alignment)),
    ];

    protected override DataIdentity Prepare()
    {
        if (_cifar.Value is { Path: var folder })
        {
            _images.Value ??= CifarImages;
            _data = Cifar10.ReadFolder(folder, first: _images).Scaled();
            _cifar.Value = new DataFolder(folder, _data.Hash);
        }
        else
        {
            var digits = ClassifiedSet.Read(DataLoading.PathOf("digits"), image: new ImageShape(1, 8, 8)).Scaled();
            _data = _images.Value is { } count ? digits.First(count) : digits;
        }
        return new DataIdentity(_data.Name, _data.Hash);
    }

    protected override JobEnd EndOf(TrainingRun run) => JobEnd.Of(run.End);

    protected override string Found(IReadOnlyList<TrainingRun> runs) =>
        "Ji & Telgarsky prove alignment for deep linear networks and see its first half in ordinary ones (section 4, Figure 2): "
        + "as a convolutional classifier with ReLU and pooling trains, the ratios ‖W‖₂/‖W‖_F of its dense layers rise, with the "
        + "default start and, more clearly, with a Gaussian start that gives every dense layer the same Frobenius norm "
        + $"({Numbers.Short(_norm)} here). Here: {_data.Name}, {Numbers.Count(_data.Count)} images of {_data.Image}, "
        + "cross-entropy, stochastic gradient descent; both starts share the convolutions' weights and the order of the images.";

    protected override object Results(IReadOnlyList<TrainingRun> runs, string found) => runs.Select(run => new
    {
        run.Start,
        End = run.End.Name,
        Steps = run.Samples[^1].Step,
        run.Samples[^1].Loss,
        run.Samples[^1].Accuracy,
        Layers = Changes(run).Select(c => new { Layer = c.Name, RatioAtStart = c.First, RatioAtEnd = c.Last, Rise = c.Last / c.First }),
    });

    protected override ReportPage Page(IReadOnlyList<TrainingRun> runs, string found) => new()
    {
        Title = "The dense layers of a ReLU classifier turn towards rank one",
        Claim = found,
        Tables = [Ratios(runs), Training(runs)],
        Charts = [.. Charts(runs).OfType<Chart>()],
        ChartNote = "A random matrix has a ratio well above the least possible one, 1/√rank; a matrix of rank one has the ratio 1.",
    };

    private static ReportTable Ratios(IReadOnlyList<TrainingRun> runs) => new(
        "Spectral ratios of the dense layers",
        ["layer", .. runs.SelectMany(run => new[] { $"{run.Start}: at the start", "at the end", "rise" })],
        [
            .. ConvolutionalClassifier.Dense.Select((layer, k) => (IReadOnlyList<string>)
            [
                layer, .. runs.Select(run => Changes(run)[k]).SelectMany(c => new[]
                {
                    Numbers.Short(c.First), Numbers.Short(c.Last), "×" + (c.Last / c.First).ToString("0.00", CultureInfo.InvariantCulture),
                }),
            ]),
        ])
    {
        Note = string.Join(" ", runs.Select(run => $"{Capitalised(run.Start)}: {Verdict(Changes(run))}")),
    };

    private static string Verdict((string Name, double First, double Last)[] changes)
    {
        string[] fell = [.. changes.Where(c => !(c.Last > c.First)).Select(c => c.Name)];
        var rise = Math.Exp(changes.Average(c => Math.Log(c.Last / c.First)));
        return $"{(fell.Length == 0 ? "every ratio rose" : $"no rise of {string.Join(", ", fell)}")}, by a factor of "
            + $"{rise.ToString("0.00", CultureInfo.InvariantCulture)} in geometric mean.";
    }

    private static ReportTable Training(IReadOnlyList<TrainingRun> runs) => new(
        "Training", ["start", "end", "steps", "epochs", "loss", "accuracy on these images"],
        [
            .. runs.Select(run => (IReadOnlyList<string>)
            [
                run.Start, run.End.Name, Numbers.Count(run.Samples[^1].Step), Numbers.Short(run.Samples[^1].Epoch),
                Numbers.Short(run.Samples[^1].Loss), run.Samples[^1].Accuracy.ToString("P2", CultureInfo.InvariantCulture),
            ]),
        ])
    {
        Note = string.Join(" ", runs.Select(run => $"{Capitalised(run.Start)}: {run.End.Message}")),
    };

    private static IEnumerable<Chart?> Charts(IReadOnlyList<TrainingRun> runs)
    {
        yield return Line(runs, "ratios", "Spectral ratios of the dense layers",
            "‖W‖₂/‖W‖_F of each dense layer; 1 is rank one. Where a curve rises, the largest singular value outgrows the others.",
            new Axis("spectral ratio"), s => s.Seen.Layers.Select(l => (l.Name, l.SpectralRatio)));
        yield return Line(runs, "alignment", "Alignment of adjacent dense layers",
            "A dense layer's leading input direction against the leading output direction of the one below, with a ReLU between.",
            new Axis("|⟨vₖ₊₁, uₖ⟩|"), s => s.Seen.Pairs.Select(p => ($"{p.Below}–{p.Above}", p.Alignment)));
        yield return Line(runs, "norms", "Norms of the dense layers",
            "‖W‖_F; the start of equal norms begins at one point.",
            new Axis("Frobenius norm"), s => s.Seen.Layers.Select(l => (l.Name, l.FrobeniusNorm)));
        yield return Line(runs, "loss", "Loss", "Mean cross-entropy over all images.",
            new Axis("loss", ScaleKind.Log), s => [("", s.Loss)]);
        yield return Line(runs, "accuracy", "Accuracy", "Share of the training images that are classified rightly.",
            new Axis("accuracy"), s => [("", s.Accuracy)]);
    }

    /// <summary>A curve for each run and each quantity that <paramref name="read"/> names.</summary>
    private static Chart? Line(
        IReadOnlyList<TrainingRun> runs, string name, string title, string caption, Axis y,
        Func<TrainingSample, IEnumerable<(string Name, double Value)>> read)
    {
        return Reporting.Charting.Charts.Line(new LinePlot
        {
            Name = name,
            Title = title,
            Caption = caption,
            X = new Axis("step", ScaleKind.Log) { Floor = runs.Max(run => run.Samples[^1].Step) / ShownRange, Tight = true },
            Y = y,
            Series = runs.SelectMany((run, r) => Curves(run, r)),
        });

        IEnumerable<Series> Curves(TrainingRun run, int index)
        {
            string[] names = [.. read(run.Samples[0]).Select(q => q.Name)];
            return names.Select((quantity, k) => new Series(
                quantity.Length == 0 ? run.Start : $"{run.Start}, {quantity}", Palette.Layer(index, k, names.Length),
                run.Samples.Select(s => new Sample(s.Step, read(s).ElementAt(k).Value, s.Step)))
            { Dash = Palette.Dash(k) });
        }
    }

    private static (string Name, double First, double Last)[] Changes(TrainingRun run) =>
        [.. run.Samples[0].Seen.Layers.Zip(run.Samples[^1].Seen.Layers, (a, b) => (a.Name, a.SpectralRatio, b.SpectralRatio))];

    private static string Capitalised(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
