using TorchAlign.Checkpoints;
using TorchAlign.Fields;
using static TorchSharp.torch;

namespace TorchAlign.Dynamics;

/// <summary>
/// eta_t = a_t / R(W(t)): on a loss with an exponential tail the scaled gradient grad R / R does not vanish, so the direction
/// converges like 1/t rather than 1/log t. a_t grows while the risk falls, and a step after which the risk has risen is
/// taken back and tried with a smaller a_t [LL, the loss-based step size of their experiments].
/// </summary>
public sealed class LossScaledStep : IStepRule, IResumable
{
    /// <summary>2^(1/5) up, 2^(1/10) down a step: the factors of [LL].</summary>
    private static readonly double Growth = Math.Pow(2, 0.2);

    private static readonly double Shrinkage = Math.Pow(2, 0.1);

    private readonly double _initial;
    private double _scale;

    /// <param name="initial">a_0 &gt; 0.</param>
    public LossScaledStep(double initial)
    {
        if (!(initial > 0 && double.IsFinite(initial)))
            throw new ArgumentOutOfRangeException(nameof(initial), initial, "A step size must be positive and finite.");
        _initial = _scale = initial;
    }

    public string Name => $"loss-scaled {_initial:R}";

    public bool EtaIsFactor => false;

    public bool CanReject => true;

    public void Start(TrajectoryPoint point) => _scale = _initial;

    public StepSize Next(TrajectoryPoint point) => new(_scale, -point.Value.LogRisk);

    public bool Accept(double logRiskBefore, double logRiskAfter)
    {
        var falls = logRiskAfter <= logRiskBefore;
        _scale = falls ? _scale * Growth : _scale / Shrinkage;
        return falls;
    }

    public void Save(Snapshot memory) => memory.Write("scale", _scale);

    public void Restore(Snapshot memory) => _scale = memory.ReadDouble("scale");

    TorchStepRule IStepRule.OnTensors(RulesOnTensors rules) => new OnTensors(rules.Numbers<LossScaledStep>(rule => rule._initial));

    private sealed class OnTensors(Tensor scale) : TorchStepRule(scale, "scale")
    {
        internal override (Tensor Factor, Tensor? LogUnit) Next(Tensor w, Tensor logRisk) => (Numbers.clone(), logRisk.neg());

        internal override Tensor Accept(Tensor before, Tensor after, Tensor moving)
        {
            using var scope = NewDisposeScope();
            var falls = after.le(before);
            var (grown, shrunk) = (Numbers * Growth, Numbers / Shrinkage);
            TorchLayers.Take(Numbers, moving & falls, grown);
            TorchLayers.Take(Numbers, moving & ~falls, shrunk);
            return falls.MoveToOuterDisposeScope();
        }
    }
}
