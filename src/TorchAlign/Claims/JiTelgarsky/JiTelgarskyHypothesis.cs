using TorchAlign.Dynamics;
using TorchAlign.Losses;
using TorchAlign.MaxMargin;

namespace TorchAlign.Claims;

/// <summary>The needs of the statements of [JT]; see <see cref="JiTelgarskyClaims"/>.</summary>
internal sealed class JiTelgarskyHypothesis(RunEvidence run) : Hypothesis
{
    private readonly RunEvidence _run = run;

    public JiTelgarskyHypothesis Flow() => Need(_run.Descent is null,
        "gradient flow, integrated", "the statement is about the flow, this run is descent");

    /// <summary>
    /// [JT] Assumption 1: loss' &lt; 0, loss -&gt; infinity at -infinity and -&gt; 0 at +infinity; seen at a few margins.
    /// </summary>
    public JiTelgarskyHypothesis AssumptionOne()
    {
        ReadOnlySpan<double> margins = [-1e6, -10, -1, 0, 1, 10, 1e6];
        var met = _run.Loss.LogValue(-1e6) > Math.Log(1e5) && _run.Loss.LogValue(1e6) < -1e5;
        for (var i = 0; i < margins.Length; i++)
            met &= double.IsFinite(_run.Loss.LogSlope(margins[i]))
                && (i == 0 || _run.Loss.LogValue(margins[i]) < _run.Loss.LogValue(margins[i - 1]));
        return Need(met, $"A1 ({_run.Loss.Name} loss, seen at margins from -1e6 to 1e6)", $"A1 fails for the {_run.Loss.Name} loss");
    }

    public JiTelgarskyHypothesis ExponentialOrLogisticLoss() => Need(
        _run.Loss == MarginLoss.Exponential || _run.Loss == MarginLoss.Logistic,
        $"{_run.Loss.Name} loss", $"the statement is for the exponential and the logistic loss, this run has the {_run.Loss.Name} loss");

    public JiTelgarskyHypothesis LogisticLoss() => Need(_run.Loss == MarginLoss.Logistic,
        "logistic loss", $"the statement is for the logistic loss, this run has the {_run.Loss.Name} loss");

    public JiTelgarskyHypothesis ExponentialLoss() => Need(_run.Loss == MarginLoss.Exponential,
        "exponential loss", $"the statement is for the exponential loss, this run has the {_run.Loss.Name} loss");

    public JiTelgarskyHypothesis Separable() => Need(_run.Margin.Separability == Separability.Yes,
        $"separable (proved in float64, gamma = {FourDigits.Of(_run.Margin.Gamma)})",
        $"the data are not proved separable ({_run.Margin.Separability})");

    public JiTelgarskyHypothesis Deep() => Need(_run.Shape.Depth >= 2, $"L = {_run.Shape.Depth} >= 2", "needs two layers, L = 1");

    /// <summary>[JT] Assumption 2: grad R(W(0)) != 0 and R(W(0)) &lt;= R(0) = loss(0).</summary>
    public JiTelgarskyHypothesis AssumptionTwo()
    {
        var two = _run.AssumptionTwo;
        // At W_1(0) = 0 the two risks are equal, and the mean of n equal losses rounds.
        var rounding = _run.Points.Count * Math.ScaleB(1.0, -53);
        return Need(two.GradientIsNonzero && two.LogRisk <= two.LogRiskAtZero + rounding,
            $"A2 (evaluated at W(0): log R = {FourDigits.Of(two.LogRisk)} <= log loss(0) = {FourDigits.Of(two.LogRiskAtZero)}, "
            + "gradient != 0)",
            two.Message);
    }

    /// <summary>The start of the counterexample to dropping Assumption 2: R(W(0)) &gt; R(0), L = 2, all widths 1, w_2 = -w_1.</summary>
    public JiTelgarskyHypothesis Counterexample()
    {
        var shape = _run.Shape;
        return Need(
            !_run.AssumptionTwo.RiskIsAtMostThatOfZero && shape.Depth == 2 && shape.Widths.All(width => width == 1)
                && _run.Start[1] == -_run.Start[0],
            $"A2 is broken on purpose (w_1 = {FourDigits.Of(_run.Start[0])} = -w_2)",
            "this is not the start of the counterexample");
    }

    /// <summary>[JT] Assumption 3: the support vectors {i : &lt;u_bar, z_i&gt; = gamma} span the same space as the data.</summary>
    public JiTelgarskyHypothesis AssumptionThree() => Need(_run.Margin.SupportSpansData,
        $"A3 ({_run.Margin.SupportVectors.Length} support vectors of rank {_run.Margin.SupportRank} span the data)",
        $"A3 fails: the {_run.Margin.SupportVectors.Length} support vectors have rank {_run.Margin.SupportRank} and do not span the data");

    /// <summary>Whether the data span R^d; where they do not, no gradient moves what W_1 has outside.</summary>
    public JiTelgarskyHypothesis DataSpanSpace(bool spanning) => Need(new SupportSpan(_run.Points, _run.Margin).IsAll == spanning,
        $"the support vectors {(spanning ? "span" : "do not span")} R^{_run.Shape.Inputs} (rank {_run.Margin.SupportRank})",
        $"the support vectors have rank {_run.Margin.SupportRank} in R^{_run.Shape.Inputs}");

    /// <summary>[JT] Assumptions 4 and 5, for descent: a smooth Lipschitz loss, and the step sizes of Assumption 5 at every step.</summary>
    public JiTelgarskyHypothesis AssumptionsFourAndFive()
    {
        Need(_run.Descent is not null, "gradient descent, every step recorded", "the statement is about descent, this run is the flow");
        Need(_run.Loss is { Smoothness: not null, Lipschitz: not null },
            $"A4 ({_run.Loss.Name} loss: beta = {FourDigits.Of(_run.Loss.Smoothness ?? 0)}, G = {FourDigits.Of(_run.Loss.Lipschitz ?? 0)})",
            $"A4 fails: the {_run.Loss.Name} loss is neither smooth nor Lipschitz");
        if (!Met) return this;
        var rule = new AssumptionFiveStep(_run.Loss, _run.Shape.Depth);
        var violation = _run.Descent!.FirstStepAbove(rule);
        return Need(violation < 0,
            $"A5 (eta_t <= min(1/beta(max_k ||W_k|| + 1), 1) at each of {_run.Descent.Steps} steps)",
            $"A5 fails: the step at t = {violation} is longer than min(1/beta(R_t), 1)");
    }

    private JiTelgarskyHypothesis Need(bool met, string whenMet, string whenNot)
    {
        And(met, whenMet, whenNot);
        return this;
    }
}
