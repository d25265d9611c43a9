using TorchAlign.Alignment;
using TorchAlign.Networks;
using TorchAlign.Networks.Constraints;
using TorchAlign.Numerics;

namespace TorchAlign.Claims;

/// <summary>The needs of the statements of [RNBU]; each is checked on the evidence. See <see cref="RadhakrishnanClaims"/>.</summary>
internal sealed class AlignmentHypothesis(AlignmentEvidence run) : Hypothesis
{
    /// <summary>What rounding leaves off the diagonals of a start made in given bases.</summary>
    public const double StartRounding = 1e-12;

    private readonly AlignmentEvidence _run = run;

    public AlignmentHypothesis SquaredLoss() => Need(_run.Condition is not null, "squared loss", $"the loss is {_run.Loss}");

    public AlignmentHypothesis FullyConnected() => Need(_run.Constraint is null, "fully connected", "the layers are constrained");

    public AlignmentHypothesis Constrained() => Need(_run.Constraint is not null, "constrained layers", "the layers are free");

    public AlignmentHypothesis Deep() => Need(_run.Shape.Depth >= 2, $"L = {_run.Shape.Depth} >= 2", "needs two layers");

    public AlignmentHypothesis SeveralOutputs() => Need(_run.Shape.Outputs > 1, $"{_run.Shape.Outputs} outputs", "one output");

    public AlignmentHypothesis OneOutput() => Need(_run.Shape.Outputs == 1, "one output", $"{_run.Shape.Outputs} outputs");

    /// <summary>U^T Y X^T V and V^T X X^T V both diagonal for some U, V.</summary>
    public AlignmentHypothesis DataAllow() => Need(_run.Condition is { Holds: true },
        $"the data allow it (obstruction {FourDigits.Of(_run.Condition?.Obstruction ?? double.NaN)} is rounding)",
        "the data do not allow it");

    /// <summary>No such U, V, certified by the commutator.</summary>
    public AlignmentHypothesis DataForbid() => Need(_run.Condition is { } data && data.LeastObstruction > data.Rounding,
        $"the data do not allow it (no U, V have an obstruction below {FourDigits.Of(_run.Condition?.LeastObstruction ?? double.NaN)})",
        "the data are not proved to forbid it");

    /// <summary>
    /// Y = X, or X X^T a multiple of a projection (factorisation, whitened inputs, orthonormal samples): what [RNBU] names.
    /// </summary>
    public AlignmentHypothesis SpecialData()
    {
        if (_run.Moments is not { } moments) return Need(false, "", "no data");
        var inputs = moments.InputMoments;
        var value = Math.Pow(inputs.FrobeniusNorm, 2) / Orthogonal.Diagonal(inputs).Sum();
        var white = (inputs * inputs - value * inputs).FrobeniusNorm <= StartRounding * value * inputs.FrobeniusNorm;
        var auto = moments.Inputs == moments.Outputs
            && (inputs - moments.CrossMoments).FrobeniusNorm <= StartRounding * inputs.FrobeniusNorm;
        var text = auto ? "Y X^T = X X^T"
            : white ? "X X^T is a multiple of a projection"
            : "neither Y X^T = X X^T nor X X^T a multiple of a projection";
        return Need(auto || white, text, text);
    }

    public AlignmentHypothesis GenericData() => Need(_run.Generic && _run.Shape.Inputs > 1 && _run.Count > 1,
        "data drawn at random", "the data are not generic, of several inputs and samples");

    /// <summary>W(0) is diagonal in the bases that it is said to be made in.</summary>
    public AlignmentHypothesis AlignedStart()
    {
        if (_run.Bases is not { } bases) return Need(false, "", "the start is not aligned");
        var share = Enumerable.Range(0, _run.Shape.Depth).Max(k => RunMeasures.OffDiagonal(bases, _run.States[0], k));
        return Need(share <= StartRounding, $"aligned start (off-diagonal mass {FourDigits.Of(share)})",
            $"the start is not aligned (off-diagonal mass {FourDigits.Of(share)})");
    }

    /// <summary>Whether U_L and V_1 of the start are those of the data.</summary>
    public AlignmentHypothesis BasesOfTheData(bool they = true)
    {
        if (_run.Bases is not { } bases || _run.Moments is not { } moments || _run.Condition is not { } data)
            return Need(false, "", "the start has no bases of the data");
        var (left, right) = (bases.Bases[^1], bases.Bases[0]);
        var inputs = Orthogonal.OffDiagonalNorm(right.TransposedTimes(moments.InputMoments) * right);
        var cross = Orthogonal.OffDiagonalNorm(left.TransposedTimes(moments.CrossMoments) * right);
        var square = Orthogonal.Diagonal(moments.InputMoments).Sum();
        var are = inputs <= data.Rounding * square && cross <= data.Rounding * Math.Sqrt(square * moments.TargetMoment);
        const string Same = "U_L = U, V_1 = V of the data", Others = "U_L and V_1 are not those of the data";
        return Need(are == they, they ? Same : Others, they ? Others : Same);
    }

