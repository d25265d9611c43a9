using TorchAlign.Checkpoints;
using TorchAlign.Fields;
using TorchAlign.Losses;
using static TorchSharp.torch;

namespace TorchAlign.Dynamics;

/// <summary>How the radius R of <see cref="AssumptionFiveStep"/> is raised when W leaves B(R - 1); [JT] leaves it free.</summary>
public enum RadiusGrowth
{
    /// <summary>To the least admissible value, max_k ||W_k||_F + 1: the largest steps.</summary>
    Smallest,

    /// <summary>By 1 at a time.</summary>
    ByIncrement,

    /// <summary>By a factor of 2 at a time.</summary>
    ByFactor,
}

/// <summary>
/// The step sizes of [JT, Assumption 5]: eta_t = min{1 / beta(R_t), 1}, beta(R) = 2 L^2 R^(2L-2) (beta + G), with R_t &gt;= 1,
/// W(t) in B(R_t - 1), B(R) = {W : max_k ||W_k||_F &lt;= R}, and R_{t+1} = R_t while W(t+1) stays in B(R_t - 1). The loss must
/// have a beta-Lipschitz derivative bounded by G (Assumption 4), and the data ||x_i|| &lt;= 1.
/// Then R(W(t+1)) - R(W(t)) &lt;= -(eta_t / 2) ||grad R(W(t))||^2 at every step.
/// </summary>
public sealed class AssumptionFiveStep : IStepRule, IResumable
{
    private readonly int _depth;
    private readonly double _lossConstant;
    private double _eta;

    /// <exception cref="ArgumentException">The loss is not smooth and Lipschitz.</exception>
    public AssumptionFiveStep(MarginLoss loss, int depth, RadiusGrowth growth = RadiusGrowth.Smallest)
    {
        if (loss is not { Smoothness: { } beta, Lipschitz: { } lipschitz })
            throw new ArgumentException(
                $"Assumption 5 needs a loss whose derivative is Lipschitz and bounded (Assumption 4); the {loss.Name} loss "
                + "has neither. Use the logistic loss, or another step rule.", nameof(loss));
        ArgumentOutOfRangeException.ThrowIfLessThan(depth, 1);
        _depth = depth;
        _lossConstant = beta + lipschitz;
        Growth = growth;
    }

    public string Name => "assumption5" + Growth switch
    {
        RadiusGrowth.Smallest => "",
        RadiusGrowth.ByIncrement => " (R + 1)",
        _ => " (2 R)",
    };

    public RadiusGrowth Growth { get; }

    /// <summary>R_t.</summary>
    public double Radius { get; private set; } = 1;

    public void Start(TrajectoryPoint point)
    {
        Radius = 1;
        _eta = StepAt(Radius);
    }

    public StepSize Next(TrajectoryPoint point)
    {
        var needed = point.W.MaxBlockNorm() + 1;
        if (needed > Radius)
        {
            Raise(needed);
            _eta = StepAt(Radius);
        }
        return new StepSize(_eta);
    }

    public void Save(Snapshot memory) => memory.Write("radius", Radius);

    public void Restore(Snapshot memory)
    {
        Radius = memory.ReadDouble("radius");
        _eta = StepAt(Radius);
    }

    /// <summary>min{1 / beta(R), 1}.</summary>
    public double StepAt(double radius) => Math.Min(1 / Smoothness(radius), 1);

    /// <summary>beta(R) = 2 L^2 R^(2L-2) (beta + G).</summary>
    public double Smoothness(double radius)
    {
        var power = 1.0;
        for (var k = 1; k < _depth; k++) power *= radius * radius;
        return 2.0 * _depth * _depth * power * _lossConstant;
    }

    TorchStepRule IStepRule.OnTensors(RulesOnTensors rules) => rules.Of<AssumptionFiveStep>().All(other => other.Growth == Growth)
        ? new OnTensors(this, rules)
        : throw new ArgumentException("The members of an ensemble raise their radius in one way.", nameof(rules));

    private void Raise(double needed)
    {
        switch (Growth)
        {
            case RadiusGrowth.Smallest:
                Radius = needed;
                break;
            case RadiusGrowth.ByIncrement:
                Radius += Math.Ceiling(needed - Radius);
                break;
            case RadiusGrowth.ByFactor:
                while (Radius < needed && double.IsFinite(Radius)) Radius *= 2;
                break;
        }
    }

    private sealed class OnTensors(AssumptionFiveStep rule, RulesOnTensors rules)
        : TorchStepRule(rules.Numbers<AssumptionFiveStep>(_ => 1), "radius")
    {
        internal override (Tensor Factor, Tensor? LogUnit) Next(Tensor w, Tensor logRisk)
        {
            using var scope = NewDisposeScope();
            var needed = TorchLayers.LargestNorms(w, rules.Layout).to(float64) + 1;
            Numbers.copy_(rule.Growth switch
            {
                RadiusGrowth.Smallest => Numbers.maximum(needed),
                RadiusGrowth.ByIncrement => Numbers + (needed - Numbers).ceil().clamp_min_(0),
                _ => Doubled(needed),
            });
            // min{1 / beta(R), 1}, beta(R) = 2 L^2 R^(2L-2) (beta + G).
            var smoothness = (Numbers * Numbers).pow(rule._depth - 1) * (2.0 * rule._depth * rule._depth) * rule._lossConstant;
            return (smoothness.reciprocal().clamp_max_(1).MoveToOuterDisposeScope(), null);
        }

        /// <summary>The least R 2^j, j >= 0, that is not below what is needed. R is a power of 2, so all of this is exact.</summary>
        private Tensor Doubled(Tensor needed)
        {
            var doublings = (needed / Numbers).log2().ceil().clamp_min_(0);
            var radius = Numbers * (doublings * Math.Log(2)).exp().round();
            // A logarithm next to a whole number may have been rounded to its other side.
            radius *= radius.lt(needed).to(float64) + 1;
            var half = radius / 2;
            return radius / ((half.ge(needed) & half.ge(Numbers)).to(float64) + 1);
        }
    }
}
