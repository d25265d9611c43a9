using System.Numerics.Tensors;
using TorchAlign.Networks;

namespace TorchAlign.Fields;

/// <summary>
/// The layers' part of <see cref="FusedField"/>: left_k = (W_L ... W_{k+1})^T from the last layer down, right_k = W_k
/// ... W_1 g from the first one up, and the outer products left_k right_{k-1}^T. Layers too large for one core's
/// cache are cut by columns on the way down and by rows on the way up, which leaves the order of every sum as it is.
/// </summary>
internal sealed class FusedFieldLayers : IParts
{
    /// <summary>
    /// Layers from this size on are shared among threads: below, waiting for one on a busy machine costs more than it
    /// saves.
    /// </summary>
    private const int ThreadedEntries = 1 << 17;

    /// <summary>Columns or rows a part takes of a threaded layer.</summary>
    private const int PartSize = 64;

    private readonly NetworkShape _shape;
    private readonly int _threads;
    private readonly double[][] _sweep;

    // The layer that the workers are at, and where it is read and written.
    private FusedLinearisation _at = null!;
    private bool _down;
    private int _layer;
    private double[] _values = [], _direction = [], _sum = [];
    private double _scale;

    internal FusedFieldLayers(NetworkShape shape, int threads)
    {
        (_shape, _threads) = (shape, threads);
        _sweep = [.. Enumerable.Range(0, 5).Select(_ => new double[shape.Widths.Max()])];
    }

    /// <summary>Computes left_k at the state (P).</summary>
    internal void Collapse(double[] w, FusedLinearisation at)
    {
        for (var layer = _shape.Depth - 1; layer >= 0; layer--)
        {
            if (IsThreaded(layer)) RunThreaded(at, w, [], layer, down: true);
            else DownColumns(at, w, layer, 0, _shape.Columns(layer));
        }
    }

    /// <summary>
    /// Computes right_k from g, at the state (P) collapsed there; writes -dlog R/dW_k = left_k right_{k-1}^T into direction (P), unless
    /// that is empty.
    /// </summary>
    internal void Expand(double[] w, FusedLinearisation at, double[] direction)
    {
        for (var layer = 0; layer < (direction.Length > 0 ? _shape.Depth : _shape.Depth - 1); layer++)
        {
            if (IsThreaded(layer)) RunThreaded(at, w, direction, layer, down: false);
            else ExpandRows(at, w, direction, layer, 0, _shape.Rows(layer));
        }
    }

    /// <summary>
    /// sum (P) = w + scale F, F_k = left_k right_{k-1}^T as expanded there, with the bits that storing F first would give.
    /// </summary>
    internal void AddGradient(FusedLinearisation at, double[] w, double scale, double[] sum)
    {
        _scale = scale;
        for (var layer = 0; layer < _shape.Depth; layer++)
        {
            if (!IsThreaded(layer))
            {
                AddRows(at, w, sum, layer, 0, _shape.Rows(layer));
                continue;
            }
            _sum = sum;
            RunThreaded(at, w, [], layer, down: false);
            _sum = [];
        }
    }

    /// <summary>
    /// sum_k (W_{k-1} ... W_1)^T E_k^T left_k (d_0), the derivative of w_prod along e at w; valid until the next
    /// call.
    /// </summary>
    internal ReadOnlySpan<double> ProductDerivative(ReadOnlySpan<double> w, ReadOnlySpan<double> e)
    {
        var (l, d, nextL, nextD, step) = (_sweep[0], _sweep[1], _sweep[2], _sweep[3], _sweep[4]);
        l[0] = 1;
        d[0] = 0;
        for (var layer = _shape.Depth - 1; layer >= 0; layer--)
        {
            var (rows, columns) = (_shape.Rows(layer), _shape.Columns(layer));
            Transpose(_shape.Layer(w, layer), rows, columns, l, nextL);
            Transpose(_shape.Layer(w, layer), rows, columns, d, nextD);
            Transpose(_shape.Layer(e, layer), rows, columns, l, step);
            for (var j = 0; j < columns; j++) nextD[j] += step[j];
            (l, nextL) = (nextL, l);
            (d, nextD) = (nextD, d);
        }
        return d.AsSpan(0, _shape.Inputs);
    }

