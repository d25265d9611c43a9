using TorchAlign.Experiments.Python;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Recording;
using TorchSharp;

namespace TorchAlign.Experiments.Papers;

/// <summary>
/// [NRT, section 5]: loss, norms and balancedness of descent at the guaranteed step for several depths, on random inputs and on
/// X = I, beside the bounds M and K of the theorem.
/// </summary>
internal sealed class Curves() : CurveExperiment("curves", """
    Loss, norms and balancedness of descent at the guaranteed step, depths 2 to 6, beside the bounds of the theorem.

    Example: torchalign paper nrt curves --steps 1e6 --compare-pytorch
    """, new BottleneckSettings(dimension: 70, rank: 35, "2,3,4,5,6"), pointsPerInput: 10, steps: 20_000, samplesPerDecade: 12)
{
    private readonly Setting<string> _problem = Declare.Choice(
        "--problem", "random: an autoencoder on Gaussian points; identity: X = I and a Gaussian target.",
        "both", SquaredProblem.RandomInputs, SquaredProblem.Factorization);
    private readonly Setting<bool> _compare = Declare.Flag(
        "--compare-pytorch", "Time and check the PyTorch twin too, 1,000 eager steps of each network.");
    private CurvesSpeed? _speed;

    protected override IReadOnlyList<JobTable<Curve>> Tables =>
    [
        CurveTables.Of("curves.csv",
            [
                new("problem", "random: an autoencoder on Gaussian points; identity: X = I", row => row.Network.Problem.Name),
                CurveTables.Depth,
            ],
            [
                new("defect", "max_j ||W_{j+1}^T W_{j+1} - W_j W_j^T||_2", row => row.At.Defect),
                new("product_norm", "||W_N ... W_1||_2", row => row.At.ProductNorm),
                .. Enumerable.Range(0, Network.Depths.Value[^1]).Select(j => new Column<CurveRow>(
                    $"layer_norm_{j + 1}", $"||W_{j + 1}||_2", row => row.At.LayerNorms.Cast<double?>().ElementAtOrDefault(j))),
            ]),
        ConstantsTable.Of<Curve>(curve => (Label(curve.Network), curve.Network.Constants)),
    ];

    public static string Label(CurveNetwork network) => $"{network.Problem.Name} N={network.Shape.Depth}";

    protected override DataIdentity Prepare()
    {
        if (_compare && Gradients.Device.type != DeviceType.CPU)
            throw new CommandException(
                $"--compare-pytorch times both sides on the CPU; leave --device {Device} away, or see bench --device.");
        if (_compare && PythonTwinFacts.Find().Path is null)
            throw new CommandException($"No python3 with torch was found, so --compare-pytorch has nothing to compare with. "
                + $"{PythonTwin.Remedy}");
        return base.Prepare();
    }

    protected override IEnumerable<SquaredProblem> Problems(int points)
    {
        if (_problem != SquaredProblem.Factorization) yield return SquaredProblem.Autoencoder(Network.Dimension, points, Seed);
        if (_problem != SquaredProblem.RandomInputs) yield return SquaredProblem.GaussianTarget(Network.Dimension, Seed);
    }

    protected override PaperResult Work(PaperRun run, CancellationToken cancellation)
    {
        // Before the long run, while the machine is its own.
        if (_compare) _speed = CurvesSpeed.Measure(run, Jobs, Threads, cancellation);
        return base.Work(run, cancellation);
    }

    protected override string Found(IReadOnlyList<Curve> curves) =>
        CurvesPage.Found(curves, $"d = {Network.Dimension}, r = {Network.Rank}")
        + (_speed is null ? "" : $" {_speed.Claim(Times(curves))}");

    protected override object Results(IReadOnlyList<Curve> curves, string found) => new
    {
        Networks = curves.Select(curve => new
        {
            Problem = curve.Network.Problem.Name,
            curve.Network.Shape.Depth,
            curve.Network.Shape.Widths,
            curve.Network.Constants,
            Eta = curve.Network.Step,
            Result = curve.End.Name,
            curve.Descent.Steps,
            InitialLoss = curve.First.Loss,
            curve.Last.Loss,
            curve.Network.LeastLoss,
            curve.Last.GradientNorm,
            curve.Descent.LargestRise,
            curve.Descent.LeastShare,
            curve.LayersWithinK,
            curve.ProductWithinM,
            curve.DefectWithinDelta,
            curve.KeptGuarantee,
        }),
        Times = Times(curves),
        Pytorch = _speed?.Summary(Times(curves)),
    };

    protected override ReportPage Page(IReadOnlyList<Curve> curves, string found) =>
        CurvesPage.Of(curves, found, _speed?.Table(Times(curves)));

    /// <summary>PROBLEM_N_Wj (d_j, d_{j-1}): the last layers of each network.</summary>
    protected override IEnumerable<NpzArray> State(IReadOnlyList<Curve> curves) =>
        from curve in curves
        let shape = curve.Network.Shape
        from k in Enumerable.Range(0, shape.Depth)
        select NpzArray.Float64($"{curve.Network.Problem.Name}_{shape.Depth}_W{k + 1}",
            shape.Layer(curve.Descent.Final.AsSpan(), k).ToArray(), shape.Rows(k), shape.Columns(k));

    private ProblemTime[] Times(IReadOnlyList<Curve> curves) =>
    [
        .. curves.GroupBy(curve => curve.Network.Problem.Name).Select(problem => new ProblemTime(problem.Key,
            problem.Sum(curve => curve.Descent.Steps), problem.Sum(curve => curve.Seconds) / Math.Min(Threads, Jobs.Count))),
    ];
}
