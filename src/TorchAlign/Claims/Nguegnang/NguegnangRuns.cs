using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Claims;

/// <summary>
/// Which problems the suite runs: data of four outputs whose Q has well separated singular values, N = 2, 3, 4, every kind of start, the
/// published and the sharpened constants, constant and decreasing steps, and a run for each hypothesis that is dropped.
/// </summary>
internal static class NguegnangRuns
{
    private const int Samples = 40, Inputs = 5, Outputs = 4, Width = 3;

    /// <summary>Well separated, so that no mode is slower than the others by much.</summary>
    private static readonly double[] _spectrum = [1.2, 0.9, 0.6, 0.3];

    private const double Noise = 0.5;
    private const double Scale = 0.7, SmallScale = 0.3, Defect = 0.02;

    /// <summary>Nobody waits for more; a run that needs them fails the claim that it arrives.</summary>
    private const long MostSteps = 3_000_000;

    /// <summary>Of eta_k = eta / (1 + k / scale): long enough that the steps sum to what convergence takes.</summary>
    private const double SlowDecrease = 50_000;

    private const long ShortRun = 20_000;

    /// <summary>Random starts for "almost all", besides those of every kind.</summary>
    private const int MoreStarts = 10;

    public static IReadOnlyList<NguegnangProblem> All(int seed)
    {
        var loss = SquaredLoss.Sum(SecondMoments.Of(
            RegressionGenerators.WithSpectrum(Samples, Inputs, Outputs, _spectrum, Noise, new RandomStream(seed))));
        var problems = new List<NguegnangProblem>();
        foreach (var depth in (ReadOnlySpan<int>)[2, 3])
        {
            foreach (var kind in (ReadOnlySpan<Kind>)[Kind.Balanced, Kind.Unbalanced, Kind.Gaussian, Kind.Identity])
                problems.Add(Guaranteed(loss, depth, kind, StepGuarantee.Published, Schedule.Constant, seed));
            problems.Add(Guaranteed(loss, depth, Kind.Unbalanced, StepGuarantee.Sharpened, Schedule.Constant, seed));
            problems.Add(Guaranteed(loss, depth, Kind.Balanced, StepGuarantee.Sharpened, Schedule.SlowlyDecreasing, seed));
            problems.Add(Guaranteed(loss, depth, Kind.Balanced, StepGuarantee.Published, Schedule.Decreasing, seed));
            for (var start = 1; start <= MoreStarts; start++)
                problems.Add(Guaranteed(loss, depth, Kind.Gaussian, StepGuarantee.Sharpened, Schedule.Constant, seed, start));
            problems.Add(TooLong(loss, depth, seed));
            problems.Add(Rescaled(loss, depth, seed));
        }
        problems.Add(Guaranteed(loss, 4, Kind.Balanced, StepGuarantee.Sharpened, Schedule.Constant, seed));
        problems.Add(Guaranteed(loss, 3, Kind.RankOne, StepGuarantee.Sharpened, Schedule.Constant, seed));
        problems.Add(Singular(seed));
        return problems;
    }

    private static NguegnangProblem Guaranteed(
        SquaredLoss loss, int depth, Kind kind, StepGuarantee guarantee, Schedule schedule, int seed, int number = 0)
    {
        var shape = Shape(depth);
        var start = Start(shape, kind, seed, number);
        var constants = NguegnangConstants.ForLongestStep(loss, shape, start, guarantee);
        IStepRule rule = schedule switch
        {
            Schedule.Constant => new ConstantStep(constants.StepBound),
            Schedule.SlowlyDecreasing => ScheduledStep.Harmonic(constants.StepBound, SlowDecrease),
            _ => ScheduledStep.Harmonic(constants.StepBound),
        };
        var steps = schedule switch
        {
            Schedule.Constant => "constant step",
            Schedule.SlowlyDecreasing => "steps ~ 1/(1 + k/50,000)",
            _ => "steps ~ 1/(k + 1)",
        };
        return new NguegnangProblem
        {
            Name = $"N = {depth}, {Text(kind)} start{(number == 0 ? "" : $" {number}")}, "
                + $"{steps} at the {guarantee.ToString().ToLowerInvariant()} bound",
            Shape = shape,
            Loss = loss,
            Start = start,
            GenericStart = kind != Kind.RankOne,
            Constants = constants,
            Rule = rule,
            StepLimit = schedule == Schedule.Decreasing ? ShortRun : MostSteps,
        };
    }

