using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Experiments.Options;
using TorchAlign.Experiments.Settings;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Experiments.Runs;

/// <summary>Makes the start that <see cref="NetworkSettings"/> name.</summary>
internal static class NetworkStart
{
    /// <summary>W(0) (P), after rescaling, and what was found or done about it; null for nothing.</summary>
    /// <exception cref="CommandException">The start cannot be had, or breaks Assumption 2 where that is required.</exception>
    /// <exception cref="ArgumentException">A number is out of range.</exception>
    public static (double[] Start, string? Note) Of(
        RunSettings settings, NetworkSettings network, NetworkShape shape, SignedPoints points, MarginLoss loss)
    {
        var start = Made(network, shape, settings.Seed);
        // In float64 on the host whatever the field, so that a network has one start wherever it runs.
        var field = new FusedField(shape, points.Z, loss, settings.Method.Threads);
        string?[] notes = [network.Start?.Note, MeetAssumption2(network, field, start)];
        RequireFinite(field, start);
        return (start, notes.Any(note => note is not null) ? string.Join(' ', notes.Where(note => note is not null)) : null);
    }

    private static double[] Made(NetworkSettings network, NetworkShape shape, int seed)
    {
        if (network.Start is { } file) return StartOption.Load(file, shape.Widths);
        // Each depth has a stream of its own: adding a network to a run leaves the others' starts alone.
        var random = new RandomStream(seed * 1_000_003L + shape.Depth);
        return network.Init switch
        {
            "gaussian" => Initialization.Gaussian(shape, network.Scale, random),
            "zero-first" => Initialization.ZeroFirstLayer(shape, network.Scale, random),
            "balanced" => Initialization.Balanced(shape, network.Scale, random),
            "rank-one" => Initialization.RankOneAligned(shape, network.Scale, random),
            "equal-norms" => Initialization.EqualNorms(shape, network.Scale, random),
            _ => throw new CommandException($"Unknown start '{network.Init}'."),
        };
    }

    private static void RequireFinite(FusedField field, double[] start)
    {
        var check = AssumptionTwo.Check(field, field.Loss, start);
        if (check.LogRisk < double.PositiveInfinity && double.IsFinite(check.DirectionNorm)) return;
        throw new CommandException($"L = {field.Shape.Depth}: the start is too large for float64: its risk, or the gradient there, is not "
            + "finite. Make its layers smaller.");
    }

    private static string? MeetAssumption2(NetworkSettings network, FusedField field, double[] start)
    {
        var (shape, loss) = (field.Shape, field.Loss);
        if (network.Assumption2 != "rescale") RequireFinite(field, start);
        var check = AssumptionTwo.Check(field, loss, start);
        if (check.Holds) return null;
        switch (network.Assumption2)
        {
            case "require":
                throw new CommandException($"L = {shape.Depth}: {check.Message} --assumption2 rescale does so.");
            case "rescale":
                var factor = AssumptionTwo.Rescale(field, loss, shape, start) ?? throw new CommandException(
                    $"L = {shape.Depth}: {check.Message} No factor on the last layer helps: take another seed or --init.");
                return $"The last layer of the start was multiplied by {factor:R}, so that Assumption 2 holds.";
            default:
                return check.Message;
        }
    }
}
