using TorchAlign.Data;
using TorchAlign.Devices;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Fields;

/// <summary>
/// The gradients of R(W) = (1/n) sum_i loss(&lt;w_prod, z_i&gt;) for S one-output networks of one shape at once, in closed form on
/// tensors of any device: the product of the layers first, Z w, log R and its weights, Z^T p, then each layer's two factors.
/// No tape, and nothing is read back: results stay on the device until somebody asks for their numbers. The networks share one
/// data set, or have one each.
/// </summary>
public sealed class EnsembleField : IDisposable
{
    private readonly TorchData _data;
    private Tensor? _product, _margins, _weights, _logRisk, _left, _right;

    /// <param name="shape">Widths d_0 .. d_L with d_L = 1.</param>
    /// <param name="members">S.</param>
    /// <param name="z">The rows z_i = y_i x_i, (n, d_0) for all or (S, n, d_0); its device and dtype are the field's. Kept, and freed
    /// with the field.</param>
    /// <param name="loss">The loss of a margin.</param>
    /// <exception cref="ArgumentException">More than one output, a shape of z that does not fit, or numbers that are not
    /// finite.</exception>
    /// <exception cref="DeviceMemoryException">The device's memory does not hold it.</exception>
    public EnsembleField(NetworkShape shape, int members, Tensor z, MarginLoss loss)
    {
        if (shape.Outputs != 1)
            throw new ArgumentException(
                $"The closed form is for one output; {shape} has {shape.Outputs}. Use AutogradField.", nameof(shape));
        ArgumentOutOfRangeException.ThrowIfLessThan(members, 1);
        var size = z.shape;
        if (size.Length is not (2 or 3) || size[^1] != shape.Inputs || size[^2] < 1 || (size.Length == 3 && size[0] != members))
            throw new ArgumentException($"z must be (n, {shape.Inputs}) or ({members}, n, {shape.Inputs}) with n >= 1; "
                + $"it is ({string.Join(", ", size)}).", nameof(z));
        (Shape, Members, Loss) = (shape, members, loss);
        (Device, DType) = (z.device, z.dtype);
        if (DType is not (ScalarType.Float64 or ScalarType.Float32))
            throw new ArgumentException($"The field works in float64 or float32; z is {DType}.", nameof(z));
        Memory = new MemoryEstimate(shape, size[^2], DType, members, SharedData: size.Length == 2);
        _data = Memory.Guard(Device, () =>
        {
            using var scope = NewDisposeScope();
            // One pass and no second copy: a sum is finite only where every term is.
            if (Device.type != DeviceType.META && !double.IsFinite(z.sum().to(float64).item<double>()))
                throw new ArgumentException("z holds NaN or infinite numbers; clean the data first.", nameof(z));
            return new TorchData(z.DetachFromDisposeScope(), members);
        });
        Layers = new TorchLayers(shape, members, Device, DType);
    }

    public NetworkShape Shape { get; }

    /// <summary>S.</summary>
    public int Members { get; }

    /// <summary>n.</summary>
    public int Count => checked((int)_data.Count);

    public MarginLoss Loss { get; }

    public Device Device { get; }

    public ScalarType DType { get; }

    /// <summary>What data, states and work arrays take.</summary>
    public MemoryEstimate Memory { get; }

    /// <summary>About how many multiplications of matrices take as long as an evaluation.</summary>
    internal double Work => WorkOf(Shape, Count, Members);

    /// <summary>How Z w and Z^T p are computed here; on CUDA chosen by trying, which may decide the last digits.</summary>
    public string DataProducts => _data.Description;

    /// <summary>log R (S) at the states evaluated last.</summary>
    public Tensor LogRisk => _logRisk ?? throw NotEvaluated();

    /// <summary>Margins (S, n) at the states evaluated last.</summary>
    public Tensor Margins => _margins ?? throw NotEvaluated();

    /// <summary>p (S, n), p_i = -loss'(m_i) / sum_j loss(m_j), at the states evaluated last.</summary>
    public Tensor Weights => _weights ?? throw NotEvaluated();

    /// <summary>w_prod (S, d_0) at the states evaluated last.</summary>
    public Tensor Product => _product ?? throw NotEvaluated();

    /// <summary>The layers' operations.</summary>
    internal TorchLayers Layers { get; }

    /// <summary>left (S, d_1 + ... + d_L) at the states evaluated last.</summary>
    internal Tensor Left => _left ?? throw NotEvaluated();

    /// <summary>right (S, d_0 + ... + d_{L-1}) at the states evaluated last.</summary>
    internal Tensor Right => _right ?? throw NotEvaluated();

    /// <summary>Counts evaluations, so that who keeps numbers of one knows whether it was the last.</summary>
    internal long Version { get; private set; }

