using System.CommandLine;
using System.Globalization;
using TorchAlign.Dynamics;
using TorchAlign.Experiments.Options;
using TorchAlign.Experiments.Settings;
using TorchAlign.Losses;
using TorchAlign.Networks;

namespace TorchAlign.Experiments.Papers;

/// <summary>Which constant step descent takes: at the bound of [NRT], at a multiple of it, or the user's own.</summary>
internal sealed class StepOptions
{
    private readonly Option<double?> _rate = Opt.Maybe<double?>("--lr", "A step of your own for every network, in place of the bound.",
        "ETA");

    private readonly Option<double> _aboveBound = Opt.Default(
        "--above-bound", 1.0, "Times the step that the theorem guarantees; above 1 the guarantee is gone.", "FACTOR");

    private readonly Option<string> _guarantee = Opt.Choice(
        "--guarantee", "Constants of the bound: the paper's, or smaller ones by the same argument.", "published", "sharpened");

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_rate, _aboveBound, _guarantee]) command.Add(option);
    }

    /// <exception cref="CommandException">A step or factor that is not positive, or both given.</exception>
    public StepChoice From(ParseResult parsed)
    {
        var (rate, factor) = (parsed.GetValue(_rate), parsed.GetValue(_aboveBound));
        if (rate is { } eta && !(eta > 0 && double.IsFinite(eta)))
            throw new CommandException($"--lr must be positive and finite; got {eta:R}.");
        if (!(factor > 0 && double.IsFinite(factor)))
            throw new CommandException($"--above-bound must be positive and finite; got {factor:R}.");
        if (rate is not null && parsed.IsGiven(_aboveBound))
            throw new CommandException("--lr and --above-bound both set the step; give one of them.");
        return new StepChoice(rate, factor,
            parsed.GetValue(_guarantee) == "sharpened" ? StepGuarantee.Sharpened : StepGuarantee.Published);
    }
}

/// <param name="Rate">The user's own step, or null.</param>
/// <param name="AboveBound">Times the bound, where there is no step of the user's own.</param>
/// <param name="Guarantee">Which constants the bound has.</param>
internal sealed record StepChoice(double? Rate, double AboveBound, StepGuarantee Guarantee)
{
    /// <summary>The constants of the theorem at this start, with the delta and sigma that allow the longest step.</summary>
    public NguegnangConstants Constants(SquaredLoss loss, NetworkShape shape, ReadOnlySpan<double> start) =>
        NguegnangConstants.ForLongestStep(loss, shape, start, Guarantee);

    public double Step(NguegnangConstants constants) => Rate ?? AboveBound * constants.StepBound;
}

/// <summary>Checks of numbers that the experiments share.</summary>
internal static class Require
{
    /// <summary>More of anything is a slip of the pen, or takes longer than anybody waits.</summary>
    private const int Most = 1_000_000;

    public static int AtLeast(int least, string option, int value)
    {
        NumberRange.Between(least, Most).Require(option, value);
        return value;
    }

    public static double Positive(string option, double value) => value > 0 && double.IsFinite(value)
        ? value
        : throw new CommandException($"{option} must be positive and finite; got {value:R}.");

    /// <summary>r, no larger than d.</summary>
    public static int Rank(int value, int dimension) => AtLeast(1, "--rank", value) <= dimension
        ? value
        : throw new CommandException($"--rank {value} is larger than --dimension {dimension}: a hidden layer would be no bottleneck.");

    /// <summary>Positive numbers with commas between them.</summary>
    public static double[] PositiveList(string option, string text) => [.. text.Split(',').Select(word =>
        double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value > 0 && double.IsFinite(value)
            ? value
            : throw new CommandException($"{option} takes positive numbers, such as 1,1000; got '{text}'."))];

    /// <summary>A number of steps; 1e6 is understood.</summary>
    public static long Steps(double value, string option = "--steps") => value is >= 1 and <= 1e12 && double.IsInteger(value)
        ? (long)value
        : throw new CommandException($"{option} must be a whole number from 1 to 1e12; got {value:R}.");

    /// <summary>Different depths, each at least <paramref name="least"/>, ascending.</summary>
    public static int[] Depths(string text, int least = 2)
    {
        var depths = text.Split(',').Select(word => int.TryParse(word, out var depth) && depth >= least && depth <= 100
            ? depth
            : throw new CommandException($"--depth takes numbers from {least} to 100, such as 2,3,4; got '{text}'.")).ToArray();
        if (depths.Distinct().Count() < depths.Length) throw new CommandException($"--depth names a depth twice: '{text}'.");
        return [.. depths.Order()];
    }
}
