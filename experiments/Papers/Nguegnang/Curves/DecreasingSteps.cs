using TorchAlign.Experiments.Reporting;

namespace TorchAlign.Experiments.Papers;

/// <summary>
/// [NRT] allows every sequence below the bound with sum eta_k = infinity: a constant step against
/// eta_k = eta / (1 + k / tau), whose sum grows like tau log k. Along the way descent follows the flow, so the loss depends on
/// the time t = sum eta_i and hardly on the rule: the curves coincide over t, not over k.
/// </summary>
internal sealed class DecreasingSteps() : CurveExperiment("steps", """
    Constant against decreasing steps, eta / (1 + k / tau): the loss depends on the sum of the steps.

    Example: torchalign paper nrt steps --steps 1e6 --depth 2,3
    """, new BottleneckSettings(dimension: 20, rank: 10, "2,3,4"), pointsPerInput: 3, steps: 300_000, samplesPerDecade: 60)
{
    private readonly Setting<double[]> _scales = Declare.Positives(
        "--tau", "1,1000,100000", "Time scales of the decreasing steps eta / (1 + k / tau); 1 is eta / (k + 1).");

    protected override IReadOnlyList<JobTable<Curve>> Tables
    {
        get
        {
            var constants = ConstantsTable.Of<Curve>(curve => ($"N={curve.Network.Shape.Depth}", curve.Network.Constants));
            return
            [
                CurveTables.Of("steps.csv",
                [
                    CurveTables.Depth,
                    new("tau", "time scale of the rule eta / (1 + k / tau); empty for the constant step", row => row.Network.Tau),
                ]),
                // All rules of a depth share them.
                constants with { Rows = curve => curve.Network.Tau is null ? constants.Rows(curve) : [] },
            ];
        }
    }

    /// <summary>Largest difference of the loss from that of the constant step at the same time, which is interpolated in log L.</summary>
    /// <returns>Relative to what is above the least loss; NaN unless both runs came to what is said of them.</returns>
    public static double Deviation(Curve curve, IReadOnlyList<Curve> all)
    {
        var network = curve.Network;
        var constant = all.FirstOrDefault(other => other.Network.Tau is null && other.Network.Shape.Depth == network.Shape.Depth);
        if (constant is null || !IsSound(constant) || !IsSound(curve)) return double.NaN;
        var samples = constant.Descent.Samples;
        var floor = 1e-3 * (constant.First.Loss - network.LeastLoss);
        var worst = 0.0;
        foreach (var s in curve.Descent.Samples)
        {
            var after = samples.TakeWhile(other => other.Time < s.Time).Count();
            if (after == 0 || after == samples.Count) continue;
            var (a, b) = (samples[after - 1], samples[after]);
            var share = (s.Time - a.Time) / (b.Time - a.Time);
            var excess = Math.Exp((1 - share) * Logarithm(a) + share * Logarithm(b));
            worst = Math.Max(worst, Math.Abs(s.Loss - network.LeastLoss - excess) / (excess + floor));
        }
        return worst;

        // At the least loss rounding may lead below it.
        double Logarithm(LossSample at) => Math.Log(Math.Max(at.Loss - network.LeastLoss, double.Epsilon));
    }

    protected override IEnumerable<SquaredProblem> Problems(int points) =>
        [SquaredProblem.Autoencoder(Network.Dimension, points, Seed)];

    protected override IEnumerable<CurveNetwork> JobsOf(CurveNetwork constant) =>
        [constant, .. _scales.Value.Select(tau => constant with { Tau = tau })];

    protected override string Found(IReadOnlyList<Curve> curves)
    {
        double[] deviations = [.. curves.Where(one => one.Network.Tau is not null).Select(one => Deviation(one, curves))];
        var worst = deviations.Where(double.IsFinite).DefaultIfEmpty(double.NaN).Max();
        return (double.IsNaN(worst)
            ? "There is no run with decreasing steps that could be compared with one of constant steps. "
            : "With η/(1 + k/τ) the loss falls as it does with the constant η, only later: over the time t = Σ η the curves of one depth "
            + $"differ by at most {Numbers.Short(worst)} relative to L − least + 10⁻³ of the start's. ")
            + (curves.All(one => one.FellAtEveryStep) ? "No run ever rose." : "Some runs rose: see the table.")
            + JobEnd.LeftOut(curves.Where(one => !IsSound(one)).Select(one =>
                ($"{one.Network.Depth}, {DecreasingStepsPage.Rule(one.Network)}", one.End)));
    }

    protected override object Results(IReadOnlyList<Curve> curves, string found) => new
    {
        Runs = curves.Select(one => new
        {
            one.Network.Shape.Depth,
            Eta = one.Network.Step,
            one.Network.Tau,
            Result = one.End.Name,
            one.Descent.Steps,
            one.Last.Time,
            one.Last.Loss,
            one.Excess,
            one.Last.GradientNorm,
            one.Descent.LargestRise,
            one.Descent.LeastShare,
            DeviationOverTime = Deviation(one, curves),
        }),
    };

    protected override ReportPage Page(IReadOnlyList<Curve> curves, string found) => DecreasingStepsPage.Of(curves, found);

    private static bool IsSound(Curve curve) => curve.End.Grade < JobGrade.Missed;
}
