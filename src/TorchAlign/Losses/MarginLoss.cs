using System.Numerics.Tensors;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace TorchAlign.Losses;

/// <summary>
/// A loss of the margin m = y f(x) with loss' &lt; 0, loss -&gt; 0 at +infinity and -&gt; infinity at -infinity ([JT] Assumption 1).
/// Everything is in the log domain: risks such as 10^-10,000,000,000,000 and margins of any size are represented.
/// </summary>
public abstract class MarginLoss
{
    /// <summary>exp(-m).</summary>
    public static MarginLoss Exponential { get; } = new ExponentialLoss();

    /// <summary>log(1 + exp(-m)).</summary>
    public static MarginLoss Logistic { get; } = new LogisticLoss();

    public static IReadOnlyList<MarginLoss> All { get; } = [Exponential, Logistic];

    public abstract string Name { get; }

    /// <summary>beta, the Lipschitz constant of loss', or null where there is none ([JT] Assumption 4).</summary>
    public abstract double? Smoothness { get; }

    /// <summary>G, the bound on |loss'|, or null where there is none ([JT] Assumption 4).</summary>
    public abstract double? Lipschitz { get; }

    /// <summary>log loss(m).</summary>
    public abstract double LogValue(double margin);

    /// <summary>log(-loss'(m)).</summary>
    public abstract double LogSlope(double margin);

    /// <summary>
    /// log R of the margins (n) and p (n), p_i = -loss'(m_i) / sum_j loss(m_j), so that -grad log R = sum_i p_i grad m_i.
    /// </summary>
    public double LogRiskAndWeights(ReadOnlySpan<double> margins, Span<double> weights)
    {
        var sum = ShiftedSlopes(margins, weights, out var shift);
        TensorPrimitives.Multiply(weights, 1 / sum, weights);
        return Math.Log(sum / margins.Length) - shift;
    }

    /// <summary>
    /// Writes -loss'(m_i) e^shift into slopes (n) and returns sum_j loss(m_j) e^shift. The shift depends on the margins
    /// alone and keeps both in range, so that parts of the data can be summed apart and joined by their shifts.
    /// </summary>
    public abstract double ShiftedSlopes(ReadOnlySpan<double> margins, Span<double> slopes, out double shift);

    /// <summary>c (n), c_i = loss''(m_i) / sum_j loss(m_j): the Hessian of log R in the margins is diag(c) - p p^T.</summary>
    public abstract void Curvatures(ReadOnlySpan<double> margins, ReadOnlySpan<double> weights, Span<double> curvatures);

    /// <summary>log R as a differentiable scalar; margins (n). Finite, with a finite gradient, for all finite margins.</summary>
    public abstract Tensor LogRisk(Tensor margins);

    /// <summary>
    /// The same of margins (..., n) on any device, for any number of data sets at once: log R (...) and p (..., n), without
    /// a tape and without a look from the host. This one differentiates <see cref="LogRisk"/> row by row; a loss with a
    /// formula for both overrides it.
    /// </summary>
    public virtual (Tensor LogRisk, Tensor Weights) LogRiskAndWeights(Tensor margins)
    {
        using var scope = NewDisposeScope();
        var shape = margins.shape;
        var (risks, weights) = (new List<Tensor>(), new List<Tensor>());
        foreach (var row in margins.detach().reshape(-1, shape[^1]).unbind(0))
        {
            using var taped = enable_grad();
            var leaf = row.clone().requires_grad_();
            var risk = LogRisk(leaf);
            // TorchSharp's autograd.grad ends the process where libtorch has an error; backward() throws.
            risk.backward(inputs: [leaf]);
            weights.Add(leaf.grad!.neg());
            risks.Add(risk.detach());
        }
        return (stack(risks, 0).reshape(shape[..^1]).MoveToOuterDisposeScope(),
            stack(weights, 0).reshape(shape).MoveToOuterDisposeScope());
    }

    public override string ToString() => Name;

    /// <summary>
    /// log mean exp of (n). The largest entry is taken off first: torch differentiates logsumexp through its value, whose
    /// rounding at 1e6 would cost the weights their last six digits.
    /// </summary>
    protected static Tensor LogMeanExp(Tensor logs)
    {
        var largest = logs.detach().max();
        return (logs - largest).logsumexp(0) + largest - Math.Log(logs.shape[0]);
    }
}
