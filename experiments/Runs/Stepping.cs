using System.Diagnostics;
using TorchAlign.Dynamics;
using TorchAlign.Fields;

namespace TorchAlign.Experiments.Runs;

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

    /// <summary>
    /// Steps until this process has computed for so long: where others load the machine, the compiler that works behind
    /// the first calls gets its share late.
    /// </summary>
    public static void WarmUp(Action work, TimeSpan computing)
    {
        using var self = Process.GetCurrentProcess();
        var before = self.TotalProcessorTime;
        do
        {
            work();
            self.Refresh();
        } while (self.TotalProcessorTime - before < computing);
    }

    /// <summary>Seconds of the fastest of many single steps.</summary>
    public static double FastestStep(IVectorField field, ReadOnlySpan<double> start, double size, int steps)
    {
        var (stepper, point) = Begin(field, start, size);
        var best = long.MaxValue;
        for (var step = 0; step < steps; step++)
        {
            var begin = Stopwatch.GetTimestamp();
            Take(stepper, point, 1);
            best = Math.Min(best, Stopwatch.GetTimestamp() - begin);
        }
        return (double)best / Stopwatch.Frequency;
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
