using TorchAlign.Checkpoints;
using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Tests.Checkpoints;

/// <summary>One way to run, built anew for each process that a run goes through: nothing survives but the snapshot.</summary>
internal sealed record ResumeProblem(string Field, string Stepper, string Clock, int Seed, long Steps)
{
    private const int Threads = 2;

    public (List<string> Seen, RunEnd End) Run(Func<RunPlan, RunPlan> change)
    {
        var random = new RandomStream(Seed);
        var (field, start) = FieldOf(random);
        var w = field.NewState();
        w.CopyFrom(start);
        var seen = new List<string>();
        var end = Trajectory.Follow(new FlowSystem(field, ClockOf()), StepperOf(), new TrajectoryPoint(w), change(new RunPlan
        {
            Stops = [Stops.StepLimit(Steps), Stops.Stagnation(-1, 2), Stops.WallTime(TimeSpan.FromHours(1))],
            // Two that plan ahead, on the way from one to the other.
            Schedule = Seed % 2 == 0 ? SampleSchedule.LogSpacedSteps(20) : SampleSchedule.LogSpacedClock(200),
            OnSample = point =>
            {
                seen.Add(Bits(point));
                return null;
            },
        }));
        return (seen, end);
    }

    /// <summary>Every number of a point, by its bits.</summary>
    private static string Bits(TrajectoryPoint point)
    {
        double[] numbers =
        [
            point.Clock, point.LogTime, point.Value.LogRisk, point.Value.LogScale, point.DirectionNorm, .. point.W.ToArray(),
        ];
        return $"{point.Steps} {point.Rejected} {point.Evaluations} "
            + string.Join(' ', numbers.Select(number => BitConverter.DoubleToInt64Bits(number).ToString("x")));
    }

    private (IVectorField Field, double[] Start) FieldOf(RandomStream random)
    {
        // Chunks of data joined by two threads, and rows too long for a transposed copy.
        var set = Field == "fused-chunks" ? Generators.Gaussian(Seed, 700, 60, 0.05) : Generators.PlanarSet(Seed);
        var points = set.ToSignedPoints();
        var shape = NetworkShape.Uniform(points.Dimension, 1 + random.NextInt32(4), 1 + random.NextInt32(5));
        var loss = Stepper.StartsWith("assumption5", StringComparison.Ordinal) ? MarginLoss.Logistic : MarginLoss.Exponential;
        if (Field == "product")
        {
            var wide = new NetworkShape([2, 3, 2]);
            var target = new double[4];
            random.FillGaussian(target);
            return (new ProductField(wide, new TowardsMatrix(target)), Initialization.Gaussian(wide, 0.3, random));
        }
        IVectorField field = Field switch
        {
            "autograd" => AutogradMarginField.Of(new LinearNetwork(shape), points, loss, collapsed: true),
            "sequential" => AutogradMarginField.Of(new LinearNetwork(shape), points, loss, collapsed: false),
            _ => new FusedField(shape, points.Z, loss, Threads),
        };
        return (field, Initialization.Gaussian(shape, 0.3, random));
    }

    private IStepper StepperOf() => Stepper switch
    {
        "euler" => new Euler(0.05),
        "dopri5" => new DormandPrince54(1e-6),
        "seulex" => new Seulex(),
        "seulex-fast" => new Seulex(StiffAccuracy.Fast),
        "constant" => new GradientDescent(new ConstantStep(0.02)),
        "assumption5" => new GradientDescent(new AssumptionFiveStep(MarginLoss.Logistic, 3)),
        "assumption5-increment" => new GradientDescent(new AssumptionFiveStep(MarginLoss.Logistic, 3, RadiusGrowth.ByIncrement)),
        "assumption5-factor" => new GradientDescent(new AssumptionFiveStep(MarginLoss.Logistic, 3, RadiusGrowth.ByFactor)),
        // So large that steps are taken back again and again.
        "loss-scaled" => new GradientDescent(new LossScaledStep(1)),
        _ => throw new ArgumentOutOfRangeException(nameof(Stepper), Stepper, null),
    };

    private Clock ClockOf() => TorchAlign.Dynamics.Clock.All.Single(clock => clock.Name == Clock);

    /// <summary>1/2 ||P - T||_F^2.</summary>
    private sealed class TowardsMatrix(double[] target) : IProductLoss
    {
        public string Name => "towards a matrix";

        public int Inputs => 2;

        public int Outputs => 2;

        public double Evaluate(ReadOnlySpan<double> product, Span<double> gradient)
        {
            var sum = 0.0;
            for (var i = 0; i < target.Length; i++)
            {
                gradient[i] = product[i] - target[i];
                sum += 0.5 * gradient[i] * gradient[i];
            }
            return sum;
        }
    }
}
