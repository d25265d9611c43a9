using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.States;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchAlign.Fields;

/// <summary>
/// The gradient of any torch module by automatic differentiation, on any device and dtype: the reference that closed forms
/// are held against. The state is float64 whatever the parameters' dtype.
/// </summary>
public class AutogradField : IVectorField
{
    private readonly Parameter[] _parameters;
    private readonly Func<Tensor>? _logRisk;

    /// <param name="parameters">What the flow moves; each parameter is one block of the state, in this order.</param>
    /// <param name="logRisk">log R as a scalar that depends on the parameters.</param>
    /// <exception cref="ArgumentException">No parameters.</exception>
    public AutogradField(IEnumerable<Parameter> parameters, Func<Tensor> logRisk) : this(parameters) => _logRisk = logRisk;

    private protected AutogradField(IEnumerable<Parameter> parameters)
    {
        _parameters = [.. parameters];
        if (_parameters.Length == 0) throw new ArgumentException("There are no parameters to train.", nameof(parameters));
        Layout = new BlockLayout([.. _parameters.Select(parameter => checked((int)parameter.numel()))]);
    }

    public BlockLayout Layout { get; }

    private protected IReadOnlyList<Parameter> Parameters => _parameters;

    public StateVector NewState() => new TorchState(Layout, _parameters[0].device);

    /// <summary>The parameters' present values as a new state.</summary>
    public TorchState Read()
    {
        var state = (TorchState)NewState();
        using var scope = NewDisposeScope();
        using (no_grad())
            for (var b = 0; b < _parameters.Length; b++) state.Block(b).copy_(_parameters[b].reshape(-1));
        return state;
    }

    /// <summary>Sets the parameters to the state.</summary>
    public void Write(StateVector w)
    {
        var state = (TorchState)w;
        using var scope = NewDisposeScope();
        using (no_grad())
            for (var b = 0; b < _parameters.Length; b++)
                _parameters[b].copy_(state.Block(b).view(_parameters[b].shape));
    }

    public virtual FieldValue Evaluate(StateVector w, StateVector direction)
    {
        Write(w);
        using var scope = NewDisposeScope();
        var logRisk = LogRisk();
        var gradients = Gradients(logRisk);
        var into = (TorchState)direction;
        for (var b = 0; b < _parameters.Length; b++) into.Block(b).copy_(gradients[b].reshape(-1)).neg_();
        var value = logRisk.to(float64).item<double>();
        return new FieldValue(value, value);
    }

    /// <summary>
    /// d log R by each parameter; what the parameters have gathered in their own grad stays. TorchSharp's autograd.grad would end the
    /// process where libtorch has an error, such as missing memory; backward() throws.
    /// </summary>
    private Tensor[] Gradients(Tensor logRisk)
    {
        var gathered = Array.ConvertAll(_parameters, parameter => parameter.grad);
        try
        {
            foreach (var parameter in _parameters) parameter.grad = null;
            logRisk.backward(inputs: _parameters);
            return [.. _parameters.Select(parameter => parameter.grad ?? throw new InvalidOperationException(
                $"log R does not depend on a parameter ({string.Join(", ", parameter.shape)}): leave it out, or do not detach it."))];
        }
        finally
        {
            for (var b = 0; b < _parameters.Length; b++) _parameters[b].grad = gathered[b];
        }
    }

    /// <summary>log R at the parameters' present values, differentiable.</summary>
    private protected virtual Tensor LogRisk() => _logRisk!();
}
