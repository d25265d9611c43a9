using System.Diagnostics;
using TorchAlign.Dynamics;

namespace TorchAlign.Experiments.Bench;

/// <summary>Descent steps of a constant size by any field, as a run takes them.</summary>
internal static class Stepping
{
    /// <summary>Seconds of one step: the same steps from the same start again and again, for at least <paramref name="least"/>.</summary>
    public static double SecondsPerStep(
        IVectorField field, ReadOnlySpan<double> start, double size, long steps, TimeSpan least, CancellationToken cancellation)
    {
        var taken = 0L;
        var ticks = 0L;
        do
        {
            cancellation.ThrowIfCancellationRequested();
            var (stepper, point) = Begin(field, start, size);
            var begin = Stopwatch.GetTimestamp();
            Take(stepper, point, steps);
            ticks += Stopwatch.GetTimestamp() - begin;
            taken += steps;
        } while (ticks < least.TotalSeconds * Stopwatch.Frequency);
        return (double)ticks / Stopwatch.Frequency / taken;
    }

    /// <summary>The weights (P) after so many steps.</summary>
    public static double[] WeightsAfter(IVectorField field, ReadOnlySpan<double> start, double size, long steps)
    {
        var (stepper, point) = Begin(field, start, size);
        Take(stepper, point, steps);
        return point.W.ToArray();
    }

    private static (GradientDescent Stepper, TrajectoryPoint Point) Begin(IVectorField field, ReadOnlySpan<double> start, double size)
    {
        var w = field.NewState();
        w.CopyFrom(start);
        var point = new TrajectoryPoint(w);
        var stepper = new GradientDescent(new ConstantStep(size));
        stepper.Start(new FlowSystem(field, Clock.Time), point);
        return (stepper, point);
    }

    private static void Take(GradientDescent stepper, TrajectoryPoint point, long steps)
    {
        for (var step = 0L; step < steps; step++)
            if (stepper.Step(point) != StepOutcome.Advanced)
                throw new InvalidOperationException($"Step {step} of the benchmark left float64.");
    }
}
