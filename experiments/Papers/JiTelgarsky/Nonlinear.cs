using System.CommandLine;
using TorchAlign.Data;
using TorchAlign.Devices;
using TorchAlign.Experiments.Options;
using TorchAlign.Experiments.Runs;
using TorchAlign.Experiments.Settings;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Papers;

/// <summary>
/// [JT, section 4, Figure 2]: what the theorems prove of deep linear networks is seen in an ordinary classifier. The ratios
/// ||W||_2 / ||W||_F of its dense layers rise as it trains, more clearly from a start that gives them equal norms.
/// </summary>
internal sealed class Nonlinear
{
    private const int CifarImages = 10_000;

    private static readonly ImageShape DigitShape = new(1, 8, 8);

    // Products this small lose more to threads than they gain, and one thread gives the same bits on every number of cores.
    private readonly RunOptions _run = new(
        defaultSeed: 1, onDevice: "Where network and images are; singular values are the host's", defaultThreads: 1);

    private readonly Option<string?> _cifar = Opt.Maybe<string>(
        "--cifar", "CIFAR-10's binary version, in place of the 8x8 digits that ship.", "DIR");

    private readonly Option<int?> _images = Opt.Maybe<int?>(
        "--images", $"Images, from the start of the set. [all digits, {CifarImages:N0} of CIFAR-10]", "N");

    private readonly Option<int> _channels = Opt.Default(
        "--channels", 8, "Channels of the first convolution; the second has twice as many.", "N");

    private readonly Option<int> _width = Opt.Default("--width", 256, "Units of the two hidden dense layers.", "N");
    private readonly Option<double> _norm = Opt.Default(
        "--norm", 4.0, "Frobenius norm of every dense layer of the Gaussian start.", "NORM");

    private readonly Option<int> _batch = Opt.Default("--batch", 32, "Images of a step.", "N");
    private readonly Option<double> _rate = Opt.Default("--lr", 0.1, "Step size of the stochastic gradient descent.", "ETA");
    private readonly Option<double> _loss = Opt.Default("--loss", 5e-4, "End when the loss over all images is at most this.", "LOSS");
    private readonly Option<int> _steps = Opt.Default("--steps", 6_000, "End after this many steps.", "N");

    public Command Build()
    {
        var command = new Command("nonlinear", """
            Figure 2 of Ji & Telgarsky: the dense layers of a convolutional ReLU classifier turn towards rank one as it trains.

            Example: torchalign paper jt nonlinear --seed 1
            """);
        foreach (var option in (Option[])[_cifar, _images, _channels, _width, _norm, _batch, _rate, _loss, _steps]) command.Add(option);
        _run.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            var settings = Settings(parsed);
            settings.Check();
            var device = DeviceChoice.Resolve(settings.Device);
            var data = Load(settings);
            var plan = new PaperPlan(
                "paper jt nonlinear", settings, settings.Seed, _run.ThreadsOf(parsed), device, new DataIdentity(data.Name, data.Hash),
                NonlinearTables.Training, NonlinearTables.Layers);
            return Task.FromResult(PaperRun.Execute(plan, Output.From(parsed, _run, "nonlinear"), cancellation,
                (run, stop) => NonlinearPage.Result(settings, data, new NonlinearExperiment(settings, data, device).Run(run, stop))));
        });
        return command;
    }

    private NonlinearSettings Settings(ParseResult parsed) => new()
    {
        Cifar = parsed.GetValue(_cifar),
        Images = parsed.GetValue(_images) ?? (parsed.GetValue(_cifar) is null ? null : CifarImages),
        Channels = parsed.GetValue(_channels),
        Width = parsed.GetValue(_width),
        Norm = parsed.GetValue(_norm),
        Batch = parsed.GetValue(_batch),
        LearningRate = parsed.GetValue(_rate),
        Loss = parsed.GetValue(_loss),
        Steps = parsed.GetValue(_steps),
        Seed = parsed.GetValue(_run.Seed),
        Device = parsed.GetValue(_run.Device)!,
    };

    private static ClassifiedSet Load(NonlinearSettings settings)
    {
        if (settings.Cifar is { } folder) return Cifar10.ReadFolder(folder, first: settings.Images).Scaled();
        var digits = ClassifiedSet.Read(DataLoading.PathOf("digits"), image: DigitShape).Scaled();
        return settings.Images is { } count ? digits.First(count) : digits;
    }
}
