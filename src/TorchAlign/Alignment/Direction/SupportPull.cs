using System.Numerics.Tensors;
using TorchAlign.Data;
using TorchAlign.Losses;
using TorchAlign.MaxMargin;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Alignment;

/// <summary>How the points pull w_prod to its predicted limit, as <see cref="DirectionVerdict"/> needs it.</summary>
internal sealed class SupportPull
{
    private readonly NetworkShape _shape;
    private readonly double[] _u, _v;
    private readonly double _gamma;
    private readonly SupportSpan _span;
    private readonly (int Index, double Excess, double Across)[] _others;
    private readonly Lazy<double> _stiffness;

    private SupportPull(NetworkShape shape, SignedPoints points, MarginSolution reference, double[] v)
    {
        (_shape, _u, _v, _gamma) = (shape, reference.Direction, v, reference.Gamma);
        _span = new SupportSpan(points, reference);
        LimitNorm = TensorPrimitives.Norm<double>(v);
        _others =
        [
            .. Enumerable.Range(0, points.Count).Except(reference.SupportVectors).Select(i =>
            {
                var along = TensorPrimitives.Dot(points.Row(i), _u);
                return (i, along - _gamma, Math.Sqrt(Math.Max(0, TensorPrimitives.SumOfSquares(points.Row(i)) - along * along)));
            }),
        ];
        _stiffness = new(() => Stiffness(points, reference.SupportVectors));
    }

    /// <summary>||v||.</summary>
    public double LimitNorm { get; }

    /// <summary>Null where the data have no limit v in the span of the support vectors.</summary>
    public static SupportPull? Of(NetworkShape shape, SignedPoints points, MarginSolution reference) =>
        ResidualPrediction.Of(points, reference).V is { } v ? new SupportPull(shape, points, reference, v) : null;

    /// <summary>In place, x (d) loses its part along u (d), twice for what rounding leaves.</summary>
    public static void Reject(double[] x, double[] u)
    {
        for (var pass = 0; pass < 2; pass++)
            TensorPrimitives.MultiplyAdd(u, -TensorPrimitives.Dot<double>(x, u) / TensorPrimitives.SumOfSquares<double>(u), x, x);
    }

    /// <summary>Where w_prod (d) lies.</summary>
    public Place PlaceOf(double[] product)
    {
        var x = product.ToArray();
        Reject(x, _u);
        var outside = x.ToArray();
        var carried = _span.Reject(outside);
        var deviation = x.ToArray();
        TensorPrimitives.Subtract<double>(deviation, outside, deviation);
        TensorPrimitives.Subtract<double>(deviation, _v, deviation);
        return new Place(TensorPrimitives.Dot<double>(product, _u), product, TensorPrimitives.Norm<double>(x), carried,
            TensorPrimitives.Norm<double>(deviation));
    }

    /// <summary>What ||c|| can be at this size of the layers: now, and where a has turned to W_1 u_bar, granted twice that way.</summary>
    public double CarriedBound(Place at, double[] state)
    {
        if (_shape.Depth == 1 || _span.IsAll) return at.Carried;
        var a = LinearProduct.Above(_shape, state);
        var left = Times(state, 0, _u);
        var length = TensorPrimitives.Norm<double>(a);
        TensorPrimitives.Divide(left, TensorPrimitives.Norm<double>(left), left);
        TensorPrimitives.MultiplyAdd(left, -length, a, a);
        return at.Carried + 2 * TensorPrimitives.Norm<double>(a) * new CarriedPart(_shape, _span, state).FrobeniusNorm;
    }

    /// <summary>L sum p_i/(gamma (&lt;u_bar, z_i&gt; - gamma)) over the points outside S, p (n).</summary>
    public double LeftToGive(int depth, double[] p) => depth * _others.Sum(other => p[other.Index] / (_gamma * other.Excess));