    /// <summary>
    /// How w_prod(W + x F), F = -grad log R, moves with x at the state (P) expanded there: w_prod + x first + x^2 second +
    /// ... F_k^T y = (left_k y) right_{k-1}, so the product rule needs F by its factors alone.
    /// </summary>
    internal void ProductCurve(
        FusedLinearisation at, ReadOnlySpan<double> w, out ReadOnlySpan<double> first, out ReadOnlySpan<double> second)
    {
        var (l1, l2, next1, next2) = (_sweep[0], _sweep[1], _sweep[2], _sweep[3]);
        l1[0] = l2[0] = 0;
        for (var layer = _shape.Depth - 1; layer >= 0; layer--)
        {
            var (rows, columns) = (_shape.Rows(layer), _shape.Columns(layer));
            ReadOnlySpan<double> left = at.Left(layer + 1), right = at.Right(layer);
            Transpose(_shape.Layer(w, layer), rows, columns, l1, next1);
            Transpose(_shape.Layer(w, layer), rows, columns, l2, next2);
            TensorPrimitives.MultiplyAdd(
                right, TensorPrimitives.SumOfSquares(left), next1.AsSpan(0, columns), next1);
            TensorPrimitives.MultiplyAdd(
                right, TensorPrimitives.Dot(left, l1.AsSpan(0, rows)), next2.AsSpan(0, columns), next2);
            (l1, next1) = (next1, l1);
            (l2, next2) = (next2, l2);
        }
        first = l1.AsSpan(0, _shape.Inputs);
        second = l2.AsSpan(0, _shape.Inputs);
    }

    void IParts.Run(int part)
    {
        if (_down)
        {
            var first = part * PartSize;
            DownColumns(_at, _values, _layer, first, Math.Min(PartSize, _shape.Columns(_layer) - first));
            return;
        }
        var row = part * PartSize;
        var rows = Math.Min(PartSize, _shape.Rows(_layer) - row);
        if (_sum.Length > 0)
        {
            AddRows(_at, _values, _sum, _layer, row, rows);
            return;
        }
        ExpandRows(_at, _values, _direction, _layer, row, rows);
    }

    private bool IsThreaded(int layer) => _threads > 1 && _shape.Layout.LengthOf(layer) >= ThreadedEntries;

    private void RunThreaded(FusedLinearisation at, double[] w, double[] direction, int layer, bool down)
    {
        (_at, _values, _direction, _layer, _down) = (at, w, direction, layer, down);
        var size = down ? _shape.Columns(layer) : _shape.Rows(layer);
        FusedFieldWorkers.Shared.Run(this, (size + PartSize - 1) / PartSize, _threads);
        (_values, _direction) = ([], []);
    }

    private void DownColumns(FusedLinearisation at, double[] w, int layer, int first, int count) => FusedFieldKernels.TransposeMultiply(
        w.AsSpan(_shape.Layout.Offset(layer) + first), _shape.Rows(layer), count, _shape.Columns(layer),
        at.Left(layer + 1), at.Left(layer)[first..], skipZeros: false);

    private void ExpandRows(FusedLinearisation at, double[] w, double[] direction, int layer, int first, int count)
    {
        var columns = _shape.Columns(layer);
        var start = _shape.Layout.Offset(layer) + first * columns;
        if (layer < _shape.Depth - 1)
            FusedFieldKernels.Multiply(w.AsSpan(start), count, columns, at.Right(layer), at.Right(layer + 1)[first..]);
        if (direction.Length > 0)
            FusedFieldKernels.Outer(at.Left(layer + 1).Slice(first, count), at.Right(layer), direction.AsSpan(start, count * columns));
    }

    private void AddRows(FusedLinearisation at, double[] w, double[] sum, int layer, int first, int count)
    {
        var columns = _shape.Columns(layer);
        var (start, length) = (_shape.Layout.Offset(layer) + first * columns, count * columns);
        FusedFieldKernels.AddOuter(
            w.AsSpan(start, length), _scale, at.Left(layer + 1).Slice(first, count), at.Right(layer), sum.AsSpan(start, length));
    }

    private static void Transpose(ReadOnlySpan<double> a, int rows, int columns, double[] x, double[] y) =>
        FusedFieldKernels.TransposeMultiply(a, rows, columns, columns, x.AsSpan(0, rows), y, skipZeros: false);
}
