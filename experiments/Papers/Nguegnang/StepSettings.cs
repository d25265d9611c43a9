using TorchAlign.Dynamics;
using TorchAlign.Losses;
using TorchAlign.Networks;

namespace TorchAlign.Experiments.Papers;

/// <summary>Which constant step descent takes: at the bound of [NRT], at a multiple of it, or the user's own.</summary>
internal sealed class StepSettings : SettingGroup
{
    private readonly Setting<double?> _rate = Declare.PositiveOrNone(
        "--lr", "A step of your own for every network, in place of the bound.", "ETA");
    private readonly Setting<double> _aboveBound = Declare.Positive(
        "--above-bound", 1, "Times the step that the theorem guarantees; above 1 the guarantee is gone.", "FACTOR");
    private readonly Setting<string> _guarantee = Declare.Choice(
        "--guarantee", "Constants of the bound: the paper's, or smaller ones by the same argument.", "published", "sharpened");

    /// <exception cref="CommandException">The step is set twice.</exception>
    public void Check()
    {
        if (_rate.Value is not null && _aboveBound.IsGiven)
            throw new CommandException("--lr and --above-bound both set the step; give one of them.");
    }

    /// <summary>The constants of the theorem at this start, with the delta and sigma that allow the longest step.</summary>
    public NguegnangConstants Constants(SquaredLoss loss, NetworkShape shape, ReadOnlySpan<double> start) =>
        NguegnangConstants.ForLongestStep(
            loss, shape, start, _guarantee == "sharpened" ? StepGuarantee.Sharpened : StepGuarantee.Published);

    public double Step(NguegnangConstants constants) => _rate.Value ?? _aboveBound * constants.StepBound;
}
