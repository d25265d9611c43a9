using TorchAlign.Checkpoints;
using TorchAlign.Fields;
using TorchAlign.Networks;
using static TorchSharp.torch;

namespace TorchAlign.Dynamics;

/// <summary>
/// The step sizes of S descents as float64 tensors (S): a rule of <see cref="IStepRule"/> with a number of its own for each
/// member, which no step brings back to the host.
/// </summary>
/// <param name="numbers">Of the members (S).</param>
/// <param name="name">Under which the rule of one member on the host keeps its number; null where that never changes.</param>
internal abstract class TorchStepRule(Tensor numbers, string? name = null) : IDisposable
{
    internal Tensor Numbers => numbers;

    /// <summary>So many calls of <see cref="Next"/> follow, from where the members stand.</summary>
    internal virtual void Plan(IEnsembleStepper stepper, long steps)
    {
    }

    /// <summary>Factor (S) and, unless eta is the factor itself, log of its unit (S), at the states w (S, P) with log R (S).</summary>
    internal abstract (Tensor Factor, Tensor? LogUnit) Next(Tensor w, Tensor logRisk);

    /// <summary>
    /// Which steps (S, bool) are kept; only the members that were <paramref name="moving"/> learn from theirs. A risk that is NaN or
    /// infinite is no fall.
    /// </summary>
    internal virtual Tensor Accept(Tensor before, Tensor after, Tensor moving) => throw new NotSupportedException("Every step is kept.");

    /// <summary>Writes a member's number, as it was read back, as its rule on the host would: either goes on from the other's.</summary>
    internal void Save(double number, Snapshot memory)
    {
        if (name is not null) Write(memory, name, number);
    }

    /// <summary>Gives a member's rule the number back that <see cref="Save"/> wrote, and returns it, where it wrote one.</summary>
    /// <exception cref="SnapshotException">The snapshot is of a rule of another kind.</exception>
    internal double? Restore(int member, Snapshot memory)
    {
        if (name is null) return null;
        using var scope = NewDisposeScope();
        var number = Read(memory, name);
        numbers.narrow(0, member, 1).fill_(number);
        return number;
    }

    public virtual void Dispose() => numbers.Dispose();

    private protected virtual void Write(Snapshot memory, string entry, double number) => memory.Write(entry, number);

    private protected virtual double Read(Snapshot memory, string entry) => memory.ReadDouble(entry);
}

/// <summary>The step rules of S descents that go the same way on tensors: one for all, or one each.</summary>
/// <param name="rules">Of one kind.</param>
/// <param name="steps">Made by each member so far (S).</param>
/// <param name="layout">Of a state.</param>
/// <param name="device">Of the states.</param>
internal sealed class RulesOnTensors(IReadOnlyList<IStepRule> rules, double[] steps, BlockLayout layout, Device device)
{
    internal BlockLayout Layout => layout;

    /// <summary>The steps made by each member so far (S).</summary>
    internal Tensor Steps => Numbers(steps);

    /// <exception cref="ArgumentException">Rules of several kinds, of a kind without counterpart, or too many or few.</exception>
    internal TorchStepRule Build() => rules.Count == 1 || rules.Count == steps.Length
        ? rules[0].OnTensors(this)
        : throw new ArgumentException(
            $"An ensemble of {steps.Length} takes one step rule, or one for each; it was given {rules.Count}.", nameof(rules));

    /// <summary>The rule of each member.</summary>
    internal T[] Of<T>() where T : IStepRule =>
    [
        .. Enumerable.Range(0, steps.Length).Select(s => rules[rules.Count == 1 ? 0 : s] is T same
            ? same
            : throw new ArgumentException("The members of an ensemble have step rules of one kind.", nameof(rules))),
    ];

    /// <summary>A number of each member's rule (S).</summary>
    internal Tensor Numbers<T>(Func<T, double> number) where T : IStepRule => Numbers([.. Of<T>().Select(number)]);

    private Tensor Numbers(double[] numbers)
    {
        using var scope = NewDisposeScope();
        var tensor = empty([steps.Length], dtype: float64, device: device);
        TorchLayers.Fill(tensor, numbers);
        return tensor.DetachFromDisposeScope();
    }
}
