using System.Text.Json.Serialization;
using TorchAlign.Alignment;
using TorchAlign.Dynamics;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Experiments.Papers;

/// <summary>Y = U diag(q) V^T, X = I.</summary>
/// <param name="Problem">Of this target.</param>
/// <param name="Modes">q (m), the largest first; others are 0.</param>
/// <param name="Left">U (d, d).</param>
/// <param name="Right">V (d, d).</param>
internal sealed record SaddleTarget(SquaredProblem Problem, double[] Modes, Matrix Left, Matrix Right)
{
    /// <summary>A target with random bases.</summary>
    public static SaddleTarget Random(int dimension, double[] modes, int seed)
    {
        var gaussian = new Matrix(dimension, dimension);
        RandomStream.Named(seed, "data").FillGaussian(gaussian.Values);
        var bases = Svd.Of(gaussian);
        var target = bases.U * Matrix.Diagonal(dimension, dimension, modes).TimesTransposed(bases.V);
        var name = $"target of singular values {string.Join(", ", modes)}";
        return new SaddleTarget(SquaredProblem.Target(target, name), modes, bases.U, bases.V);
    }

    /// <summary>u_i^T P v_i of each mode (m).</summary>
    public double[] Strengths(Matrix product)
    {
        var inside = Left.TransposedTimes(product * Right);
        return [.. Enumerable.Range(0, Modes.Length).Select(i => inside[i, i])];
    }

    /// <summary>W_1 = s V^T, W_j = s I, W_N = s U.</summary>
    public double[] AlignedStart(NetworkShape shape, double scale)
    {
        var state = Initialization.Identity(shape, scale);
        (LinearProduct.Layer(shape, state, 0) * Right.Transpose()).Values.CopyTo(shape.Layer(state.AsSpan(), 0));
        (Left * LinearProduct.Layer(shape, state, shape.Depth - 1)).Values.CopyTo(shape.Layer(state.AsSpan(), shape.Depth - 1));
        return state;
    }

    /// <summary>What a start of two layers holds of each mode (m).</summary>
    public double[] EffectiveStarts(NetworkShape shape, double[] start) => ModeLaw.EffectiveStarts(
        shape, start, Left.ColumnRange(0, Modes.Length), Right.ColumnRange(0, Modes.Length));
}

/// <param name="Shape">d - d - ... - d.</param>
/// <param name="Kind">aligned or gaussian.</param>
/// <param name="Start">W(0) (P).</param>
/// <param name="Constants">Of the theorem at the start.</param>
/// <param name="Step">eta.</param>
/// <param name="Steps">How many.</param>
/// <param name="Modes">q (m), the largest first.</param>
/// <param name="PredictedTimes">When each mode passes half (m); null where no law is known.</param>
internal sealed record SaddleNetwork(
    NetworkShape Shape, string Kind, double[] Start, NguegnangConstants Constants, double Step, long Steps, double[] Modes,
    double[]? PredictedTimes)
{
    public string Label => $"N={Shape.Depth} {Kind}";
}

/// <summary>When a mode q passed q/2; NaN where it did not, or no law is known.</summary>
internal sealed record LearnedMode(double Target, double Predicted, double Descent, double Flow);

/// <summary>Descent and the flow from one start.</summary>
/// <param name="Descent">To its last step.</param>
/// <param name="Flow">For as long a time.</param>
/// <param name="Differences">Between the two at equal times; none where one of them left floating point.</param>
internal sealed record SaddleRun(ModeRun Descent, ModeRun Flow, IReadOnlyList<FlowDifference> Differences)
{
    [JsonIgnore]
    public SaddleNetwork Network { get; init; } = null!;

    public LearnedMode[] Modes =>
    [
        .. Network.Modes.Select((q, i) => new LearnedMode(
            q, Network.PredictedTimes?[i] ?? double.NaN, Descent.TimeTo(i, q / 2), Flow.TimeTo(i, q / 2))),
    ];

    public bool AllLearned => Modes.All(mode => double.IsFinite(mode.Descent));

    /// <summary>Largest ones first, each before the next.</summary>
    public bool InOrder => AllLearned && Modes.Zip(Modes.Skip(1)).All(pair => pair.First.Descent < pair.Second.Descent);

    public double LargestDifference => Differences.Count == 0 ? double.NaN : Differences.Max(d => d.Distance / d.StateNorm);

    /// <summary>Whether the modes were learned as they are said to be, and if not, why.</summary>
    public JobEnd End =>
        JobEnd.Worst([JobEnd.OfDescent(Descent.End, Descent.Samples[0].Loss, Descent.Samples[^1].Loss), JobEnd.Of(Flow.End)]) is
        { Grade: not JobGrade.Reached } bad ? bad
        : !AllLearned ? new JobEnd(Descent.End.Name, JobGrade.CutShort)
        : InOrder ? new JobEnd("all-modes-learned", JobGrade.Reached)
        : new JobEnd("modes-out-of-order", JobGrade.Missed);

    /// <summary>The part in summary.json.</summary>
    public object Summary() => new
    {
        Network.Shape.Depth,
        Start = Network.Kind,
        Eta = Network.Step,
        Result = End.Name,
        Network.Steps,
        Modes,
        InOrder,
        LargestRelativeDifference = LargestDifference,
        Descent.LargestRise,
    };
}
