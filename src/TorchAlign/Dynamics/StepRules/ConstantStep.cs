using TorchAlign.Checkpoints;
using static TorchSharp.torch;

namespace TorchAlign.Dynamics;

/// <summary>eta_t = eta.</summary>
public sealed class ConstantStep : IStepRule, IResumable
{
    private readonly double _eta;

    /// <exception cref="ArgumentOutOfRangeException">The step is not a positive finite number.</exception>
    public ConstantStep(double eta)
    {
        if (!(eta > 0 && double.IsFinite(eta)))
            throw new ArgumentOutOfRangeException(nameof(eta), eta, "A step size must be positive and finite.");
        _eta = eta;
    }

    public string Name => $"constant {_eta:R}";

    public void Start(TrajectoryPoint point)
    {
    }

    public StepSize Next(TrajectoryPoint point) => new(_eta);

    /// <summary>Nothing.</summary>
    public void Save(Snapshot memory)
    {
    }

    public void Restore(Snapshot memory)
    {
    }

    TorchStepRule IStepRule.OnTensors(RulesOnTensors rules) => new OnTensors(rules.Numbers<ConstantStep>(rule => rule._eta));

    private sealed class OnTensors(Tensor eta) : TorchStepRule(eta)
    {
        internal override (Tensor Factor, Tensor? LogUnit) Next(Tensor w, Tensor logRisk) => (Numbers.alias(), null);
    }
}
