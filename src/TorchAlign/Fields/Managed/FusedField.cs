using System.Numerics.Tensors;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.States;

namespace TorchAlign.Fields;

/// <summary>
/// The gradient of R(W) = (1/n) sum_i loss(&lt;w_prod, z_i&gt;), w_prod = (W_L ... W_1)^T, in closed form on the CPU,
/// for networks with one output. With left_k = (W_L ... W_{k+1})^T (d_k), g = Z^T p and right_k = W_k ... W_1 g
/// (d_k): -dlog R/dW_k = left_k right_{k-1}^T [JT, 1.2: dR/dW_k = (W_L...W_{k+1})^T g^T (W_{k-1}...W_1)^T]. The data
/// are needed for Z w_prod and Z^T p alone: O(n d + P) operations instead of the O(n P) of sample by sample. An
/// evaluation allocates nothing, and its bits do not depend on the number of threads. Not safe for concurrent calls.
/// </summary>
public sealed class FusedField : IMarginField
{
    private readonly FusedFieldData _data;
    private readonly FusedFieldLayers _layers;

    // Of the field itself, for those who keep none; and the one written or shown last.
    private readonly FusedLinearisation _own;
    private FusedLinearisation _last;

    /// <param name="shape">Widths d_0 .. d_L with d_L = 1.</param>
    /// <param name="z">The rows z_i = y_i x_i (n, d_0), row-major; kept, not copied, when large.</param>
    /// <param name="loss">The loss of a margin.</param>
    /// <param name="threads">Most threads to use; 0 stands for one a processor. Small problems use one anyway.</param>
    /// <exception cref="ArgumentException">More than one output, a length of z that is not n d_0, or a value that is
    /// not finite.</exception>
    public FusedField(NetworkShape shape, ReadOnlyMemory<double> z, MarginLoss loss, int threads = 0)
    {
        if (shape.Outputs != 1)
            throw new ArgumentException(
                $"The closed form is for one output; {shape} has {shape.Outputs}. Use AutogradField.", nameof(shape));
        if (z.Length == 0 || z.Length % shape.Inputs != 0)
            throw new ArgumentException(
                $"z must hold n x {shape.Inputs} numbers, n >= 1; it holds {z.Length}.", nameof(z));
        if (!TensorPrimitives.IsFiniteAll(z.Span))
            throw new ArgumentException("z holds NaN or infinite numbers; clean the data first.", nameof(z));
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        if (threads == 0) threads = Environment.ProcessorCount;
        (Shape, Loss) = (shape, loss);
        _data = new FusedFieldData(z, shape.Inputs, loss, threads);
        _layers = new FusedFieldLayers(shape, threads);
        _last = _own = NewLinearisation();
    }

    public NetworkShape Shape { get; }

    public MarginLoss Loss { get; }

    /// <summary>n, the number of points.</summary>
    public int Count => _data.Count;

    public ReadOnlySpan<double> Margins => _last.Margins;

    public ReadOnlySpan<double> Weights => _last.Weights;

    /// <summary>w_prod (d_0) at the state evaluated last.</summary>
    public ReadOnlySpan<double> Product => _last.Product;

    /// <summary>g (d_0) = Z^T p = -grad log R in w_prod, at the state evaluated last.</summary>
    public ReadOnlySpan<double> ProductGradient => _last.ProductGradient;

    public StateVector NewState() => new ManagedState(Shape.Layout);

    public FieldValue Evaluate(StateVector w, StateVector direction)
    {
        var values = ValuesOf(w);
        Collapse(values, _own);
        _layers.Expand(values, _own, ValuesOf(direction));
        return new FieldValue(_own.LogRisk, _own.LogRisk);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// J e = Z d, d = sum_k (W_{k-1} ... W_1)^T E_k^T left_k (product rule), by one sweep from the last layer down:
    /// (l, d) -> (W_k^T l, W_k^T d + E_k^T l). The mean under q is taken off before squaring, so that a common growth
    /// of all margins, which says nothing of the angle, cancels first.
    /// </remarks>
    public double MarginSpaceNorm(StateVector w, StateVector error) => MarginSpaceNorm(_last, w, error);

    /// <summary>The same under the dual weights of a linearisation.</summary>
    internal double MarginSpaceNorm(FusedLinearisation at, StateVector w, StateVector error)
    {
        var change = _layers.ProductDerivative(ValuesOf(w), ValuesOf(error));
        var moves = _data.Project(change);
        ReadOnlySpan<double> weights = at.Weights;
        var total = TensorPrimitives.Sum(weights);
        var mean = TensorPrimitives.Dot(weights, moves) / total;
        var sum = 0.0;
        for (var i = 0; i < moves.Length; i++)
        {
            if (weights[i] == 0) continue;
            var off = moves[i] - mean;
            sum += weights[i] * off * off;
        }
        return Math.Sqrt(sum / total);
    }

    /// <summary>z_i (d_0).</summary>
    internal ReadOnlySpan<double> Row(int i) => _data.Row(i);

    internal FusedLinearisation NewLinearisation() => new(Shape, Count);

    /// <summary>
    /// As <see cref="Evaluate"/>, but the direction stays in its factors, and all that is found goes to a linearisation of the caller's.
    /// </summary>
    internal void Linearise(double[] w, FusedLinearisation at)
    {
        Collapse(w, at);
        _layers.Expand(w, at, []);
    }

    /// <summary>Makes the state of a linearisation the one evaluated last, for those who read <see cref="Margins"/> and the like.</summary>
    internal void Show(FusedLinearisation at) => _last = at;

    /// <summary>sum (P) = w + scale F, F = -grad log R at the linearisation's state, from its factors.</summary>
    internal void AddDirection(FusedLinearisation at, double[] w, double scale, double[] sum) => _layers.AddGradient(at, w, scale, sum);

    /// <summary>
    /// F^T (dF/dW) F = -F^T (grad^2 log R) F at the state <paramref name="w"/>, of which the linearisation must be. With
    /// w_prod(W + x F) = w_prod + x a + x^2 b + ... and H = diag(c) - p p^T: -(Z a)^T H (Z a) + 2 g^T b.
    /// </summary>
    internal double DirectionCurvature(FusedLinearisation at, double[] w, Span<double> curvatures)
    {
        _layers.ProductCurve(at, w, out var first, out var second);
        var speeds = _data.Project(first);
        Loss.Curvatures(at.Margins, at.Weights, curvatures);
        var mean = TensorPrimitives.Dot(at.Weights, speeds);
        var (total, centred, off) = (0.0, 0.0, 0.0);
        for (var i = 0; i < speeds.Length; i++)
        {
            if (curvatures[i] == 0) continue;
            var difference = speeds[i] - mean;
            total += curvatures[i];
            off += curvatures[i] * difference;
            centred += curvatures[i] * difference * difference;
        }
        // sum c s^2 - mean^2 with s = mean + difference; for the exponential loss the last two terms vanish.
        var hessian = centred + 2 * mean * off + mean * mean * (total - 1);
        return 2 * TensorPrimitives.Dot(at.ProductGradient, second) - hessian;
    }

    /// <summary>left_k, margins, weights, g and log R.</summary>
    private void Collapse(double[] w, FusedLinearisation at)
    {
        _last = at;
        _layers.Collapse(w, at);
        at.LogRisk = _data.Evaluate(at);
    }

    private double[] ValuesOf(StateVector state) => state is ManagedState managed && state.Length == Shape.Length
        ? managed.Buffer
        : throw new ArgumentException(
            $"FusedField works on managed states of length {Shape.Length}; this is a {state.GetType().Name} of length " +
            $"{state.Length}. Make states with NewState().");
}