    /// <summary>q at <paramref name="rho"/> while tan is at most <paramref name="level"/>, and from then on.</summary>
    public double OfOthers(double rho, double level, MarginLoss loss)
    {
        var q = loss == MarginLoss.Exponential ? 0 : Vanishing(_gamma - level);
        foreach (var other in _others) q += Vanishing(other.Excess - level * other.Across);
        // Of the logistic loss the weights are those of the exponential one within a factor 1 + exp(-m), m > 0 the least margin.
        return loss == MarginLoss.Exponential ? q : 2 * q;

        double Vanishing(double rate) => rate > 0 ? Math.Exp(-rho * rate) : double.PositiveInfinity;
    }

    /// <summary>2 gamma eta/lambda: how far from v layers that are not balanced can hold w_prod.</summary>
    public double Push(Place at, double[] state)
    {
        if (double.IsPositiveInfinity(_stiffness.Value)) return 0;
        var unit = at.Product.ToArray();
        TensorPrimitives.Divide(unit, TensorPrimitives.Norm<double>(unit), unit);
        var turned = Turned(state, unit);
        Reject(turned, unit);
        Reject(turned, _u);
        var outside = turned.ToArray();
        _span.Reject(outside);
        TensorPrimitives.Subtract<double>(turned, outside, turned);
        return 2 * _gamma * TensorPrimitives.Norm<double>(turned) / _stiffness.Value;
    }

    /// <summary>
    /// K w^ (d): dw_prod/ds = g + K g, K = sum_{k>1} ||A_k||^2/||A_1||^2 B_k^T B_k, A_k = W_L...W_{k+1}, B_k = W_{k-1}...W_1.
    /// </summary>
    private double[] Turned(double[] state, double[] unit)
    {
        var above = new double[_shape.Depth];
        double[] row = [1];
        for (var k = _shape.Depth - 1; k >= 0; k--)
        {
            above[k] = TensorPrimitives.Norm<double>(row);
            if (k > 0) row = LinearProduct.TransposedTimes(_shape, state, k, row);
        }
        var (result, below) = (new double[unit.Length], unit);
        for (var k = 1; k < _shape.Depth; k++)
        {
            below = Times(state, k - 1, below);
            var back = below;
            for (var j = k - 1; j >= 0; j--) back = LinearProduct.TransposedTimes(_shape, state, j, back);
            var share = above[k] / above[0];
            TensorPrimitives.MultiplyAdd(back, share * share, result, result);
        }
        return result;
    }

    private double[] Times(double[] state, int layer, double[] x)
    {
        var w = _shape.Layer(state.AsSpan(), layer);
        var result = new double[_shape.Rows(layer)];
        for (var i = 0; i < result.Length; i++) result[i] = TensorPrimitives.Dot<double>(w.Slice(i * x.Length, x.Length), x);
        return result;
    }

    /// <summary>lambda, with the weights exp(-&lt;v, z_i&gt;) for a; infinite where the span is that of u_bar.</summary>
    private double Stiffness(SignedPoints points, int[] support)
    {
        var basis = SupportPotential.Basis(points, support, _u);
        if (basis.Length == 0) return double.PositiveInfinity;
        double[] weights = [.. support.Select(i => -TensorPrimitives.Dot<double>(points.Row(i), _v))];
        TensorPrimitives.SoftMax<double>(weights, weights);
        var matrix = new Matrix(basis.Length, basis.Length);
        for (var i = 0; i < support.Length; i++)
        {
            double[] p = [.. basis.Select(q => TensorPrimitives.Dot<double>(q, points.Row(support[i])))];
            for (var a = 0; a < p.Length; a++) TensorPrimitives.MultiplyAdd(p, weights[i] * p[a], matrix.Row(a), matrix.Row(a));
        }
        return Math.Max(0, SymmetricEigen.Of(matrix).Values[0]);
    }

    /// <summary>A place of w_prod = rho u_bar + x, x = v + y + c.</summary>
    /// <param name="Rho">&lt;w_prod, u_bar&gt;.</param>
    /// <param name="Product">w_prod (d).</param>
    /// <param name="Distance">||x||.</param>
    /// <param name="Carried">||c||, c outside the span of the support vectors.</param>
    /// <param name="Deviation">||y||.</param>
    public sealed record Place(double Rho, double[] Product, double Distance, double Carried, double Deviation);
}
