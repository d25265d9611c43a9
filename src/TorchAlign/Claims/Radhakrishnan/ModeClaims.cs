namespace TorchAlign.Claims;

/// <summary>
/// Training of an aligned network decouples into scalar recursions, with an explicit rate (derived, from [RNBU] and its
/// corollary); see <see cref="Alignment.AlignedModes"/>.
/// </summary>
internal static class ModeClaims
{
    private const double Rounding = 1e-12;

    public static IEnumerable<RadhakrishnanClaim> All { get; } =
    [
        new("rnbu.modes.recursion", "[RNBU]", "the layers' diagonals follow the scalar recursion: distance over max_j s_j*",
            h => Decoupled(h).StableStep(true), Recursion),
        new("rnbu.rate.rises", "[RNBU]", "up to eta = n/(L max_j b_j s_j*^{2L-2}) every s_j rises: largest fall over s_j*",
            h => Decoupled(h).StableStep(true).EqualLayersBelowTheLimits().Step(0, 1), run => OverSteps(run, "fall",
                (before, now, limit) => (before - now) / limit, Relation.AtMost, 0, Rounding)),
        new("rnbu.rate.no-overshoot", "[RNBU]", "up to that step no s_j passes s_j*: largest s_j/s_j* - 1",
            h => Decoupled(h).StableStep(true).EqualLayersBelowTheLimits().Step(0, 1), run => OverSteps(run, "s_j/s_j* - 1",
                (_, now, limit) => now / limit - 1, Relation.AtMost, 0, Rounding)),
        new("rnbu.rate.contraction", "[RNBU]", "s_j* - s_j falls by 1 - (eta/n) L b_j s_j(0)^{2L-2} a step: seen over allowed",
            h => Decoupled(h).StableStep(true).EqualLayersBelowTheLimits().Step(0, 1), Contraction),
        new("rnbu.rate.overshoot", "[RNBU]", "at three times that step a mode overshoots: largest s_j/s_j* - 1",
            h => Decoupled(h).EqualLayersBelowTheLimits().Step(3, 3), run => OverSteps(run, "s_j/s_j* - 1",
                (_, now, limit) => now / limit - 1, Relation.Exceeds, 1e-3, 0)),
        new("rnbu.rate.unstable", "[RNBU]",
            "within the rate, above StableStep, rounding off the diagonals grows: off-diagonal mass",
            h => Decoupled(h).EqualLayersBelowTheLimits().StableStep(false).Step(0, 1), run => RunMeasures.Largest(run,
                "off-diagonal mass in the start's bases", Relation.Exceeds, 1e-6, 0, state => RunMeasures.OffDiagonal(run.Bases!, state))),
    ];

    private static AlignmentHypothesis Decoupled(AlignmentHypothesis hypothesis) =>
        hypothesis.SquaredLoss().FullyConnected().DataAllow().AlignedStart().BasesOfTheData();

    private static Measurement Recursion(AlignmentEvidence run)
    {
        var modes = run.Modes!;
        var scale = RunMeasures.LiveModes(run).Max(modes.Limit);
        var worst = new RunningMaximum();
        var step = 0L;
        for (var i = 0; i < run.States.Count; i++)
        {
            for (; step < run.Steps[i]; step++) modes.Step(run.Eta);
            for (var k = 0; k < modes.Depth; k++)
            {
                var inBases = run.Bases!.InBases(run.States[i], k);
                for (var j = 0; j < modes.Count; j++) worst.Offer(i, Math.Abs(inBases[j, j] - modes.Values[k][j]) / scale);
            }
        }
        return new Measurement(worst.Value, Relation.AtMost, 0, Rounding,
            $"{modes.Count} modes of {modes.Depth} layers over {run.Steps[^1]} steps, largest at step {run.Steps[worst.Index]}");
    }

    private static Measurement OverSteps(AlignmentEvidence run, string what, Func<double, double, double, double> measure,
        Relation relation, double bound, double tolerance)
    {
        var (modes, worst, at) = (run.Modes!, new RunningMaximum(), -1);
        foreach (var j in RunMeasures.LiveModes(run))
            for (var i = 1; i < run.States.Count; i++)
                if (worst.Offer(i, measure(Mode(run, i - 1, j), Mode(run, i, j), modes.Limit(j)))) at = j;
        return worst.Any
            ? new Measurement(worst.Value, relation, bound, tolerance,
                $"{what} of the last layer's modes, largest for mode {at + 1} at step {run.Steps[worst.Index]} of {run.Steps[^1]}")
            : Measurement.Undecided("the run has no steps");
    }

    /// <summary>From sample to sample, with what rounding leaves of a distance that has shrunk to nothing.</summary>
    private static Measurement Contraction(AlignmentEvidence run)
    {
        var (modes, worst, at) = (run.Modes!, new RunningMaximum(), -1);
        foreach (var j in RunMeasures.LiveModes(run))
        {
            var limit = modes.Limit(j);
            var factor = modes.Contraction(j, run.Eta, Mode(run, 0, j));
            for (var i = 1; i < run.States.Count; i++)
            {
                var before = limit - Mode(run, i - 1, j);
                if (!(before > 1e-9 * limit)) continue;
                var allowed = Math.Pow(factor, run.Steps[i] - run.Steps[i - 1]) * before + Rounding * limit;
                if (worst.Offer(i, (limit - Mode(run, i, j)) / allowed)) at = j;
            }
        }
        return worst.Any
            ? new Measurement(worst.Value, Relation.AtMost, 1, 0,
                $"largest for mode {at + 1} at step {run.Steps[worst.Index]} of {run.Steps[^1]}")
            : Measurement.Undecided("every mode starts at its limit");
    }

    /// <summary>s_j of the last layer: U_L and V_L of the start around W_L.</summary>
    private static double Mode(AlignmentEvidence run, int sample, int mode) =>
        run.Bases!.InBases(run.States[sample], run.Shape.Depth - 1)[mode, mode];
}
