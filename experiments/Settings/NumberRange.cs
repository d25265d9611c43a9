using System.Globalization;

namespace TorchAlign.Experiments.Settings;

/// <summary>The numbers that an option takes, wherever they come from: a command line, a study, run.json.</summary>
internal sealed class NumberRange
{
    private readonly Func<double, string?> _problem;

    private NumberRange(Func<double, string?> problem) => _problem = problem;

    public static NumberRange Finite { get; } = new(value => double.IsFinite(value) ? null : "must be finite");

    public static NumberRange Positive { get; } = new(
        value => value > 0 && double.IsFinite(value) ? null : "must be positive and finite");

    /// <summary>A share or a small distance: above 0 and below 1.</summary>
    public static NumberRange Share { get; } = new(value => value is > 0 and < 1 ? null : "must lie above 0 and below 1");

    /// <summary>How many; 1e6 is understood.</summary>
    public static NumberRange Steps { get; } = new(
        value => value >= 1 && double.IsInteger(value) ? null : "must be a whole number, at least 1");

    /// <summary>
    /// The bound does not depend on this machine, which may plan the runs of another; it keeps a slip of the finger from asking the system
    /// for more threads than it starts.
    /// </summary>
    public static NumberRange Threads { get; } = Between(1, 1024);

    /// <summary>30 years.</summary>
    public static NumberRange Seconds { get; } = Between(0, 1e9);

    public static NumberRange AtLeast(double least) => Between(least, double.MaxValue);

    public static NumberRange Between(double least, double most) => new(value =>
        !(value >= least) ? string.Create(CultureInfo.InvariantCulture, $"must be at least {least}")
        : value > most ? string.Create(CultureInfo.InvariantCulture, $"must be at most {most}")
        : null);

    /// <summary>What a number must be that this one is not; null where it is right.</summary>
    public string? Problem(double value) => _problem(value);

    /// <exception cref="CommandException">The number is outside.</exception>
    public void Require(string option, double? value)
    {
        if (value is { } given && _problem(given) is { } must)
            throw new CommandException(string.Create(CultureInfo.InvariantCulture, $"{option} {must}; got {given:R}."));
    }
}
