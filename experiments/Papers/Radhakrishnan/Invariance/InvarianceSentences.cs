using TorchAlign.Alignment;
using TorchAlign.Experiments.Reporting;

namespace TorchAlign.Experiments.Papers;

/// <summary>Sentences and facts made of the numbers of a run.</summary>
internal static class InvarianceSentences
{
    /// <summary>Off-diagonal mass up to which bases count as kept: rounding grows where a run passes a saddle, but not to this.</summary>
    private const double Rounding = 1e-9;

    /// <summary>"NAME keeps its bases (off-diagonal mass at most 1e-15) and ends at loss 9.9e-5 after 81 steps (loss-below)".</summary>
    public static string Bases(NetworkDescent run) => Sentence(run, "its bases", run.Worst(sample => sample.OffDiagonal));

    /// <summary>The same of the bases between the layers.</summary>
    public static string InnerBases(NetworkDescent run) => Sentence(run, "its inner bases", run.Worst(sample => sample.InnerOffDiagonal));

    /// <summary>Whether the data allow alignment as an invariant of the squared loss, and by how much not.</summary>
    public static (string Name, string Value) Condition(string name, DataAlignment data) =>
        ($"condition on the data, {name}", data.Holds
            ? $"holds: orthogonal U, V make UᵀYXᵀV and VᵀXXᵀV diagonal up to {Numbers.Short(data.Obstruction)}"
            : $"fails: the best U, V found leave {Numbers.Short(data.Obstruction)} off the diagonals, and none leave less than "
                + $"{Numbers.Short(data.LeastObstruction)} (rounding: {Numbers.Short(data.Rounding)})");

    /// <summary>The same for summary.json.</summary>
    public static object Measured(DataAlignment data) => new { data.Holds, data.Obstruction, data.LeastObstruction, data.Rounding };

    private static string Sentence(NetworkDescent run, string what, double mass) =>
        $"{run.Network.Name} {(mass <= Rounding ? "keeps" : "loses")} {what} "
        + $"(off-diagonal mass {(mass <= Rounding ? "at most" : "up to")} {Numbers.Short(mass)}"
        + $"{(run.Network.Modes is null ? "" : $"; the scalar recursion to {Numbers.Short(run.Worst(sample => sample.RecursionError))}")}) "
        + $"and ends at loss {Numbers.Short(run.Last.Loss)} after {Numbers.Count(run.Last.Step)} steps ({run.End.Name})";
}