    private static NguegnangProblem TooLong(SquaredLoss loss, int depth, int seed)
    {
        var problem = Guaranteed(loss, depth, Kind.Balanced, StepGuarantee.Published, Schedule.Constant, seed);
        return problem with
        {
            Name = $"N = {depth}, balanced start, {DroppedHypotheses.FarAbove:N0} times the published bound",
            Rule = new ConstantStep(DroppedHypotheses.FarAbove * problem.Constants!.StepBound),
            StepLimit = ShortRun,
        };
    }

    /// <summary>The same product, from layers of which the first is a thousand times as large and the last a thousandth.</summary>
    private static NguegnangProblem Rescaled(SquaredLoss loss, int depth, int seed)
    {
        var problem = Guaranteed(loss, depth, Kind.Balanced, StepGuarantee.Published, Schedule.Constant, seed);
        double[] start = [.. problem.Start];
        foreach (ref var value in problem.Shape.Layer(start.AsSpan(), 0)) value *= 1024;
        foreach (ref var value in problem.Shape.Layer(start.AsSpan(), depth - 1)) value /= 1024;
        return problem with
        {
            Name = $"N = {depth}, the balanced start with 2^10 W_1 and 2^-10 W_N, constant step at the balanced start's bound",
            Start = start,
            StepLimit = ShortRun,
        };
    }

    private static NguegnangProblem Singular(int seed)
    {
        var random = new RandomStream(seed);
        var loss = SquaredLoss.Sum(SecondMoments.Of(RegressionGenerators.Gaussian(Width, Inputs, Outputs, random)));
        var shape = Shape(2);
        return new NguegnangProblem
        {
            Name = $"N = 2, {Width} samples in {Inputs} dimensions, Gaussian start, eta = 0.01",
            Shape = shape,
            Loss = loss,
            Start = Start(shape, Kind.Gaussian, seed),
            GenericStart = true,
            Constants = null,
            Rule = new ConstantStep(0.01),
            StepLimit = ShortRun,
        };
    }

    private static double[] Start(NetworkShape shape, Kind kind, int seed, int number = 0)
    {
        // Not the stream that the data came from: their numbers would be the start's.
        var random = new RandomStream(~((long)number << 32 | (uint)seed));
        return kind switch
        {
            Kind.Balanced => Initialization.Balanced(shape, [Scale, 0.8 * Scale, 0.6 * Scale], random),
            Kind.Unbalanced => Initialization.Unbalanced(shape, Scale, Defect, random),
            Kind.Gaussian => Initialization.Gaussian(shape, SmallScale, random),
            Kind.Identity => Initialization.Identity(shape, Scale),
            _ => Initialization.Balanced(shape, [Scale], random),
        };
    }

    private static NetworkShape Shape(int depth) => new([Inputs, .. Enumerable.Repeat(Width, depth - 1), Outputs]);

    private static string Text(Kind kind) => kind switch
    {
        Kind.Balanced => "balanced",
        Kind.Unbalanced => $"delta-unbalanced ({FourDigits.Of(Defect)})",
        Kind.Gaussian => "small Gaussian",
        Kind.Identity => "identity",
        _ => "balanced rank-one",
    };

    private enum Kind
    {
        Balanced,
        Unbalanced,
        Gaussian,
        Identity,
        RankOne,
    }

    private enum Schedule
    {
        Constant,
        SlowlyDecreasing,
        Decreasing,
    }
}
