using TorchAlign.Checkpoints;
using TorchAlign.Fields;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Dynamics;

/// <summary>
/// The step sizes of S descents as float64 tensors (S): the rules of <see cref="IStepRule"/> with numbers of their own for each
/// member, which no step brings back to the host.
/// </summary>
internal abstract class TensorStepRule : IDisposable
{
    /// <summary>See <see cref="IStepRule.EtaIsFactor"/>.</summary>
    internal virtual bool EtaIsFactor => true;

    /// <summary>See <see cref="IStepRule.CanReject"/>.</summary>
    internal virtual bool CanReject => false;

    /// <summary>The tensors' counterpart of rules of one kind: one for all members, or one each.</summary>
    /// <exception cref="ArgumentException">Rules of several kinds, of a kind without counterpart, or too many or few.</exception>
    internal static TensorStepRule Of(IReadOnlyList<IStepRule> rules, EnsembleField field)
    {
        if (rules.Count != 1 && rules.Count != field.Members)
            throw new ArgumentException(
                $"An ensemble of {field.Members} takes one step rule, or one for each; it was given {rules.Count}.", nameof(rules));
        return rules[0] switch
        {
            ConstantStep => new ConstantTensorStep(Numbers<ConstantStep>(rules, field, rule => rule.Eta)),
            LossScaledStep => new LossScaledTensorStep(Numbers<LossScaledStep>(rules, field, rule => rule.Initial)),
            AssumptionFiveStep rule when All<AssumptionFiveStep>(rules).All(other => other.Growth == rule.Growth)
                => new AssumptionFiveTensorStep(rule, field),
            AssumptionFiveStep => throw new ArgumentException("The members of an ensemble raise their radius in one way.", nameof(rules)),
            _ => throw new ArgumentException($"The rule '{rules[0].Name}' decides on the host; "
                + "ensembles know constant, loss-scaled and assumption5 steps.", nameof(rules)),
        };
    }

    /// <summary>Factor (S) and, unless eta is the factor itself, log of its unit (S), at the states w (S, P) with log R (S).</summary>
    internal abstract (Tensor Factor, Tensor? LogUnit) Next(Tensor w, Tensor logRisk);

    /// <summary>
    /// Which steps (S, bool) are kept; only the members that were <paramref name="moving"/> learn from theirs. A risk that is NaN or
    /// infinite is no fall.
    /// </summary>
    internal virtual Tensor Accept(Tensor before, Tensor after, Tensor moving) => throw new NotSupportedException("Every step is kept.");

    /// <summary>
    /// The number that each member's rule remembers (S), under the name by which the rule of one member on the host keeps it; null
    /// where it remembers nothing.
    /// </summary>
    internal virtual (string Name, Tensor Numbers)? Memory => null;

    /// <summary>Writes a member's number, as it was read back, as its rule on the host would: either goes on from the other's.</summary>
    internal void Save(double number, Snapshot memory)
    {
        if (Memory is var (name, _)) memory.Write(name, number);
    }

    /// <summary>Gives a member's rule the number back that <see cref="Save"/> wrote, and returns it.</summary>
    /// <exception cref="SnapshotException">The snapshot is of a rule of another kind.</exception>
    internal double Restore(int member, Snapshot memory)
    {
        if (Memory is not var (name, numbers)) return 0;
        using var scope = NewDisposeScope();
        var number = memory.ReadDouble(name);
        numbers.narrow(0, member, 1).fill_(number);
        return number;
    }

    public abstract void Dispose();

    private static IEnumerable<T> All<T>(IReadOnlyList<IStepRule> rules) where T : IStepRule => rules.Select(rule => rule is T same
        ? same
        : throw new ArgumentException("The members of an ensemble have step rules of one kind.", nameof(rules)));

    private static Tensor Numbers<T>(IReadOnlyList<IStepRule> rules, EnsembleField field, Func<T, double> number) where T : IStepRule
    {
        double[] numbers = [.. All<T>(rules).Select(number)];
        if (numbers.Length == 1) return full([field.Members], numbers[0], dtype: float64, device: field.Device).DetachFromDisposeScope();
        return tensor(numbers, dtype: float64, device: field.Device).DetachFromDisposeScope();
    }

    /// <summary><see cref="ConstantStep"/>.</summary>
    private sealed class ConstantTensorStep(Tensor eta) : TensorStepRule
    {
        internal override (Tensor Factor, Tensor? LogUnit) Next(Tensor w, Tensor logRisk) => (eta.alias(), null);

        public override void Dispose() => eta.Dispose();
    }

    /// <summary><see cref="LossScaledStep"/>.</summary>
    private sealed class LossScaledTensorStep(Tensor scale) : TensorStepRule
    {
        internal override bool EtaIsFactor => false;

        internal override bool CanReject => true;

        internal override (string Name, Tensor Numbers)? Memory => ("scale", scale);

        internal override (Tensor Factor, Tensor? LogUnit) Next(Tensor w, Tensor logRisk) => (scale.clone(), logRisk.neg());

        internal override Tensor Accept(Tensor before, Tensor after, Tensor moving)
        {
            using var scope = NewDisposeScope();
            var falls = after.le(before);
            var (grown, shrunk) = (scale * LossScaledStep.Growth, scale / LossScaledStep.Shrinkage);
            TensorLayers.Take(scale, moving & falls, grown);
            TensorLayers.Take(scale, moving & ~falls, shrunk);
            return falls.MoveToOuterDisposeScope();
        }

        public override void Dispose() => scale.Dispose();
    }

    /// <summary><see cref="AssumptionFiveStep"/>.</summary>
    private sealed class AssumptionFiveTensorStep(AssumptionFiveStep rule, EnsembleField field) : TensorStepRule
    {
        private readonly Tensor _radius = ones([field.Members], dtype: float64, device: field.Device).DetachFromDisposeScope();

        internal override (string Name, Tensor Numbers)? Memory => ("radius", _radius);

        internal override (Tensor Factor, Tensor? LogUnit) Next(Tensor w, Tensor logRisk)
        {
            using var scope = NewDisposeScope();
            var needed = field.Layers.LargestNorms(w).to(float64) + 1;
            _radius.copy_(rule.Growth switch
            {
                RadiusGrowth.Smallest => _radius.maximum(needed),
                RadiusGrowth.ByIncrement => _radius + (needed - _radius).ceil().clamp_min_(0),
                _ => Doubled(needed),
            });
            // min{1 / beta(R), 1}, beta(R) = 2 L^2 R^(2L-2) (beta + G).
            var smoothness = (_radius * _radius).pow(rule.Depth - 1) * (2.0 * rule.Depth * rule.Depth) * rule.LossConstant;
            return (smoothness.reciprocal().clamp_max_(1).MoveToOuterDisposeScope(), null);
        }

        public override void Dispose() => _radius.Dispose();

        /// <summary>The least R 2^j, j >= 0, that is not below what is needed. R is a power of 2, so all of this is exact.</summary>
        private Tensor Doubled(Tensor needed)
        {
            var doublings = (needed / _radius).log2().ceil().clamp_min_(0);
            var radius = _radius * (doublings * Math.Log(2)).exp().round();
            // A logarithm next to a whole number may have been rounded to its other side.
            radius *= radius.lt(needed).to(float64) + 1;
            var half = radius / 2;
            return radius / ((half.ge(needed) & half.ge(_radius)).to(float64) + 1);
        }
    }
}
