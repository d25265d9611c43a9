using System.Numerics.Tensors;
using TorchAlign.Data;
using TorchAlign.Numerics;

namespace TorchAlign.MaxMargin;

/// <summary>
/// Maximises sum(l) - 1/2 ||sum l_i z_i||^2 over l >= 0, the dual of: least ||w|| with &lt;w, z_i&gt; >= 1 for all i, by exchanging
/// all points at once that violate a sign: those of the selection S with l_i &lt; 0 leave, those outside with &lt;w, z_i&gt; &lt; 1
/// enter, and K_SS l = 1 is solved anew (J. Júdice, F. Pires, <i>A block principal pivoting algorithm for large-scale strictly monotone
/// linear complementarity problems</i>, Computers and Operations Research 21, 1994). The systems are solved as closely as the stage asks.
/// For points of full rank, of which a large part may be support vectors: few exchanges where <see cref="ActiveSetMethod"/>
/// takes one a point.
/// </summary>
internal sealed class BlockPivoting
{
    /// <summary>Exchanges; a run that needs more is going round in circles.</summary>
    private const int MostExchanges = 100;

    private const int LeastEntries = 1 << 20;

    private const double FirstTolerance = 1e-3, LastTolerance = 1e-14, Tightening = 1e-3, SpanTolerance = 1e-12;

    /// <summary>Of a random vector: a null space of one dimension among 10^6 takes a thousandth.</summary>
    private const double LostShare = 1e-4;

    private readonly SelectedPoints _selected;
    private readonly PointProducts _products;
    private readonly SignedPoints _points;
    private readonly double[] _margins;
    private readonly bool[] _repeats; // they stay outside: each is satisfied where its first is

    private BlockPivoting(SignedPoints points, AlikePoints alike)
    {
        _repeats = alike.Repeats;
        _points = points;
        _products = new PointProducts(points);
        _selected = new SelectedPoints(_products, points.Count, points.Dimension);
        _margins = new double[points.Count];
        Weights = new double[points.Count];
        W = new double[points.Dimension];
    }

    /// <summary>w (d).</summary>
    public double[] W { get; }

    /// <summary>l (n), at least 0.</summary>
    public double[] Weights { get; }

    /// <summary>Points that entered or left.</summary>
    public int Exchanged { get; private set; }

    /// <summary>
    /// Whether it is tried: where it cannot be too large a selection to be independent, and the points are many enough that one
    /// exchange a point would take long.
    /// </summary>
    public static bool IsFor(SignedPoints points) =>
        points.Count <= points.Dimension && (long)points.Count * points.Dimension >= LeastEntries;

    /// <summary>Null where it did not end: the points are dependent, not separable, or too ill-conditioned.</summary>
    public static BlockPivoting? Solve(
        SignedPoints points, AlikePoints alike, CancellationToken ct, IProgress<MarginProgress>? progress)
    {
        var method = new BlockPivoting(points, alike);
        return method.Run(ct, progress) ? method : null;
    }

    private bool Run(CancellationToken ct, IProgress<MarginProgress>? progress)
    {
        var ones = new double[_points.Count];
        Array.Fill(ones, 1.0);
        for (var i = 0; i < ones.Length; i++) _selected.Mask[i] = !_repeats[i];
        var tolerance = FirstTolerance;
        for (var exchange = 0; exchange < MostExchanges; exchange++)
        {
            if (!_selected.Solve(ones, Weights, tolerance, SelectedPoints.MostSteps, ct)) return false;
            _products.MultiplyTransposed(Weights, W);
            _products.Multiply(W, _margins);
            var violated = Exchange(tolerance);
            Exchanged += violated;
            progress?.Report(new MarginProgress(
                Exchanged, _selected.Mask.AsSpan().Count(true), violated, 1 / TensorPrimitives.Norm<double>(W)));
            if (violated > 0) continue;
            if (tolerance <= LastTolerance) return IsIndependent(ct) && Polish(ct);
            tolerance = Math.Max(tolerance * Tightening, LastTolerance);
        }
        return false;
    }

