using TorchAlign.Data;
using TorchAlign.Devices;
using TorchAlign.Experiments.Options;
using TorchAlign.Experiments.Reporting;
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
        Steps = run.Last.Step,
        run.Last.Loss,
        run.Last.Accuracy,
        Layers = run.Changes().Select(c => new { Layer = c.Name, RatioAtStart = c.First, RatioAtEnd = c.Last, Rise = c.Last / c.First }),
    });

    protected override ReportPage Page(IReadOnlyList<TrainingRun> runs, string found) => NonlinearPage.Of(runs, found);
}
