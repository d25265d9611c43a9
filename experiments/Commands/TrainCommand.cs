using System.CommandLine;
using System.Globalization;
using TorchAlign.Experiments.Options;
using TorchAlign.Experiments.Runs;
using TorchAlign.Experiments.Settings;

namespace TorchAlign.Experiments.Commands;

/// <summary><c>train</c>: any data, depth, width, start, loss, method, clock and stop.</summary>
internal sealed class TrainCommand
{
    public const string Name = "train";

    private const double DefaultTarget = 1e-12;

    private readonly DataOptions _data = new();
    private readonly RunOptions _run = new(defaultSeed: 7, onDevice: "Where it is computed");
    private readonly KeepingOptions _keeping;

    private readonly Option<string> _source = Opt.Default("--data", DataLoading.Planar, DataOptions.SourceHelp, "SOURCE");

    private readonly Option<string> _depth = Opt.Default(
        "--depth", "1,4", "Number of layers L; several, as in 1,4, make several networks on the same data.", "L[,L...]");

    private readonly Option<int> _width = Opt.Default("--width", 4, "Width of the hidden layers.");

    private readonly Option<string?> _hidden = Opt.Maybe<string>(
        "--hidden", "Hidden widths one by one, as in 64-32, instead of --depth and --width.", "W[-W...]");

    private readonly StartOption _start = new();

    private readonly Option<string> _init = Opt.Choice(
        "--init", "The start W(0).", SettingsCheck.Inits);

    private readonly Option<double> _scale = Opt.Default("--scale", 0.01, "Scale of the start.");

    private readonly Option<string> _assumption2 = Opt.Choice(
        "--assumption2", "A start whose risk exceeds that of the zero network: rescale its last layer, refuse it, or ignore it.",
        SettingsCheck.Assumption2);

    private readonly Option<string> _loss = Opt.Choice("--loss", "Loss of the margins.", SettingsCheck.Losses);
    private readonly Option<string> _method = Opt.Choice("--method", "Gradient flow, or gradient descent.", SettingsCheck.Kinds);
    private readonly Option<string> _stepper = Opt.Choice(
        "--stepper", "Integrator of the flow; on another --device dopri5 unless given.", SettingsCheck.Steppers);
    private readonly Option<string> _clock = Opt.Choice("--clock", "Clock of the flow.", SettingsCheck.Clocks);

    private readonly Option<double?> _rtol = Opt.Maybe<double?>(
        "--rtol", "Relative tolerance of the integrator. [seulex 1e-9, dopri5 1e-8, in float32 1e-5]");

    private readonly Option<string> _rule = Opt.Choice("--rule", "Step rule of descent.", SettingsCheck.Rules);

    private readonly Option<string> _radius = Opt.Choice(
        "--radius", "How Assumption 5 raises its radius.", SettingsCheck.Radii);

    private readonly Option<bool> _fastForward = Opt.Flag(
        "--fast-forward", "Descent by assumption5: do not make the --steps (1e30, say), integrate their count along the flow.");

    private readonly Option<double> _step = Opt.Default(
        "--step", 0.1, "Step of euler and of the constant and loss-scaled rules.");

    private readonly Option<string> _field = Opt.Choice(
        "--field", "How the gradient is computed: closed form on the CPU, the same on torch tensors, torch autograd on the product, or "
        + "through the layers. [fused; torch on another --device]",
        SettingsCheck.Fields);

    private readonly Option<string> _dtype = Opt.Choice(
        "--dtype", "Numbers of --field torch; start, diagnostics and files are float64 in any case.", SettingsCheck.Dtypes);

    private readonly Option<double?> _to = Opt.Maybe<double?>(
        "--to", "Stop when the direction is found: 1 - cos(w_prod, u_bar) <= EPS, and sure to stay so. "
            + $"[{DefaultTarget:R} when no other goal is given]", "EPS");

    private readonly Option<double?> _align = Opt.Maybe<double?>(
        "--align", "Stop when all spectral ratios and alignments are >= 1 - EPS.", "EPS");

    private readonly Option<double?> _gap = Opt.Maybe<double?>("--gap", "Stop when the margin is within a share EPS of gamma.", "EPS");
    private readonly Option<double?> _risk = Opt.Maybe<double?>("--risk", "Stop at log10 of the risk.", "LOG10");
    private readonly Option<bool> _separated = Opt.Flag("--separated", "Stop when the data are separated.");
    private readonly Option<bool> _stagnation = Opt.Flag("--stagnation", "Stop when the risk no longer falls.");
    private readonly Option<double?> _time = Opt.Maybe<double?>("--time", "Stop at the time t of dW/dt = -grad R.");

    private readonly Option<double> _steps = Opt.Default(
        "--steps", 10_000_000.0, "No more steps than this; 1e6 is understood.");

    private readonly Option<double?> _seconds = Opt.Maybe<double?>("--seconds", "No more wall time than this for a network.");
    private readonly Option<int> _samples = Opt.Default("--samples", 40, "Samples a decade in trajectory.csv.");

    public TrainCommand() => _keeping = new KeepingOptions(_run);

