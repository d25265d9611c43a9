using TorchAlign.Fields;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Dynamics;

/// <summary>
/// Descent W(t+1) = W(t) - eta_t grad R(W(t)) on a <see cref="TorchField"/> in steps whose sizes are known beforehand, queued on the
/// device. Which of them are taken is decided there: from the first step on that leaves floating point, or that reaches a bound,
/// the state stays where it is, to the bit.
/// </summary>
internal sealed class TensorDescent : IDisposable
{
    private readonly TorchField _field;

    // The state (P), moved in place, and -grad R there; scalars: whether it moves on, steps taken since the last look, log R.
    private readonly Tensor _w, _direction, _moving, _taken, _logRisk;

    /// <param name="field">Kept.</param>
    /// <param name="w">The state; evaluated here, and nothing is read back.</param>
    internal TensorDescent(TorchField field, Tensor w)
    {
        // What is made here goes with the scope, unless all of it is.
        using var scope = NewDisposeScope();
        (_field, _w) = (field, w.alias());
        _direction = field.Memory.Guard(field.Device, () => empty_like(w));
        _moving = Scalar(ScalarType.Bool);
        _taken = Scalar(float64);
        _logRisk = Scalar(float64);
        Evaluate();
        scope.Detach(_w, _direction, _moving, _taken, _logRisk);

        Tensor Scalar(ScalarType dtype) => zeros([], dtype: dtype, device: field.Device);
    }

    /// <summary>
    /// Queues steps of these sizes and reads nothing back; once one has reached a log R at or below the bound, no further one is taken.
    /// Returns how many were queued.
    /// </summary>
    internal long Queue(IReadOnlyList<double> etas, double logRiskBound) => _field.Memory.Guard(_field.Device, () =>
    {
        using var scope = NewDisposeScope();
        _moving.fill_(true);
        _taken.fill_(0);
        foreach (var eta in etas) Attempt(eta, logRiskBound);
        return etas.Count;
    });

    /// <summary>Steps taken of those queued last, log R and ||grad R||: one read-back.</summary>
    internal (long Taken, double LogRisk, double GradientNorm) Look()
    {
        using var scope = NewDisposeScope();
        var numbers = stack([_taken, _logRisk, _direction.norm().to(float64)], 0).cpu().data<double>().ToArray();
        return ((long)numbers[0], numbers[1], numbers[2]);
    }

    /// <summary>Takes risk and direction at the state again: after a step that was not taken they are of that.</summary>
    internal void Evaluate()
    {
        using var scope = NewDisposeScope();
        _field.Evaluate(_w, _direction);
        _logRisk.copy_(_field.LogRisk);
    }

    public void Dispose()
    {
        foreach (var tensor in (Tensor[])[_w, _direction, _moving, _taken, _logRisk]) tensor.Dispose();
    }

    private void Attempt(double eta, double logRiskBound)
    {
        using var scope = NewDisposeScope();
        // A state that stays is evaluated where it is, and its direction comes out as it was.
        var next = _w.addcmul(_direction, _moving.to(_field.DType), eta);
        _field.Evaluate(next, _direction);
        var logRisk = _field.LogRisk;
        _moving.mul_(logRisk.lt(double.PositiveInfinity)); // minus infinity is a risk of 0; NaN compares false
        TensorLayers.Take(_w, _moving, next);
        TensorLayers.Take(_logRisk, _moving, logRisk);
        _taken.add_(_moving);
        if (logRiskBound > double.NegativeInfinity) _moving.mul_(logRisk.gt(logRiskBound));
    }
}