    /// <summary>At least two modes alive in every layer: with one, only the outermost bases can move.</summary>
    public AlignmentHypothesis SeveralModes() => Need(
        Enumerable.Range(0, _run.Shape.Depth).All(k => Svd.Of(LinearProduct.Layer(_run.Shape, _run.States[0], k)).S is { Length: > 1 } s
            && s[1] > 1e-6 * s[0]),
        "every layer of rank 2 or more", "a layer is of rank one");

    /// <summary>Equal layers, 0 &lt; s_j(0) &lt;= s_j* for every mode that the data have.</summary>
    public AlignmentHypothesis EqualLayersBelowTheLimits()
    {
        if (_run.Modes is not { } modes) return Need(false, "", "no modes");
        var met = RunMeasures.LiveModes(_run).All(j => modes.Values[0][j] > 0 && modes.Values[0][j] <= modes.Limit(j)
            && modes.Values.All(layer => Math.Abs(layer[j] - modes.Values[0][j]) <= StartRounding * modes.Limit(j)));
        return Need(met, "equal layers, 0 < s_j(0) <= s_j*", "the layers are not equal, or a mode starts above its limit");
    }

    /// <summary>eta against n / (L max_j b_j s_j*^{2L-2}).</summary>
    public AlignmentHypothesis Step(double least, double most)
    {
        if (_run.Modes is not { } modes) return Need(false, "", "no modes");
        var share = _run.Eta / modes.LargestStep;
        return Need(share >= least - 1e-12 && share <= most + 1e-12, $"eta is {FourDigits.Of(share)} of the explicit bound",
            $"eta is {FourDigits.Of(share)} of the explicit bound");
    }

    /// <summary>eta against the step above which rounding off the diagonals grows.</summary>
    public AlignmentHypothesis StableStep(bool below)
    {
        if (_run.Modes is not { } modes) return Need(false, "", "no modes");
        var share = _run.Eta / modes.StableStep;
        var text = $"eta is {FourDigits.Of(share)} of the step above which rounding off the diagonals grows";
        return Need(share <= 1 == below, text, text);
    }

    /// <summary>Layers in the coordinates asked for, with the same run by projected descent beside it.</summary>
    public AlignmentHypothesis BesideProjected(Coordinates coordinates) => Need(
        _run.Projected is not null && _run.Coordinates == coordinates,
        $"descent on {(coordinates == Coordinates.Kernel ? "kernels" : "coefficients")} beside projected descent",
        "no such run beside projected descent");

    /// <summary>Whether all ||A_a||_F of all layers are equal.</summary>
    public AlignmentHypothesis EqualNorms(bool equal)
    {
        var norms = _run.Constraint?.Layers.SelectMany(layer => layer.Norms).ToArray() ?? [];
        var are = norms.Length > 0 && norms.Max() <= norms.Min() * (1 + 1e-12);
        var text = are ? "all ||A_a||_F are equal" : "the ||A_a||_F differ";
        return Need(are == equal, text, text);
    }

    public AlignmentHypothesis Circulant(bool circulant) => Need(
        circulant == (_run.Constraint is { } layers && layers.Layers.All(layer => layer.Rows == layer.Columns
            && layer.Dimension == layer.Rows && RunMeasures.IsCirculant(layer))),
        circulant ? "circulant layers" : "layers that are not all circulants",
        circulant ? "the layers are not circulants" : "circulant layers");

    /// <summary>More conditions on the targets than aligned starts can be tuned to.</summary>
    public AlignmentHypothesis Impossible()
    {
        if (_run.Constraint is not { } layers || _run.Bases is not { } bases) return Need(false, "", "no aligned constrained start");
        var count = DimensionCount.Of(layers, bases, _run.States[0], _run.Inputs);
        var text = $"n = {_run.Count} samples give {count.Conditions} conditions on the targets, aligned starts have "
            + $"{count.Free} of {count.Parameters} dimensions";
        return Need(count.Impossible, text, text);
    }

    /// <summary>Rank-one layers with u_k = +-v_{k+1}.</summary>
    public AlignmentHypothesis RankOneAligned(bool met)
    {
        var spectra = Enumerable.Range(0, _run.Shape.Depth).Select(k => LayerSpectrum.Of(_run.Shape, _run.States[0], k)).ToArray();
        var residual = spectra.Max(layer => layer.RankOneResidual);
        return Need(residual <= StartRounding == met,
            met ? "layers of rank one" : $"layers not of rank one (residual {FourDigits.Of(residual)})",
            met ? "the layers do not start with rank one" : "the layers start with rank one");
    }

    /// <summary>At the start, singular values of a layer tie.</summary>
    public AlignmentHypothesis Ties() => Need(RunMeasures.HaveTies(_run, _run.States[0], RunMeasures.Tie),
        "singular values tie", "no singular values tie");

    private AlignmentHypothesis Need(bool met, string whenMet, string whenNot)
    {
        And(met, whenMet, whenNot);
        return this;
    }
}
