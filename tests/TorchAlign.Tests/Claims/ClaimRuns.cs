using TorchAlign.Claims;
using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.MaxMargin;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Tests.Claims;

/// <summary>True runs, each made once, and what the claims say of runs.</summary>
internal static class ClaimRuns
{
    public const double Tolerance = 1e-8;

    private static readonly Lazy<RunEvidence> _deep = new(() => Flow(Problem("deep", 4, MarginLoss.Exponential, Start.Gaussian), -1e6));
    private static readonly Lazy<RunEvidence> _balanced =
        new(() => Flow(Problem("balanced", 4, MarginLoss.Exponential, Start.Balanced), -1e6));
    private static readonly Lazy<RunEvidence> _shallow = new(() => Flow(Problem("shallow", 1, MarginLoss.Logistic, Start.Gaussian), -1e6));
    private static readonly Lazy<RunEvidence> _descent =
        new(() => EvidenceRun.Descent(Problem("descent", 2, MarginLoss.Logistic, Start.Gaussian), 400_000, CancellationToken.None));

    private static readonly Lazy<RunEvidence> _outside =
        new(() => Flow(Problem("outside", Flat(), 2, MarginLoss.Exponential, Start.Gaussian), -1e6));

    private static readonly Lazy<RunEvidence> _saddle = new(() => EvidenceRun.Flow(SaddleProblem(), new DormandPrince54(1e-9), Tolerance,
        [Stops.TimeReached(30), Stops.StepLimit(100_000)], CancellationToken.None));

    public enum Start
    {
        Gaussian,
        Balanced,
    }

    public static RunEvidence Deep => _deep.Value;

    public static RunEvidence Balanced => _balanced.Value;

    public static RunEvidence Shallow => _shallow.Value;

    public static RunEvidence Descent => _descent.Value;

    public static RunEvidence Saddle => _saddle.Value;

    /// <summary>On a planar set with a column of zeros.</summary>
    public static RunEvidence Outside => _outside.Value;

    public static RunEvidence Of(string name) => name switch
    {
        "deep" => Deep,
        "balanced" => Balanced,
        "shallow" => Shallow,
        "descent" => Descent,
        "saddle" => Saddle,
        "outside" => Outside,
        _ => throw new ArgumentException(name),
    };

    public static ClaimProblem Problem(string name, int depth, MarginLoss loss, Start start)
    {
        var points = Generators.PlanarSet(7).ToSignedPoints();
        return Problem(name, points, depth, loss, start);
    }

    public static ClaimProblem Problem(string name, SignedPoints points, int depth, MarginLoss loss, Start start)
    {
        var shape = NetworkShape.Uniform(points.Dimension, depth, 3);
        var random = new RandomStream(3);
        var state = start == Start.Gaussian
            ? Initialization.Gaussian(shape, 0.4, random)
            : Initialization.Balanced(shape, 0.4, random);
        AssumptionTwo.Rescale(new FusedField(shape, points.Z, loss, threads: 1), loss, shape, state);
        return new ClaimProblem
        {
            Name = name,
            Shape = shape,
            Points = points,
            Margin = HardMargin.Solve(points),
            Loss = loss,
            Start = state,
        };
    }

    public static RunEvidence Flow(ClaimProblem problem, double log10Risk) => EvidenceRun.Flow(problem,
        new Seulex(StiffAccuracy.Accurate), Tolerance, [Stops.RiskBelow(log10Risk), Stops.StepLimit(100_000)], CancellationToken.None);

    public static string[] With(RunEvidence run, Verdict verdict) =>
        [.. JiTelgarskyClaims.Check(run).Where(result => result.Verdict == verdict).Select(result => result.Id)];

    public static ClaimResult Result(RunEvidence run, string id) =>
        JiTelgarskyClaims.All.Single(claim => claim.Id == id).Check(run);

    private static SignedPoints Flat()
    {
        var plane = Generators.PlanarSet(7);
        return new LabelledSet("flat", [.. Enumerable.Range(0, plane.Count).SelectMany(i => (double[])[.. plane.Row(i), 0])], plane.Y)
            .ToSignedPoints();
    }

    private static ClaimProblem SaddleProblem()
    {
        var points = new SignedPoints([1, 0.5], 2, 1);
        return new ClaimProblem
        {
            Name = "saddle",
            Shape = new NetworkShape(1, 1, 1),
            Points = points,
            Margin = HardMargin.Solve(points),
            Loss = MarginLoss.Logistic,
            Start = [1, -1],
        };
    }
}
