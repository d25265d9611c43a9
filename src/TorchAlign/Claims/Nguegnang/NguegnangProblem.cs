using TorchAlign.Alignment;
using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Landscape;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Claims;

/// <summary>A run of descent to be made and recorded; see <see cref="NguegnangEvidence"/> for its parts.</summary>
public sealed record NguegnangProblem
{
    /// <summary>The gradient's norm at which a run has arrived.</summary>
    public const double Arrived = 1e-10;

    private const int SamplesPerDecade = 10;
    private const double ZeroCurvature = 1e-7;

    public required string Name { get; init; }

    public required NetworkShape Shape { get; init; }

    public required SquaredLoss Loss { get; init; }

    public required double[] Start { get; init; }

    public required bool GenericStart { get; init; }

    public required NguegnangConstants? Constants { get; init; }

    public required IStepRule Rule { get; init; }

    public required long StepLimit { get; init; }

    /// <summary>Descends to a critical point, the step limit or out of float64, recording every step.</summary>
    public NguegnangEvidence Follow(CancellationToken cancellation)
    {
        var field = new ProductField(Shape, Loss);
        var w = field.NewState();
        w.CopyFrom(Start);
        var point = new TrajectoryPoint(w);
        var recorder = new Recorder(field, Rule);
        var observations = new List<SquaredObservation>();
        var end = Trajectory.Follow(new FlowSystem(field, Clock.Time), new GradientDescent(Rule), point, new RunPlan
        {
            Stops = [recorder, Stops.GradientBelow(Arrived), Stops.StepLimit(StepLimit)],
            Schedule = SampleSchedule.LogSpacedSteps(SamplesPerDecade),
            OnSample = at =>
            {
                observations.Add(Observe(at));
                return null;
            },
            Cancellation = cancellation,
        });
        cancellation.ThrowIfCancellationRequested();
        var state = point.W.ToArray();
        var descent = recorder.Record;
        var bounded = descent.Loss[^1] <= descent.Loss[0];
        var least = Loss.Moments.LeastSquares;
        return new NguegnangEvidence
        {
            Name = Name,
            Shape = Shape,
            Loss = Loss,
            GenericStart = GenericStart,
            Constants = Constants,
            Descent = descent,
            Observations = observations,
            End = end,
            Found = Constants is null || !bounded ? null
                : CriticalPointReport.Of(new RankLandscape(Loss), Shape, state, new CriticalPointCriteria()),
            SlowestRate = bounded ? SlowestRateAt(state) : double.NaN,
            DistanceToLeastSquares = (LinearProduct.Matrix(Shape, state) - least).FrobeniusNorm / least.FrobeniusNorm,
        };
    }

    private SquaredObservation Observe(TrajectoryPoint point)
    {
        var state = point.W.ToArray();
        var largest = Enumerable.Range(0, Shape.Depth).Max(k => LayerSpectrum.Of(Shape, state, k).SpectralNorm);
        return new SquaredObservation(point.Steps, Balancedness.Defect(Shape, state),
            Svd.Of(LinearProduct.Matrix(Shape, state)).S[0], largest * largest);
    }

    private double SlowestRateAt(double[] state)
    {
        var hessian = new ProductHessian(Shape, Loss, state);
        var dense = new Matrix(hessian.Size, hessian.Size);
        for (var i = 0; i < hessian.Size; i++)
        {
            var unit = new double[hessian.Size];
            unit[i] = 1;
            hessian.Times(unit).CopyTo(dense.Row(i));
        }
        var values = SymmetricEigen.Of(dense).Values;
        return values.First(value => value > ZeroCurvature * values[^1]);
    }

    /// <summary>The rules of the suite are functions of the step number, so they may be asked twice.</summary>
    private sealed class Recorder(ProductField field, IStepRule rule) : IStop
    {
        private readonly List<double> _loss = [], _gradientNorm = [], _eta = [];

        public SquaredDescent Record => new([.. _loss], [.. _gradientNorm], [.. _eta[..^1]]);

        public RunEnd? Check(TrajectoryPoint point)
        {
            _loss.Add(field.Risk);
            _gradientNorm.Add(point.DirectionNorm);
            _eta.Add(rule.Next(point).Factor);
            return null;
        }
    }
}
