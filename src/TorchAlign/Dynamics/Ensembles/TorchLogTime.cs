using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Dynamics;

/// <summary>
/// <see cref="DormandPrinceTime"/> for S steps at once, float64: the same quadrature with a fixed number of panels, good to 1e-11 where
/// dt/ds grows by no more than e^48 within a step.
/// </summary>
internal sealed class TorchLogTime : IDisposable
{
    private const int Panels = 8;

    // theta (Q), its weights (Q), db/dtheta there (stages, Q), and the stages' nodes.
    private readonly Tensor _theta, _weights, _derivatives, _nodes;

    internal TorchLogTime(Device device)
    {
        var (theta, weights) = DormandPrinceTime.Quadrature(Panels);
        var stages = DormandPrince54.Tableau.Nodes.Length;
        var derivatives = new double[stages * theta.Length];
        Span<double> at = stackalloc double[stages];
        for (var q = 0; q < theta.Length; q++)
        {
            DormandPrinceTime.DenseDerivative(theta[q], at);
            for (var i = 0; i < stages; i++) derivatives[i * theta.Length + q] = at[i];
        }
        _theta = Numbers(theta, theta.Length);
        _weights = Numbers(weights, theta.Length);
        _derivatives = Numbers(derivatives, stages, theta.Length);
        _nodes = Numbers([.. DormandPrince54.Tableau.Nodes], stages);

        Tensor Numbers(double[] values, params long[] size) =>
            tensor(values, size, dtype: float64, device: device).DetachFromDisposeScope();
    }

    /// <summary>log of the time (S) that steps of sizes h (S) take, with log dt/ds (S, stages).</summary>
    internal Tensor LogIncrement(Tensor logRates, Tensor h)
    {
        using var scope = NewDisposeScope();
        var first = logRates.select(1, 0);
        var growth = logRates.select(1, -1) - first;
        // Relative to the larger end, so that nothing overflows.
        var shift = growth.clamp_min(0);
        var slow = (logRates - first.unsqueeze(1) - growth.unsqueeze(1) * _nodes).exp();
        var fast = (growth.unsqueeze(1) * _theta - shift.unsqueeze(1)).exp();
        var sum = (fast * slow.mm(_derivatives) * _weights).sum(1);
        // Stages that disagree wildly can leave no positive sum: then the exponential between the ends.
        var size = growth.abs().clamp_min(1e-300);
        sum = where(sum.gt(0), sum, size.neg().expm1() / size.neg());
        return ((h * sum).log() + first + shift).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        foreach (var tensor in (Tensor[])[_theta, _weights, _derivatives, _nodes]) tensor.Dispose();
    }
}