    /// <summary>Selects anew by the signs; the number of points that changed sides.</summary>
    private int Exchange(double tolerance)
    {
        var violated = 0;
        var band = Math.Max(HardMargin.ViolationTolerance, tolerance);
        for (var i = 0; i < Weights.Length; i++)
        {
            var selected = _selected.Mask[i] ? Weights[i] > 0 : !_repeats[i] && _margins[i] < 1 - band;
            if (selected == _selected.Mask[i]) continue;
            violated++;
            _selected.Mask[i] = selected;
            Weights[i] = 0;
        }
        return violated;
    }

    /// <summary>
    /// Whether K x = K r gives back a random r: where the selection is dependent, conjugate gradients from 0 lose its part in the null
    /// space of K.
    /// </summary>
    private bool IsIndependent(CancellationToken ct)
    {
        var stream = new RandomStream(1);
        var (random, image, found) = (new double[_points.Count], new double[_points.Count], new double[_points.Count]);
        for (var i = 0; i < random.Length; i++)
            if (_selected.Mask[i]) random[i] = stream.NextGaussian();
        _selected.Multiply(random, image);
        if (!_selected.Solve(image, found, SpanTolerance, SelectedPoints.MostSteps, ct)) return false;
        var lost = TensorPrimitives.Distance<double>(random, found);
        return lost <= LostShare * TensorPrimitives.Norm<double>(random);
    }

    /// <summary>Corrects w by what its margins on S miss, in twice the digits: sum l_i z_i cancels where the margin is small.</summary>
    private bool Polish(CancellationToken ct)
    {
        var missing = new double[_points.Count];
        var change = new double[_points.Dimension];
        for (var pass = 0; pass < HardMargin.RefinementPasses; pass++)
        {
            for (var i = 0; i < missing.Length; i++) missing[i] = _selected.Mask[i] ? _products.Shortfall(i, W) : 0;
            var correction = new double[_points.Count];
            if (!_selected.Solve(missing, correction, FirstTolerance, SelectedPoints.MostSteps, ct)) return false;
            _products.MultiplyTransposed(correction, change);
            TensorPrimitives.Add(W, change, W);
        }
        return true;
    }

    /// <summary>Rank of support vectors, and whether every point lies in their span; null where the systems could not be solved.</summary>
    /// <remarks>
    /// Those that carry weight are independent: their system was solved. The span of all is held against random combinations of the
    /// points: one of them misses a point outside with probability 0.
    /// </remarks>
    public (int Rank, bool SpansData)? Span(int[] support, CancellationToken ct)
    {
        var rest = new double[_points.Dimension];
        var rank = _selected.Mask.AsSpan().Count(true);
        foreach (var i in support.Where(i => !_selected.Mask[i]))
        {
            _points.Row(i).CopyTo(rest);
            if (!Reject(rest, out var share, ct)) return null;
            if (share <= MarginSupport.RankTolerance) continue;
            _selected.Mask[i] = true;
            rank++;
        }
        if (rank == Math.Min(_points.Count, _points.Dimension)) return (rank, true);
        var stream = new RandomStream(0);
        for (var probe = 0; probe < MarginSupport.RandomProbes; probe++)
        {
            var combination = new double[_points.Count];
            for (var i = 0; i < combination.Length; i++) combination[i] = stream.NextGaussian();
            _products.MultiplyTransposed(combination, rest);
            if (!Reject(rest, out var share, ct)) return null;
            if (share > MarginSupport.RankTolerance * Math.Sqrt(_points.Count)) return (rank, false);
        }
        return (rank, true);
    }

    /// <summary>Takes from x (d) what lies in the span of the selection; what is left of its norm.</summary>
    private bool Reject(double[] x, out double share, CancellationToken ct)
    {
        var (inner, solution) = (new double[_points.Count], new double[_points.Count]);
        var span = new double[_points.Dimension];
        var length = TensorPrimitives.Norm<double>(x);
        _products.Multiply(x, inner, _selected.Mask);
        share = 0;
        if (!_selected.Solve(inner, solution, SpanTolerance, _selected.Steps + SelectedPoints.MostSteps, ct)) return false;
        _products.MultiplyTransposed(solution, span);
        TensorPrimitives.Subtract(x, span, x);
        share = TensorPrimitives.Norm<double>(x) / length;
        return true;
    }
}
