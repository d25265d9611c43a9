using TorchAlign.Alignment;
using TorchAlign.Claims;
using TorchAlign.Networks;

namespace TorchAlign.Tests.Claims;

/// <summary>Wrong records of true runs.</summary>
internal static class Corruption
{
    public static RunEvidence At(this RunEvidence run, int index, Func<Observation, Observation> change)
    {
        var observations = run.Observations.ToArray();
        observations[index] = change(observations[index]);
        return run with { Observations = observations };
    }

    public static RunEvidence AtLast(this RunEvidence run, Func<Observation, Observation> change) =>
        run.At(run.Observations.Count - 1, change);

    public static RunEvidence Everywhere(this RunEvidence run, Func<Observation, Observation> change) =>
        run with { Observations = [.. run.Observations.Select(change)] };

    public static RunEvidence State(this RunEvidence run, int index, Action<NetworkShape, double[]> change)
    {
        var states = run.States.ToArray();
        states[index] = [.. states[index]];
        change(run.Shape, states[index]);
        return run with { States = states };
    }

    public static RunEvidence Record(this RunEvidence run, Action<DescentRecord> change)
    {
        var record = run.Descent!;
        var copy = new DescentRecord([.. record.LogRisk], [.. record.LogGradientNorm], [.. record.LargestNorm], [.. record.Eta]);
        change(copy);
        return run with { Descent = copy };
    }

    /// <summary>The observation nearest to a natural logarithm of the risk.</summary>
    public static int Where(this RunEvidence run, double logRisk) => Enumerable.Range(0, run.Observations.Count)
        .MinBy(i => Math.Abs(run.Observations[i].LogRisk - logRisk));

    public static double[] Scaled(this double[] values, double factor) => [.. values.Select(value => value * factor)];

    public static double[] Scaled(this double[] values, int index, double factor) =>
        [.. values.Select((value, i) => i == index ? value * factor : value)];
}
