using TorchAlign.Alignment;

namespace TorchAlign.Claims;

/// <summary>
/// [RNBU]: under the squared loss and descent, alignment is an invariant if and only if orthogonal U, V make U^T Y X^T V and
/// V^T X X^T V both diagonal; the start then has U_L = U, V_1 = V.
/// </summary>
internal static class InvarianceClaims
{
    /// <summary>Ten thousand steps of rounding stay below.</summary>
    private const double Kept = 1e-11;

    /// <summary>Far above what rounding does to bases that are kept: beyond this they are lost.</summary>
    private const double Lost = 1e-6;

    public static IEnumerable<RadhakrishnanClaim> All { get; } =
    [
        new("rnbu.invariance.kept", "[RNBU]", "if the data allow it, the start's bases stay: off-diagonal mass",
            h => h.SquaredLoss().FullyConnected().DataAllow().AlignedStart().BasesOfTheData().StableStep(true),
            BasesStay(Relation.AtMost, 0, Kept)),
        new("rnbu.invariance.found", "[RNBU]",
            "if the data allow it, common bases of all layers are found at every step: residual",
            h => h.SquaredLoss().FullyConnected().DataAllow().AlignedStart().BasesOfTheData().StableStep(true),
            run => RunMeasures.Largest(run, "residual of the aligned decompositions", Relation.AtMost, 0, 1e-7,
                state => AlignedSvd.Of(run.Shape, state).Residual)),
        new("rnbu.invariance.lost", "[RNBU]", "if the data do not allow it, an aligned start loses its bases: off-diagonal mass",
            h => h.SquaredLoss().FullyConnected().DataForbid().AlignedStart().SeveralModes(), BasesStay(Relation.Exceeds, Lost, 0)),
        new("rnbu.invariance.other-bases", "[RNBU]",
            "from other bases than the data's, an aligned start loses them: off-diagonal mass",
            h => h.SquaredLoss().FullyConnected().DataAllow().AlignedStart().SeveralModes().BasesOfTheData(false),
            BasesStay(Relation.Exceeds, Lost, 0)),
        new("rnbu.condition.obstruction", "[RNBU]", "autoencoding, factorisation and whitened inputs allow it: obstruction",
            h => h.SquaredLoss().SpecialData(),
            run => new Measurement(run.Condition!.Obstruction, Relation.AtMost, 0, run.Condition.Rounding,
                $"{run.Count} samples, {run.Shape.Inputs} inputs, {run.Shape.Outputs} outputs")),
        new("rnbu.condition.generic", "[RNBU]", "generic data with several outputs do not: least obstruction",
            h => h.SquaredLoss().SeveralOutputs().GenericData(),
            run => new Measurement(run.Condition!.LeastObstruction, Relation.Exceeds,
                run.Condition.Rounding, 0,
                $"no U, V have less; {run.Count} samples, the best found have {FourDigits.Of(run.Condition.Obstruction)}")),
        new("rnbu.score.kept", "[RNBU]", "where no singular values tie, the authors' score sees kept bases: 1 - score",
            h => h.SquaredLoss().FullyConnected().DataAllow().AlignedStart().BasesOfTheData().StableStep(true), ScoreKept),
        new("rnbu.score.ties", "[RNBU]", "where they tie, it does not, though the off-diagonal mass is 0: 1 - score",
            h => h.SquaredLoss().FullyConnected().DataAllow().AlignedStart().BasesOfTheData().StableStep(true).Ties(), ScoreTied),
    ];

    private static Func<AlignmentEvidence, Measurement> BasesStay(Relation relation, double bound, double tolerance) => run =>
        RunMeasures.Largest(run, "off-diagonal mass in the start's bases over ||W_k||_F", relation, bound, tolerance,
            state => RunMeasures.OffDiagonal(run.Bases!, state));

    private static Measurement ScoreKept(AlignmentEvidence run)
    {
        var untied = Enumerable.Range(0, run.States.Count)
            .Where(i => !RunMeasures.HaveTies(run, run.States[i], RunMeasures.NearTie)).ToArray();
        return untied.Length == 0
            ? Measurement.Undecided("singular values tie at every sample")
            : Worst(run, untied, Relation.AtMost, 0, 1e-9);
    }

    private static Measurement ScoreTied(AlignmentEvidence run) =>
        Worst(run, [.. Enumerable.Range(0, run.States.Count)], Relation.Exceeds, 1e-3, 0);

    private static Measurement Worst(AlignmentEvidence run, int[] samples, Relation relation, double bound, double tolerance)
    {
        var invariance = Invariance.Of(run.Bases!, run.States[0]);
        var worst = new RunningMaximum();
        foreach (var i in samples)
        {
            var scores = invariance.Measure(run.States[i]);
            worst.Offer(i, 1 - Math.Min(Math.Min(scores.Left.Min(), scores.Right.Min()), scores.Adjacent.DefaultIfEmpty(1).Min()));
        }
        return new Measurement(worst.Value, relation, bound, tolerance,
            $"left, right and adjacent scores, worst of {samples.Length} samples, at step {run.Steps[worst.Index]}");
    }
}
