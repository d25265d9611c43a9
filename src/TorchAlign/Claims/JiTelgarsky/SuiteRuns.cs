using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Losses;
using TorchAlign.MaxMargin;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Claims;

/// <summary>A run of the suite that has not begun.</summary>
internal sealed record SuiteRun(string Name, Func<CancellationToken, IReadOnlyList<RunEvidence>> Follow);

/// <summary>
/// Which problems the suite runs, and how far: the planar set of figure 1 with L = 1, 2, 4, both losses, every kind of start, by the
/// flow; the same by the paper's descent (logistic); further data by the flow; and the counterexample to dropping Assumption 2.
/// </summary>
internal static class SuiteRuns
{
    private const int PlanarPoints = 40;
    private const int Width = 4;
    private const double SmallScale = 0.3;

    /// <summary>
    /// There 1 - cos is about 1e-15 on the planar set, and the margin within 1e-6 of its limit if the layers start balanced.
    /// </summary>
    private const double StiffLog10Risk = -1e6;

    private const double ExplicitLog10Risk = -1e3;

    /// <summary>The drift of the invariants, relative to ||W||^2, that the steppers are held to; below 1e-9 on most runs.</summary>
    private const double IntegrationTolerance = 1e-8;

    /// <summary>Nobody waits for more; a run that needs them ends as <c>step-limit</c> and its claims say that it is too short.</summary>
    private const int FlowSteps = 2_000_000;

    private const int DescentSteps = 200_000;

    private const string GaussianStart = "small Gaussian start", BalancedStart = "balanced start", ZeroFirstStart = "W_1(0) = 0";

    public static IReadOnlyList<SuiteRun> All(int seed, IReadOnlyList<LabelledSet> sets, CancellationToken cancellation)
    {
        var runs = new List<SuiteRun>();
        var planar = new Source("planar", Generators.PlanarSet(seed, PlanarPoints), cancellation);
        foreach (var loss in MarginLoss.All)
        {
            runs.Add(Flow(planar, 1, loss, ZeroFirstStart, seed, Method.Stiff));
            foreach (var depth in (ReadOnlySpan<int>)[2, 4])
                foreach (var start in (ReadOnlySpan<string>)[GaussianStart, BalancedStart, ZeroFirstStart])
                    runs.Add(Flow(planar, depth, loss, start, seed, Method.Stiff));
        }
        // The independent check of the integrator: it gets a thousandth as far.
        runs.Add(Flow(planar, 1, MarginLoss.Exponential, ZeroFirstStart, seed, Method.Explicit));
        runs.Add(Flow(planar, 4, MarginLoss.Logistic, GaussianStart, seed, Method.Explicit));
        // A column of zeros: what W_1 starts with there no gradient moves, and the upper layers carry it along.
        var flat = new Source("planar with a column of zeros", WithZeros(Generators.PlanarSet(seed, PlanarPoints)), cancellation);
        foreach (var depth in (ReadOnlySpan<int>)[1, 2, 4])
            runs.Add(Flow(flat, depth, MarginLoss.Exponential, GaussianStart, seed, Method.Stiff));
        foreach (var set in sets)
        {
            var source = new Source(set.Name, set, cancellation);
            runs.Add(Flow(source, 1, MarginLoss.Logistic, ZeroFirstStart, seed, Method.Stiff));
            runs.Add(Flow(source, 3, MarginLoss.Exponential, GaussianStart, seed, Method.Stiff));
        }
        foreach (var depth in (ReadOnlySpan<int>)[1, 2, 3])
            runs.Add(Descent(planar, depth, seed));
        foreach (var loss in MarginLoss.All) runs.Add(Counterexample(loss, cancellation));
        return runs;
    }

    /// <summary>The one place that chooses the integrator of the flow and how exact it is.</summary>
    private static RunEvidence Integrate(ClaimProblem problem, Method method, CancellationToken cancellation) => method switch
    {
        Method.Stiff => EvidenceRun.Flow(problem, new Seulex(StiffAccuracy.Accurate), IntegrationTolerance,
            [Stops.RiskBelow(StiffLog10Risk), Stops.StepLimit(FlowSteps)], cancellation),
        Method.Explicit => EvidenceRun.Flow(problem, new DormandPrince54(1e-9), IntegrationTolerance,
            [Stops.RiskBelow(ExplicitLog10Risk), Stops.StepLimit(FlowSteps)], cancellation),
        _ => EvidenceRun.Flow(problem, new DormandPrince54(1e-9), IntegrationTolerance,
            [Stops.TimeReached(SaddleTime), Stops.StepLimit(FlowSteps)], cancellation),
    };

