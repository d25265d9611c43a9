using System.CommandLine;
using TorchAlign.Data;
using TorchAlign.Experiments.Options;
using TorchAlign.Experiments.Runs;
using TorchAlign.Experiments.Settings;

namespace TorchAlign.Experiments.Papers;

/// <summary>
/// [JT, Figure 1]: on planar data, a 1-layer and a 4-layer linear network under gradient flow reach the same maximum-margin
/// direction; every layer of the deep one becomes rank one and aligns with the next; the risk goes to 0.
/// </summary>
internal sealed class Figure1
{
    public const string Name = "figure1";

    private const double Target = 1e-15;

    /// <summary>
    /// Where SEULEX is not to be had: DOPRI5, an explicit method, takes steps in proportion to EPS^(-1/2), 90,000 gradients for both
    /// networks to 1e-9 and 82,000,000 to 1e-15.
    /// </summary>
    private const double ExplicitTarget = 1e-9;

    private readonly RunOptions _run = new(
        defaultSeed: 7, onDevice: "Where the flow is computed; on another than cpu by dopri5, which needs EPS^(-1/2) steps");

    private readonly KeepingOptions _keeping;

    private readonly Option<double?> _to = Opt.Maybe<double?>(
        "--to", $"Follow the flow to 1 - cos(w_prod, u_bar) <= EPS. [{Target:R}; {ExplicitTarget:R} on another --device]", "EPS",
        NumberRange.Share);

    public Figure1() => _keeping = new KeepingOptions(_run);

    public Command Build()
    {
        var command = new Command(Name, """
            Figure 1 of Ji & Telgarsky: 1-layer and 4-layer linear networks reach the same maximum-margin direction.

            Example: torchalign figure1 --seed 7
            """);
        command.Add(_to);
        _run.AddTo(command);
        _keeping.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.FromResult(_keeping.Run(parsed, Name,
            () => Settings(parsed.GetValue(_run.Seed), parsed.GetValue(_to), _run.ThreadsOf(parsed), parsed.GetValue(_run.Device)!),
            Experiment, cancellation)));
        return command;
    }

    internal static LinearExperiment Experiment(RunSettings settings, Output output, Keeping keeping) => new(
        Name, "Deep linear networks find the maximum-margin direction",
        "A 1-layer and a 4-layer linear network under gradient flow of the exponential loss turn to the same direction, "
        + "that of maximum margin; every layer of the deep one becomes rank one and aligns with the next, and the risk "
        + "goes to 0 (Ji & Telgarsky, ICLR 2019, Figure 1 and Theorems 1 and 2).", settings, output, keeping);

    /// <summary>A small Gaussian start, whose layers are neither rank one nor aligned: both happen in the picture.</summary>
    /// <param name="seed">Of the start.</param>
    /// <param name="target">Of 1 - cos; null for the default on the device.</param>
    /// <param name="threads">Of the CPU.</param>
    /// <param name="device">Its name, which need not be that of a device that is there.</param>
    public static RunSettings Settings(int seed, double? target, int threads, string device = "cpu")
    {
        var (field, stepper) = Methods.DefaultsOn(device);
        return Settings(seed, target ?? (stepper == SettingsCheck.Steppers[0] ? Target : ExplicitTarget), threads, device, field, stepper);
    }

    private static RunSettings Settings(int seed, double target, int threads, string device, string field, string stepper) => new()
    {
        Data = new DataSettings { Source = DataLoading.Planar, Read = new ReadOptions() },
        Networks =
        [
            new NetworkSettings { Hidden = [], Init = "equal-norms", Scale = 0.05, Assumption2 = "rescale" },
            new NetworkSettings { Hidden = [4, 4, 4], Init = "equal-norms", Scale = 0.05, Assumption2 = "rescale" },
        ],
        Loss = "exponential",
        Method = new MethodSettings
        {
            Method = "flow",
            Stepper = stepper,
            Clock = "log-risk",
            Rtol = Methods.DefaultTolerance(stepper),
            Rule = "assumption5",
            Radius = "smallest",
            Step = 0.1,
            Field = field,
            Device = device,
            Threads = threads,
        },
        Stop = new StopSettings { OneMinusCosine = target, Steps = 10_000_000 },
        Seed = seed,
        SamplesPerDecade = 40,
    };
}
