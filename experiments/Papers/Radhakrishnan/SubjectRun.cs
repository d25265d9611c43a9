using System.Diagnostics;
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
internal sealed class SubjectRun
{
    /// <summary>The loss fell by less than this share while the steps doubled: no descent that still gets anywhere is that slow.</summary>
    private const double StagnantDecrease = 1e-6;

    /// <summary>Steps before which a run is not called stagnant: leaving a saddle takes hundreds.</summary>
    private const long StagnationFrom = 2000;

    private readonly List<DescentSample> _samples = [];

    private SubjectRun(Subject subject) => Subject = subject;

    public Subject Subject { get; }

    public IReadOnlyList<DescentSample> Samples => _samples;

    public DescentSample Last => _samples[^1];

    /// <summary>Steps up to the last sample.</summary>
    public long Steps => _samples.Count == 0 ? 0 : Last.Step;

    public RunEnd End { get; private set; } = RunEnd.Interrupted;

    /// <summary>W_1, ..., W_L (P) at the end.</summary>
    public double[] Final { get; private set; } = [];

    /// <summary>Wall time, samples included.</summary>
    public double Seconds { get; private set; }

    /// <summary>The greatest of a number over the samples.</summary>
    public double Worst(Func<DescentSample, double> value) => _samples.Max(value);

    /// <summary>Descends; <paramref name="onSample"/> sees every sample as it comes.</summary>
    public static SubjectRun Follow(
        Subject subject, DescentSettings settings, GradientSource gradients, Action<DescentSample> onSample,
        CancellationToken cancellation)
    {
        var run = new SubjectRun(subject);
        var watch = Stopwatch.StartNew();
        var start = subject.Weights(subject.Start);
        var invariance = subject.Bases is { } bases ? Invariance.Of(bases, start) : Invariance.Of(subject.Shape, start);
        var modes = subject.Modes?.Invoke();
        var path = GradientSource.Follow(
            subject.Field(gradients), subject.Start, gradients.Descent(new ConstantStep(subject.Rate)), new RunPlan
            {
                Stops =
                [
                    new LossBelow(settings.Target),
                    Stops.Stagnation(StagnantDecrease, StagnationFrom),
                    Stops.StepLimit(settings.Steps),
                ],
                Schedule = SampleSchedule.Multiples(settings.Every),
                OnSample = here =>
                {
                    var weights = subject.Weights(here.W.ToArray());
                    var sample = new DescentSample(here.Steps, Math.Exp(here.Value.LogRisk), invariance.Measure(weights),
                        subject.Bases is { } kept ? InnerInvariance.OffDiagonalShares(kept, weights) : null,
                        modes is null ? double.NaN : Compare(modes, here.Steps - run.Steps, subject, weights));
                    run._samples.Add(sample);
                    onSample(sample);
                    return null;
                },
                Cancellation = cancellation,
            });
        run.End = path.End;
        run.Final = subject.Weights(path.Final);
        run.Seconds = watch.Elapsed.TotalSeconds;
        return run;
    }

    /// <summary>Takes the recursion as many steps further, and returns how far the layers are from it.</summary>
    private static double Compare(AlignedModes modes, long steps, Subject subject, double[] weights)
    {
        for (var i = 0L; i < steps; i++) modes.Step(subject.Rate);
        var greatest = 0.0;
        for (var k = 0; k < modes.Depth; k++)
        {
            var layer = subject.Bases!.InBases(weights, k);
            for (var j = 0; j < modes.Count; j++) greatest = Math.Max(greatest, Math.Abs(layer[j, j] - modes.Values[k][j]));
        }
        return greatest;
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
