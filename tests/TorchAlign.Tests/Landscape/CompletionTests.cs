using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Landscape;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Tests.Landscape;

public class CompletionTests
{
    [Fact]
    public void ProblemsAreOfTheStatedRankAndSize()
    {
        var (problem, target) = CompletionProblem.Random(20, 3, 150, new RandomStream(1));
        Assert.Equal(150, problem.Seen.Distinct().Count());
        Assert.All(problem.Seen, entry => Assert.Equal(target[entry.Row, entry.Column], entry.Value));
        Assert.Equal(3, Svd.Of(target).S.Count(s => s > 1e-12));
        Assert.Equal(Math.Sqrt(3), target.FrobeniusNorm, 1e-14);
        Assert.Throws<DataException>(() => new CompletionProblem(2, 2, []));
        Assert.Throws<DataException>(() => new CompletionProblem(2, 2, [new(0, 2, 1)]));
        Assert.Throws<DataException>(() => new CompletionProblem(2, 2, [new(0, 1, 1), new(0, 1, 1)]));
        Assert.Throws<DataException>(() => new CompletionProblem(2, 2, [new(0, 1, double.NaN)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => CompletionProblem.Random(3, 1, 10, new RandomStream(1)));
    }

    [Fact]
    public void GradientAndCurvatureAreThoseOfFiniteDifferences()
    {
        var (problem, _) = CompletionProblem.Random(6, 2, 17, new RandomStream(1));
        var loss = new MaskedLoss(problem);
        var shape = new NetworkShape(6, 4, 6);
        var state = Initialization.Gaussian(shape, 1, new RandomStream(2));
        var move = Initialization.Gaussian(shape, 1, new RandomStream(3));
        var field = new ProductField(shape, loss);
        var (gradient, up, down) = (new double[shape.Length], new double[shape.Length], new double[shape.Length]);
        field.Evaluate(state, gradient);
        const double h = 1e-5;
        var rise = field.Evaluate([.. state.Zip(move, (w, v) => w + h * v)], up)
            - field.Evaluate([.. state.Zip(move, (w, v) => w - h * v)], down);
        Assert.Equal(-gradient.Zip(move, (g, v) => g * v).Sum(), rise / (2 * h), 1e-8);
        var hessian = new ProductHessian(shape, loss, state).Times(move);
        for (var i = 0; i < hessian.Length; i++) Assert.Equal((down[i] - up[i]) / (2 * h), hessian[i], 1e-8);
    }

    /// <summary>[[1, 1], [1, t]] has the squared nuclear norm 3 + t^2 + 2 |t - 1|, least at t = 1 with 4.</summary>
    [Fact]
    public void LeastNuclearNormIsCertified()
    {
        var one = NuclearNormCompletion.Solve(
            new CompletionProblem(2, 2, [new(0, 0, 1), new(0, 1, 1), new(1, 0, 1)]), 1e-9, 10_000, CancellationToken.None);
        Assert.Equal(2, one.NuclearNorm, 1e-8);
        Assert.True(one.LowerBound <= 2 && one.RelativeGap <= 1e-9);

        // Many entries of a matrix of rank 2: it is its own completion.
        var (problem, target) = CompletionProblem.Random(30, 2, 600, new RandomStream(2));
        var completed = NuclearNormCompletion.Solve(problem, 1e-8, 2000, CancellationToken.None);
        Assert.True(completed.RelativeGap <= 1e-8, $"{completed.RelativeGap}");
        Assert.True((completed.Completion - target).FrobeniusNorm < 1e-5);
        Assert.All(problem.Seen, entry => Assert.Equal(entry.Value, completed.Completion[entry.Row, entry.Column]));
    }

    /// <summary>Descent on a deep factorisation from a small start completes what is of low rank.</summary>
    [Fact]
    public void DeepFactorisationCompletes()
    {
        var (problem, target) = CompletionProblem.Random(20, 1, 160, new RandomStream(3));
        var shape = new NetworkShape(20, 20, 20, 20);
        var field = new ProductField(shape, new MaskedLoss(problem));
        var w = field.NewState();
        w.CopyFrom(Initialization.Gaussian(shape, 0.05, new RandomStream(4)));
        var point = new TrajectoryPoint(w);
        var end = Trajectory.Follow(new FlowSystem(field, Clock.Time), new GradientDescent(new ConstantStep(1)), point,
            new RunPlan { Stops = [Stops.RiskBelow(-7), Stops.StepLimit(50_000)], Schedule = SampleSchedule.EveryStep });
        Assert.Equal("risk-below", end.Name);
        Assert.True((LinearProduct.Matrix(shape, point.W.ToArray()) - target).FrobeniusNorm < 1e-2);
    }
}
