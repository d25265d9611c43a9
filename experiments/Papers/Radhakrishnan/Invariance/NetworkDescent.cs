using System.Text.Json.Serialization;
using TorchAlign.Alignment;
using TorchAlign.Dynamics;

namespace TorchAlign.Experiments.Papers;

/// <summary>A network at a step.</summary>
/// <param name="Step">Steps of descent so far.</param>
/// <param name="Loss">R.</param>
/// <param name="Scores">Both invariance measures, alignment of adjacent layers, singular values.</param>
/// <param name="Inner"><see cref="InnerInvariance"/> (L); null where the start is not aligned.</param>
/// <param name="RecursionError">
/// The greatest |s_{k,j} - (Q_k^T W_k Q_{k-1})_jj|, s of the scalar recursion; NaN where that does not apply.
/// </param>
internal sealed record DescentSample(long Step, double Loss, InvarianceScores Scores, double[]? Inner, double RecursionError)
{
    /// <summary>||W_k||_2 (L).</summary>
    public double[] SpectralNorms => [.. Scores.SingularValues.Select(values => values[0])];

    /// <summary>The greatest off-diagonal mass of all layers.</summary>
    public double OffDiagonal => Scores.OffDiagonal.Max();

    /// <summary>The greatest off-diagonal mass in the inner bases alone; NaN where the start is not aligned.</summary>
    public double InnerOffDiagonal => Inner?.Max() ?? double.NaN;

    /// <summary>The authors' score over the inner vectors: the mean of that of U_k, k &lt; L, and V_k, k > 1.</summary>
    public double Score => Scores.Left[..^1].Concat(Scores.Right[1..]).DefaultIfEmpty(double.NaN).Average();

    /// <summary>The least alignment of adjacent layers.</summary>
    public double Adjacent => Scores.Adjacent.DefaultIfEmpty(double.NaN).Min();
}

/// <summary>A network's descent from its start to a named end, looked at on the way.</summary>
/// <param name="End">How it ended.</param>
/// <param name="Samples">In order; first and last state included.</param>
/// <param name="Final">W_1, ..., W_L (P) at the end.</param>
/// <param name="Seconds">Wall time, samples included.</param>
internal sealed record NetworkDescent(RunEnd End, IReadOnlyList<DescentSample> Samples, double[] Final, double Seconds)
{
    /// <summary>The loss fell by less than this share while the steps doubled: no descent that still gets anywhere is that slow.</summary>
    private const double StagnantDecrease = 1e-6;

    /// <summary>Steps before which a run is not called stagnant: leaving a saddle takes hundreds.</summary>
    private const long StagnationFrom = 2000;

    [JsonIgnore]
    public DescendingNetwork Network { get; init; } = null!;

    public DescentSample Last => Samples[^1];

    /// <summary>The greatest of a number over the samples.</summary>
    public double Worst(Func<DescentSample, double> value) => Samples.Max(value);

    /// <summary>Descends to a loss; <paramref name="onSample"/> sees every sample as it comes.</summary>
    public static NetworkDescent Follow(
        DescendingNetwork network, GradientSource gradients, double target, long every, long steps, JobRun at,
        Action<DescentSample> onSample)
    {
        var start = network.Weights(network.Start);
        var invariance = network.Bases is { } bases ? Invariance.Of(bases, start) : Invariance.Of(network.Shape, start);
        var recursion = network.Modes is { } modes ? new Recursion(modes(), network) : null;
        var path = at.Follow(
            network.Field(gradients), network.Start, gradients.Descent(new ConstantStep(network.Rate)), new RunPlan
            {
                Stops = [new LossBelow(target), Stops.Stagnation(StagnantDecrease, StagnationFrom), Stops.StepLimit(steps)],
                Schedule = SampleSchedule.Multiples(every),
            }, Look);
        return new NetworkDescent(path.End, path.Samples, network.Weights(path.Final), at.Seconds) { Network = network };

        DescentSample Look(TrajectoryPoint here)
        {
            var weights = network.Weights(here.W.ToArray());
            var sample = new DescentSample(here.Steps, Math.Exp(here.Value.LogRisk), invariance.Measure(weights),
                network.Bases is { } kept ? InnerInvariance.OffDiagonalShares(kept, weights) : null,
                recursion?.ErrorAt(here.Steps, weights) ?? double.NaN);
            onSample(sample);
            return sample;
        }
    }

    /// <summary>The part in summary.json.</summary>
    public object Summary() => new
    {
        Network.Name,
        Network.Shape.Widths,
        Network.Parameters,
        Result = End.Name,
        End.Message,
        StepSize = Network.Rate,
        Steps = Last.Step,
        InitialLoss = Samples[0].Loss,
        Last.Loss,
        LeastLoss = Network.Least,
        GreatestOffDiagonal = Worst(sample => sample.OffDiagonal),
        GreatestInnerOffDiagonal = Worst(sample => sample.InnerOffDiagonal),
        GreatestRecursionError = Worst(sample => sample.RecursionError),
        Final = new
        {
            Last.Scores.OffDiagonal,
            InnerOffDiagonal = Last.Inner,
            LeftScore = Last.Scores.Left,
            RightScore = Last.Scores.Right,
            Last.Scores.Adjacent,
            Last.SpectralNorms,
        },
        Seconds,
    };

    /// <summary>The scalar recursion beside a descent.</summary>
    private sealed class Recursion(AlignedModes modes, DescendingNetwork network)
    {
        private long _steps;

        /// <summary>Takes the recursion to a step that is not before the last, and returns how far the layers are from it.</summary>
        public double ErrorAt(long step, double[] weights)
        {
            for (; _steps < step; _steps++) modes.Step(network.Rate);
            var greatest = 0.0;
            for (var k = 0; k < modes.Depth; k++)
            {
                var layer = network.Bases!.InBases(weights, k);
                for (var j = 0; j < modes.Count; j++) greatest = Math.Max(greatest, Math.Abs(layer[j, j] - modes.Values[k][j]));
            }
            return greatest;
        }
    }

    private sealed class LossBelow(double loss) : IStop
    {
        private readonly double _log = Math.Log(loss);

        public double LogRiskBound => _log;

        public RunEnd? Check(TrajectoryPoint point) => point.Value.LogRisk <= _log
            ? new RunEnd("loss-below", true, $"The loss fell to {Reporting.Numbers.Short(loss)}.")
            : null;
    }
}