    public Command Build()
    {
        var command = new Command(Name, """
            Follow networks by gradient flow or descent on any data, and hold them against the maximum margin.

            Example: torchalign train --data iris --positive setosa --center --depth 1,4 --out runs/iris
            """);
        command.Add(_source);
        _data.AddTo(command);
        foreach (var option in (Option[])
            [
                _depth, _width, _hidden, _start.File, _init, _scale, _assumption2, _loss, _method, _stepper, _clock, _rtol, _rule, _radius,
                _fastForward, _step, _field, _dtype, _to, _align, _gap, _risk, _separated, _stagnation, _time, _steps, _seconds, _samples,
            ])
            command.Add(option);
        _run.AddTo(command);
        _keeping.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(parsed, cancellation)));
        return command;
    }

    /// <summary>The experiment of a command line of this command; null where it is one of --resume that is finished.</summary>
    public LinearExperiment? Experiment(ParseResult parsed) =>
        _keeping.Experiment(parsed, Name, () => Settings(parsed), Experiment, out _);

    private int Run(ParseResult parsed, CancellationToken cancellation) =>
        _keeping.Run(parsed, Name, () => Settings(parsed), Experiment, cancellation);

    internal static LinearExperiment Experiment(RunSettings settings, Output output, Keeping keeping) => new(
        Name, $"Linear networks on {settings.Data.Source}",
        "Each network is followed from its start and held against the maximum-margin direction of its data.", settings, output, keeping);

    private RunSettings Settings(ParseResult parsed)
    {
        var source = parsed.GetValue(_source)!;
        var device = parsed.GetValue(_run.Device)!;
        var dtype = parsed.GetValue(_dtype)!;
        var defaults = Methods.DefaultsOn(device);
        var stepper = IsGiven(parsed, _stepper) ? parsed.GetValue(_stepper)! : defaults.Stepper;
        return new RunSettings
        {
            Data = _data.Read(parsed, source),
            Networks = [.. Networks(parsed)],
            Loss = parsed.GetValue(_loss)!,
            Method = new MethodSettings
            {
                Method = parsed.GetValue(_method)!,
                Stepper = stepper,
                Clock = parsed.GetValue(_clock)!,
                Rtol = parsed.GetValue(_rtol) ?? Methods.DefaultTolerance(stepper, dtype),
                Rule = parsed.GetValue(_rule)!,
                Radius = parsed.GetValue(_radius)!,
                FastForward = parsed.GetValue(_fastForward),
                Step = parsed.GetValue(_step),
                Field = IsGiven(parsed, _field) ? parsed.GetValue(_field)! : defaults.Field,
                Device = device,
                Dtype = dtype,
                Threads = _run.ThreadsOf(parsed),
            },
            Stop = Stop(parsed),
            Seed = parsed.GetValue(_run.Seed),
            SamplesPerDecade = parsed.GetValue(_samples),
        };
    }

    private StopSettings Stop(ParseResult parsed)
    {
        var stop = new StopSettings
        {
            OneMinusCosine = parsed.GetValue(_to),
            Alignment = parsed.GetValue(_align),
            MarginGap = parsed.GetValue(_gap),
            Log10Risk = parsed.GetValue(_risk),
            Separated = parsed.GetValue(_separated),
            Stagnation = parsed.GetValue(_stagnation),
            Time = parsed.GetValue(_time),
            Steps = parsed.GetValue(_steps),
            Seconds = parsed.GetValue(_seconds),
        };
        var hasGoal = (stop.OneMinusCosine ?? stop.Alignment ?? stop.MarginGap ?? stop.Log10Risk ?? stop.Time) is not null
            || stop.Separated || stop.Stagnation;
        // --steps and --seconds are limits, not goals.
        return hasGoal ? stop : stop with
        {
            OneMinusCosine = DefaultTarget,
            MayGoWithoutTarget = stop.Seconds is not null || parsed.GetResult(_steps) is { Implicit: false },
        };
    }

    private IEnumerable<NetworkSettings> Networks(ParseResult parsed)
    {
        if (parsed.GetValue(_start.File) is not { } file)
            return Widths(parsed).Select(hidden => new NetworkSettings
            {
                Hidden = hidden,
                Init = parsed.GetValue(_init)!,
                Scale = parsed.GetValue(_scale),
                Assumption2 = parsed.GetValue(_assumption2)!,
            });
        foreach (var option in (Option[])[_init, _scale, _width])
            if (IsGiven(parsed, option)) throw new CommandException($"--start and {option.Name} exclude each other: the file says it.");
        return StartOption.Networks(file,
            parsed.GetValue(_hidden) is { } widths ? Numbers(widths, '-', "--hidden") : null,
            IsGiven(parsed, _depth) ? Numbers(parsed.GetValue(_depth)!, ',', "--depth") : null,
            // The weights are the user's: changed only when asked for.
            IsGiven(parsed, _assumption2) ? parsed.GetValue(_assumption2)! : "ignore");
    }

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    private IEnumerable<int[]> Widths(ParseResult parsed)
    {
        if (parsed.GetValue(_hidden) is { } hidden) return [Numbers(hidden, '-', "--hidden")];
        var width = parsed.GetValue(_width);
        if (width < 1) throw new CommandException($"--width must be at least 1; got {width}.");
        return Numbers(parsed.GetValue(_depth)!, ',', "--depth")
            .Select(depth => Enumerable.Repeat(width, depth - 1).ToArray());
    }

    private static int[] Numbers(string text, char separator, string option) =>
    [
        .. text.Split(separator).Select(part =>
            int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
                ? number
                : throw new CommandException($"{option} takes positive whole numbers separated by '{separator}'; got '{text}'.")),
    ];
}
