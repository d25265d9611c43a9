using System.Text.Json.Serialization;
using TorchAlign.Dynamics;
using TorchAlign.Networks;

namespace TorchAlign.Experiments.Papers;

/// <summary>A network before its descent.</summary>
/// <param name="Problem">Whose loss falls.</param>
/// <param name="Shape">d - r - ... - r - d.</param>
/// <param name="Start">W(0) (P).</param>
/// <param name="Constants">Of the theorem at the start.</param>
/// <param name="Step">eta, the first step and the longest.</param>
/// <param name="LeastLoss">Of all products of rank r.</param>
internal sealed record CurveNetwork(
    SquaredProblem Problem, NetworkShape Shape, double[] Start, NguegnangConstants Constants, double Step, double LeastLoss)
{
    /// <summary>Of steps eta / (1 + k / tau); null for the constant step.</summary>
    public double? Tau { get; init; }

    public string Depth => $"N = {Shape.Depth}";

    public IStepRule Rule => Tau is { } tau ? ScheduledStep.Harmonic(Step, tau) : new ConstantStep(Step);

    /// <summary>Whether the theorem speaks of such steps.</summary>
    public bool IsGuaranteed => Step <= Constants.StepBound;
}

/// <summary>A network's descent.</summary>
/// <param name="Descent">What was seen.</param>
/// <param name="Seconds">Wall time over all processes.</param>
internal sealed record Curve(ObservedDescent Descent, double Seconds)
{
    /// <summary>Rises of the loss below this share are rounding.</summary>
    public const double Rounding = 1e-12;

    [JsonIgnore]
    public CurveNetwork Network { get; init; } = null!;

    public LossSample First => Descent.Samples[0];

    public LossSample Last => Descent.Samples[^1];

    public double Excess => Last.Loss - Network.LeastLoss;

    /// <summary>max ||W_j||_2^2 / K over the samples; at most 1 says the theorem.</summary>
    public double LayersWithinK => Descent.Samples.Max(s => s.LayerNorms.Max() * s.LayerNorms.Max()) / Network.Constants.K;

    /// <summary>max ||W_N ... W_1||_2 / M.</summary>
    public double ProductWithinM => Descent.Samples.Max(s => s.ProductNorm) / Network.Constants.M;

    /// <summary>max defect / delta.</summary>
    public double DefectWithinDelta => Descent.Samples.Max(s => s.Defect) / Network.Constants.Delta;

    public bool FellAtEveryStep => Descent.LargestRise <= Rounding;

    /// <summary>Whether everything that the theorem bounds stayed within its bound.</summary>
    public bool KeptGuarantee => FellAtEveryStep && LayersWithinK <= 1 && ProductWithinM <= 1 && DefectWithinDelta <= 1
        && !(Descent.LeastShare < Network.Constants.Sigma);

    /// <summary>That of the descent; <c>bound-failed</c> where the theorem promised what was not kept.</summary>
    public JobEnd End => JobEnd.OfDescent(Descent.End, First.Loss, Last.Loss) is var end
        && end.Grade == JobGrade.Reached && Network.IsGuaranteed && !KeptGuarantee ? JobEnd.BoundFailed : end;
}
