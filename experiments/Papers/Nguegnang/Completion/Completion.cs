using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Landscape;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Papers;

/// <summary>
/// Completing a matrix of low rank from some of its entries by descent on a product of N full-size factors from a small start: nothing
/// in the loss asks for a low rank, the depth does. The completion of least nuclear norm is the reference. (S. Arora, N. Cohen,
/// W. Hu, Y. Luo, Implicit regularization in deep matrix factorization, NeurIPS 2019, study the same.)
/// </summary>
internal sealed class Completion() : NguegnangExperiment<int, CompletedMatrix>("completion", """
    Matrix completion by deep factorisation from a small start, against the completion of least nuclear norm.

    Example: torchalign paper nrt completion --seen 3000 --depth 2,3
    """, "Where descent is computed; singular values are the host's")
{
    /// <summary>The job that finds the completion of least nuclear norm, among those of the depths.</summary>
    private const int Reference = 0;

    private const int MostIterations = 20_000;

    private readonly Setting<int> _size = Declare.Count("--size", 100, "Rows and columns of the matrix, and the width of every factor.");
    private readonly Setting<int> _rank = Declare.Count("--rank", 5, "Of the matrix.");
    private readonly Setting<int> _seen = Declare.Count("--seen", 2000, "Entries that descent sees.");
    private readonly Setting<int[]> _depths = Declare.Depths("1,2,3,4", least: 1);
    private readonly Setting<long> _steps = Declare.Steps("--steps", 10_000, "Steps of each network; 1e6 is understood.");
    private readonly Setting<double> _small = Declare.Positive("--small", 1e-3, "Singular values of the product at the start.");
    private readonly Setting<double> _rate = Declare.Positive(
        "--lr", 0.5, "N times the step: the curvature at the solution grows about like N.", "RATE");
    private readonly Setting<double> _gap = Declare.Positive("--gap", 1e-4, "Certified relative gap of the least nuclear norm.");
    private CompletionProblem _problem = null!;
    private Matrix _target = null!;

    private CompletionSample Original => CompletionSample.Of(0, 0, _target, _target);

    public override IReadOnlyList<int> Jobs => [.. _depths.Value, Reference];

    protected override string Doing => "completing";

    protected override IReadOnlyList<JobTable<CompletedMatrix>> Tables =>
    [
        JobTable<CompletedMatrix>.Of<(int Depth, CompletionSample At)>("completion.csv",
            one => one.Certificate is null ? one.Samples.Select(sample => (one.Depth, sample)) : [],
            new("depth", "N", row => row.Depth),
            new("step", "k", row => row.At.Step),
            new("loss", "1/2 sum over the seen entries of (P_ij - T_ij)^2", row => row.At.Loss),
            new("error", "||P - T||_F / ||T||_F", row => row.At.Error),
            new("effective_rank", "exp of the entropy of the singular values of P over their sum", row => row.At.EffectiveRank),
            new("nuclear_norm", "||P||_*", row => row.At.NuclearNorm)),
    ];

    /// <summary>The deepest first, the reference last.</summary>
    protected override double Cost(int depth) => depth;

    protected override DataIdentity Prepare()
    {
        if (_rank > _size) throw new CommandException($"--rank {_rank} is larger than --size {_size}.");
        if (_seen >= (long)_size * _size)
            throw new CommandException($"--seen {_seen} leaves nothing to complete in a {_size} x {_size} matrix; give fewer.");
        (_problem, _target) = CompletionProblem.Random(_size, _rank, _seen, RandomStream.Named(Seed, "data"));
        return new DataIdentity($"{_seen} entries of a {_size} x {_size} matrix of rank {_rank}, seed {Seed}",
            new RegressionSet("target", _target, _target).Hash);
    }

    public override CompletedMatrix Do(int depth, JobRun at)
    {
        if (depth == Reference)
            return CompletedMatrix.Of(
                NuclearNormCompletion.Solve(_problem, _gap, MostIterations, at.Cancellation), _gap, _target, at.Seconds);
        var shape = new NetworkShape([.. Enumerable.Repeat(_size.Value, depth + 1)]);
        var start = Initialization.Balanced(shape, Math.Pow(_small, 1.0 / depth), RandomStream.Named(Seed, "start", depth));
        var eta = _rate / depth;
        var path = at.Follow(
            Gradients.OfProduct(shape, new MaskedLoss(_problem)), start, Gradients.Descent(new ConstantStep(eta)), new RunPlan
            {
                Stops = [new StepProgress(_steps, at.Tell), Stops.StepLimit(_steps)],
                Schedule = SampleSchedule.LogSpacedSteps(20),
            },
            here => CompletionSample.Of(
                here.Steps, Math.Exp(here.Value.LogRisk), LinearProduct.Matrix(shape, here.W.ToArray()), _target));
        return new CompletedMatrix(depth, eta, path.End, path.Samples, at.Seconds, null);
    }

    protected override JobEnd EndOf(CompletedMatrix one) => one.Outcome;

    protected override string Found(IReadOnlyList<CompletedMatrix> all)
    {
        CompletedMatrix[] good = [.. all.Where(one => one.Certificate is null && one.Outcome.Grade < JobGrade.Missed)];
        var (least, bad) = (all.Single(one => one.Certificate is not null), all.Count - 1 - good.Length);
        var failed = bad == 0 ? "" : $" {bad} of {all.Count - 1} descents diverged and are left out.";
        if (good.Length == 0) return failed.TrimStart();
        var best = good.MinBy(one => one.Last.Error)!;
        return $"From {Numbers.Count(_seen)} of {Numbers.Count((long)_size * _size)} entries of a matrix of rank {_rank}, descent from a "
            + "small start recovers it to a relative error of "
            + string.Join(", ", good.Select(one => $"{Numbers.Short(one.Last.Error)} at N = {one.Depth}"))
            + $"; the completion of least nuclear norm to {Numbers.Short(least.Last.Error)}. The effective rank ends at "
            + $"{Numbers.Short(best.Last.EffectiveRank)} for N = {best.Depth}, where the matrix has "
            + $"{Numbers.Short(Original.EffectiveRank)}.{failed}";
    }

    protected override object Results(IReadOnlyList<CompletedMatrix> all, string found) => new
    {
        Runs = all.Where(one => one.Certificate is null).Select(one => one.Summary()),
        NuclearNorm = all.SingleOrDefault(one => one.Certificate is not null)?.Summary(),
        Target = new { Original.EffectiveRank, Original.NuclearNorm },
    };

    protected override ReportPage Page(IReadOnlyList<CompletedMatrix> all, string found) => CompletionPage.Of(all, Original, found);
}