    /// <summary>S networks that share their points.</summary>
    /// <exception cref="DeviceMemoryException">The device's memory does not hold it.</exception>
    public static EnsembleField Of(
        NetworkShape shape, int members, SignedPoints points, MarginLoss loss,
        Device? device = null, ScalarType dtype = ScalarType.Float64)
    {
        var memory = new MemoryEstimate(shape, points.Count, dtype, members);
        return new EnsembleField(shape, members, Upload(points, memory, device ?? CPU, dtype), loss);
    }

    /// <summary>One network for each set of points; all sets have the same n and d.</summary>
    /// <exception cref="ArgumentException">The sets differ in size.</exception>
    /// <exception cref="DeviceMemoryException">The device's memory does not hold it.</exception>
    public static EnsembleField Of(
        NetworkShape shape, IReadOnlyList<SignedPoints> points, MarginLoss loss,
        Device? device = null, ScalarType dtype = ScalarType.Float64)
    {
        if (points.Count == 0) throw new ArgumentException("An ensemble needs at least one set of points.", nameof(points));
        if (points.Any(set => set.Count != points[0].Count || set.Dimension != points[0].Dimension))
            throw new ArgumentException("The sets of an ensemble must have one number of points and one dimension.", nameof(points));
        var memory = new MemoryEstimate(shape, points[0].Count, dtype, points.Count, SharedData: false);
        var z = memory.Guard(device ?? CPU, () =>
        {
            using var scope = NewDisposeScope();
            var all = empty([points.Count, points[0].Count, points[0].Dimension], dtype: dtype, device: device ?? CPU);
            for (var s = 0; s < points.Count; s++) all.select(0, s).copy_(Upload(points[s], memory, device ?? CPU, dtype));
            return all.MoveToOuterDisposeScope();
        });
        return new EnsembleField(shape, points.Count, z, loss);
    }

    /// <summary>Evaluates the states w (S, P); the results are the field's properties until the next call.</summary>
    public void Evaluate(Tensor w)
    {
        Version++;
        using var scope = NewDisposeScope();
        var (product, left) = Layers.Collapse(w);
        var margins = _data.Times(product);
        var (logRisk, weights) = Loss.LogRiskAndWeights(margins);
        var right = Layers.Expand(w, _data.TransposedTimes(weights));
        TorchLayers.Keep(ref _product, product);
        TorchLayers.Keep(ref _margins, margins);
        TorchLayers.Keep(ref _logRisk, logRisk);
        TorchLayers.Keep(ref _weights, weights);
        TorchLayers.Keep(ref _left, left);
        TorchLayers.Keep(ref _right, right);
    }

    /// <summary>
    /// <see cref="Work"/> of S networks with n points: a product with a vector reads a number for each multiplication, and takes ten times
    /// as long.
    /// </summary>
    internal static double WorkOf(NetworkShape shape, int count, int members = 1) =>
        10 * (members * ((double)count * shape.Inputs + 4.0 * shape.Length));

    /// <summary>Writes -grad log R at the states evaluated last into <paramref name="direction"/> (S, P).</summary>
    public void WriteDirection(Tensor direction)
    {
        using var scope = NewDisposeScope();
        direction.fill_(0);
        Layers.AddOuter(direction, Left, Right);
    }

    /// <summary>||grad log R|| (S) at the states evaluated last.</summary>
    public Tensor DirectionNorms() => Layers.OuterNorms(Left, Right);

    /// <summary>How far a change e (S, P) of the states w moves the margins to first order, J e (S, n).</summary>
    internal Tensor MarginDerivative(Tensor w, Tensor e)
    {
        using var scope = NewDisposeScope();
        return _data.Times(Layers.ProductDerivative(w, e)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// sqrt((J e)^T C (J e)) (S) for changes e (S, P) of the states w, which were evaluated last, C the loss's curvature there: see
    /// <see cref="IMarginField.MarginSpaceNorm"/>.
    /// </summary>
    /// <remarks>The mean under q is taken off before squaring, so that a common growth of all margins cancels first.</remarks>
    internal Tensor MarginSpaceNorms(Tensor w, Tensor e)
    {
        using var scope = NewDisposeScope();
        var moves = MarginDerivative(w, e);
        var q = Weights / Weights.sum(1).unsqueeze(1);
        var off = moves - (q * moves).sum(1).unsqueeze(1);
        return (q * off * off).sum(1).sqrt().MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        foreach (var tensor in (Tensor?[])[_product, _margins, _weights, _logRisk, _left, _right]) tensor?.Dispose();
        Layers.Dispose();
        _data.Dispose();
    }

    private static Tensor Upload(SignedPoints points, MemoryEstimate memory, Device device, ScalarType dtype) => memory.Guard(device, () =>
    {
        using var scope = NewDisposeScope();
        return tensor(points.Z, [points.Count, points.Dimension], dtype: float64, device: CPU).to(dtype, device).MoveToOuterDisposeScope();
    });

    private static InvalidOperationException NotEvaluated() => new("The field was not evaluated yet.");
}
