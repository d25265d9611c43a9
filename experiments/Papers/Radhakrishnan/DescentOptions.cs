using System.CommandLine;
using System.Text.Json.Serialization;
using TorchAlign.Experiments.Options;

namespace TorchAlign.Experiments.Papers;

/// <summary>The options that all experiments of [RNBU] share.</summary>
/// <param name="steps">The cap unless the user gives one.</param>
internal sealed class DescentOptions(long steps)
{
    public const string Aligned = "aligned";
    public const string Random = "random";

    private readonly Option<long> _steps = Opt.Default("--steps", steps, "At most so many steps of descent.");

    private readonly Option<long> _every = Opt.Default(
        "--every", 100L, "Log every so many steps, and log-spaced before the first of them.", "STEPS");

    private readonly Option<double?> _rate = Opt.Maybe<double?>(
        "--lr", "The step of descent. [as the report says: the explicit rate of the theory where it has one]", "ETA");

    private readonly Option<double> _to = Opt.Default("--to", 1e-4, "Descend to this loss.", "LOSS");

    private readonly Option<string> _start = Opt.Choice("--start", "Whether the layers are aligned at the start.", Aligned, Random);

    public RunOptions Run { get; } = new(defaultSeed: 7, onDevice: "Where descent is computed; singular vectors are the host's");

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_start, _rate, _to, _steps, _every]) command.Add(option);
        Run.AddTo(command);
    }

    /// <exception cref="CommandException">A number is out of range.</exception>
    public DescentSettings Of(ParseResult parsed)
    {
        var settings = new DescentSettings(
            parsed.GetValue(Run.Seed), parsed.GetValue(_start) == Aligned, parsed.GetValue(_rate), parsed.GetValue(_to),
            parsed.GetValue(_steps), parsed.GetValue(_every), Run.ThreadsOf(parsed), parsed.GetValue(Run.Device)!);
        if (settings.Rate is { } rate && !(rate > 0 && double.IsFinite(rate)))
            throw new CommandException($"--lr must be positive; got {rate}.");
        if (!(settings.Target > 0)) throw new CommandException($"--to must be positive; got {settings.Target}.");
        if (settings.Steps < 1) throw new CommandException($"--steps must be at least 1; got {settings.Steps}.");
        if (settings.Every < 1) throw new CommandException($"--every must be at least 1; got {settings.Every}.");
        return settings;
    }
}

/// <summary>What the user asked of a descent.</summary>
/// <param name="Seed">Of starts and generated data.</param>
/// <param name="Aligned">Whether the layers are aligned at the start.</param>
/// <param name="Rate">The step; null for the experiment's own.</param>
/// <param name="Target">The loss at which a run ends.</param>
/// <param name="Steps">The cap.</param>
/// <param name="Every">Steps between two samples.</param>
/// <param name="Threads">Threads of torch.</param>
/// <param name="Device">The name of the device that descends.</param>
internal sealed record DescentSettings(
    int Seed, bool Aligned, double? Rate, double Target, long Steps, long Every, int Threads, string Device)
{
    /// <summary>With its article.</summary>
    [JsonIgnore]
    public string StartWords => Aligned ? "an aligned" : "a random";
}
