namespace TorchAlign.Alignment;

/// <summary>
/// What gradient descent on 1/(2n) ||Y - W_L ... W_1 X||_F^2 does to an aligned network where alignment is invariant: each mode j runs
/// by itself (derived, from [RNBU]),
///     s_{k,j} &lt;- s_{k,j} + (eta/n) prod_{i != k} s_{i,j} (a_j - b_j prod_i s_{i,j}),
/// with a = diag(U^T Y X^T V), b = diag(V^T X X^T V) of <see cref="DataAlignment"/> and s_{k,j} the diagonal of S_k.
/// </summary>
public sealed class AlignedModes
{
    private readonly double[] _a;
    private readonly double[] _b;
    private readonly double _count;
    private readonly double _beyond;

    /// <param name="a">a_j (r).</param>
    /// <param name="b">b_j (r).</param>
    /// <param name="count">n.</param>
    /// <param name="start">s_{k,j} (L, r): one row a layer.</param>
    /// <param name="beyond">The largest b_j of the inputs that the network has no mode for; only <see cref="StableStep"/> reads it.</param>
    /// <exception cref="ArgumentException">The lengths differ, or there is no layer.</exception>
    public AlignedModes(
        IReadOnlyList<double> a, IReadOnlyList<double> b, long count, IReadOnlyList<double[]> start, double beyond = 0)
    {
        if (start.Count == 0) throw new ArgumentException("A network needs at least one layer.", nameof(start));
        if (b.Count != a.Count || start.Any(layer => layer.Length != a.Count))
            throw new ArgumentException(
                $"a has {a.Count} modes, b {b.Count}, the layers {string.Join(", ", start.Select(s => s.Length))}.");
        (_a, _b, _count, _beyond) = ([.. a], [.. b], count, beyond);
        Values = [.. start.Select(layer => layer.ToArray())];
    }

    /// <summary>
    /// The modes of data and an aligned start: r is the least width; what a layer holds beyond never meets the data and stays.
    /// </summary>
    public static AlignedModes Of(DataAlignment data, long count, AlignedBases bases, ReadOnlySpan<double> start)
    {
        var modes = bases.Shape.Widths.Min();
        var layers = new double[bases.Shape.Depth][];
        for (var k = 0; k < layers.Length; k++) layers[k] = Orthogonal.Diagonal(bases.InBases(start, k))[..modes];
        return new AlignedModes(data.CrossDiagonal[..modes], data.InputDiagonal[..modes], count, layers,
            data.InputDiagonal.Skip(modes).DefaultIfEmpty(0).Max());
    }

    /// <summary>s_{k,j} (L, r).</summary>
    public double[][] Values { get; }

    /// <summary>L.</summary>
    public int Depth => Values.Length;

    /// <summary>r.</summary>
    public int Count => _a.Length;

    /// <summary>prod_k s_{k,j}.</summary>
    public double Product(int mode)
    {
        var product = 1.0;
        foreach (var layer in Values) product *= layer[mode];
        return product;
    }

    /// <summary>s_j* = (a_j / b_j)^{1/L}, at which mode j has learnt the data; 0 where the data do not have the mode.</summary>
    public double Limit(int mode) => _b[mode] > 0 && _a[mode] > 0 ? Math.Pow(_a[mode] / _b[mode], 1.0 / Depth) : 0;

    /// <summary>
    /// The largest step of the explicit rate, n / (L max_j b_j s_j*^{2L-2}) (derived): from equal layers with 0 &lt; s_j(0) &lt;=
    /// s_j*, every
    /// mode rises without overshoot, since a_j - b_j s^L = b_j (s* - s) sum_i s*^i s^{L-1-i} makes the step the share
    /// (eta/n) b_j s^{L-1} sum_i s*^i s^{L-1-i} of s* - s, which lies between (eta/n) L b_j s^{2L-2} and (eta/n) L b_j s*^{2L-2} &lt;= 1.
    /// </summary>
    public double LargestStep => _count / (Depth * Enumerable.Range(0, Count).Max(j => _b[j] * Math.Pow(Limit(j), 2 * Depth - 2)));

    /// <summary>
    /// Steps above this let rounding errors off the diagonals grow at the limit, equal layers granted, and so lose alignment in floating
    /// point although exact descent keeps it: 2n / max_{p != q} b_q sum_k s_p*^{2(L-k)} s_q*^{2(k-1)} (derived). No less than
    /// <see cref="LargestStep"/> where all b_j or all s_j* are equal (whitened data, autoencoding); it may be less elsewhere.
    /// </summary>
    public double StableStep
    {
        get
        {
            var steepest = 0.0;
            for (var p = 0; p < Count; p++)
            {
                steepest = Math.Max(steepest, _beyond * Math.Pow(Limit(p), 2 * Depth - 2));
                for (var q = 0; q < Count; q++)
                    if (p != q) steepest = Math.Max(steepest, Curvature(p, q));
            }
            return 2 * _count / steepest;
        }
    }

    /// <summary>1 - (eta/n) L b_j s_j(0)^{2L-2}: the factor by which s_j* - s_j falls at each step at least, from equal layers.</summary>
    /// <param name="mode">j.</param>
    /// <param name="eta">At most <see cref="LargestStep"/>.</param>
    /// <param name="start">s_j(0).</param>
    public double Contraction(int mode, double eta, double start) =>
        1 - eta / _count * Depth * _b[mode] * Math.Pow(start, 2 * Depth - 2);

    /// <summary>n times the largest second derivative of the loss along entries (p, q) of the layers, at the limit.</summary>
    private double Curvature(int p, int q) => _b[q] * Enumerable.Range(0, Depth)
        .Sum(k => Math.Pow(Limit(p), 2 * (Depth - 1 - k)) * Math.Pow(Limit(q), 2 * k));

    /// <summary>One step of all modes.</summary>
    public void Step(double eta)
    {
        Span<double> others = stackalloc double[Depth];
        for (var j = 0; j < Count; j++)
        {
            // Products of the layers below, then those above: no division, which a mode at 0 would not survive.
            var product = 1.0;
            for (var k = 0; k < Depth; k++)
            {
                others[k] = product;
                product *= Values[k][j];
            }
            var above = 1.0;
            for (var k = Depth - 1; k >= 0; k--)
            {
                others[k] *= above;
                above *= Values[k][j];
            }
            var slope = eta / _count * (_a[j] - _b[j] * product);
            for (var k = 0; k < Depth; k++) Values[k][j] += others[k] * slope;
        }
    }
}