    private static SuiteRun Flow(Source source, int depth, MarginLoss loss, string start, int seed, Method method)
    {
        var name = $"{source.Name}, L = {depth}, {loss.Name}, {start}, flow ({(method == Method.Stiff ? "SEULEX" : "Dormand-Prince")})";
        return new SuiteRun(name, cancellation =>
            [Integrate(Problem(source, depth, loss, start, SmallScale, seed, name), method, cancellation)]);
    }

    private static LabelledSet WithZeros(LabelledSet set) => new($"{set.Name} with a column of zeros",
        [.. Enumerable.Range(0, set.Count).SelectMany(i => (double[])[.. set.Row(i), 0])], set.Y);

    /// <summary>Descent gets to risks of some 1e-3; the flow from where it stops shows where it was going.</summary>
    private static SuiteRun Descent(Source source, int depth, int seed)
    {
        var name = $"{source.Name}, L = {depth}, logistic, {GaussianStart}, descent (A5)";
        return new SuiteRun(name, cancellation =>
        {
            var problem = Problem(source, depth, MarginLoss.Logistic, GaussianStart, SmallScale, seed, name);
            var descent = EvidenceRun.Descent(problem, DescentSteps, cancellation);
            var onward = problem with { Name = $"{name}, continued by the flow", Start = descent.States[^1] };
            return [descent, Integrate(onward, Method.Stiff, cancellation)];
        });
    }

    private static ClaimProblem Problem(
        Source source, int depth, MarginLoss loss, string start, double scale, int seed, string name)
    {
        var shape = NetworkShape.Uniform(source.Points.Dimension, depth, Width);
        // Not the stream that the data came from: their numbers would be the start's.
        var random = new RandomStream(~(long)seed);
        var state = start switch
        {
            GaussianStart => Initialization.Gaussian(shape, scale, random),
            BalancedStart => Initialization.Balanced(shape, scale, random),
            _ => Initialization.ZeroFirstLayer(shape, 1, random),
        };
        var problem = new ClaimProblem
        {
            Name = name,
            Shape = shape,
            Points = source.Points,
            Margin = source.Margin,
            Loss = loss,
            Start = state,
        };
        // A start on the wrong side of the data breaks Assumption 2; the theorems then say nothing.
        AssumptionTwo.Rescale(problem.Field(), loss, shape, state);
        return problem;
    }

    /// <summary>L = 2, all widths 1, w_2 = -w_1: the flow ends at the saddle at 0.</summary>
    private static SuiteRun Counterexample(MarginLoss loss, CancellationToken cancellation)
    {
        var name = $"two positive numbers, L = 2, widths 1, {loss.Name}, w_2 = -w_1, flow";
        var points = new SignedPoints([1, 0.5], 2, 1);
        var problem = new ClaimProblem
        {
            Name = name,
            Shape = new NetworkShape(1, 1, 1),
            Points = points,
            Margin = HardMargin.Solve(points, cancellation),
            Loss = loss,
            Start = [1, -1],
        };
        return new SuiteRun(name, token => [Integrate(problem, Method.Saddle, token)]);
    }

    /// <summary>By then w_1 has fallen to some 1e-7.</summary>
    private const double SaddleTime = 40;

    /// <summary>How a flow is integrated, and where it ends.</summary>
    private enum Method
    {
        /// <summary>To the limit, by SEULEX.</summary>
        Stiff,

        /// <summary>By Dormand-Prince, whose steps stay small late in a run.</summary>
        Explicit,

        /// <summary>To a time, by Dormand-Prince: the risk does not fall.</summary>
        Saddle,
    }

    /// <summary>Data with its maximum margin, which is computed once.</summary>
    private sealed class Source(string name, LabelledSet set, CancellationToken cancellation)
    {
        public string Name { get; } = name;

        public SignedPoints Points { get; } = set.ToSignedPoints();

        public MarginSolution Margin => field ??= HardMargin.Solve(Points, cancellation);
    }
}
