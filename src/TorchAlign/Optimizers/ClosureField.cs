using TorchAlign.Fields;
using TorchAlign.States;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchAlign.Optimizers;

/// <summary>
/// The gradient that a torch training closure computes: it zeroes the gradients, evaluates the risk R &gt;= 0, calls backward and
/// returns the risk.
/// </summary>
internal sealed class ClosureField(IEnumerable<Parameter> parameters) : AutogradField(parameters)
{
    /// <summary>The closure of the step under way.</summary>
    public Func<Tensor>? Closure { get; set; }

    public override FieldValue Evaluate(StateVector w, StateVector direction)
    {
        Write(w);
        using var scope = NewDisposeScope();
        var risk = Closure!().to(float64).item<double>();
        var into = (TorchState)direction;
        for (var b = 0; b < Parameters.Count; b++)
        {
            var gradient = Parameters[b].grad ?? throw new InvalidOperationException(
                "A parameter has no gradient: the closure must call backward() on the risk, and every parameter must take part in it.");
            into.Block(b).copy_(gradient.reshape(-1));
        }
        // NaN is for the step control, which takes a step to such a point back.
        if (risk < 0) throw new InvalidOperationException($"The closure returned {risk}; a risk must not be negative.");
        // A risk of exactly 0 has a zero gradient: any scale does.
        into.Scale(risk > 0 ? -1 / risk : -1);
        var logRisk = Math.Log(risk);
        return new FieldValue(logRisk, risk > 0 ? logRisk : 0);
    }
}
