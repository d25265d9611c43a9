using System.Numerics.Tensors;
using TorchAlign.Losses;

namespace TorchAlign.Fields;

/// <summary>
/// The data's part of <see cref="FusedField"/>: margins m = Z w, loss weights p and g = Z^T p for Z (n, d). Large
/// data are cut into chunks that stay in a core's cache between the two products, so that Z is read from memory once;
/// chunks carry their own shift (the smallest margin) and are joined in order, whatever thread computed them.
/// </summary>
internal sealed class FusedFieldData : IParts
{
    /// <summary>Entries of Z in a chunk: 256 KiB, a part of one core's second-level cache.</summary>
    private const int ChunkEntries = 1 << 15;

    /// <summary>Up to here a transposed copy is kept: rows of at most 32 entries are too short for vectors.</summary>
    private const int TransposeEntries = 1 << 17;

    private const int TransposeColumns = 32;

    /// <summary>
    /// Data from this size on are shared among threads: below, waiting for one on a busy machine costs more than it
    /// saves.
    /// </summary>
    private const int ThreadedEntries = 1 << 19;

    private readonly MarginLoss _loss;
    private readonly int _n, _d, _chunkRows, _chunks, _threads;
    private readonly ReadOnlyMemory<double> _z;
    private readonly double[]? _transposed;
    private readonly double[] _sums, _shifts, _partial, _w, _projection;

    // What the workers write to: null while they project.
    private FusedLinearisation? _at;

    internal FusedFieldData(ReadOnlyMemory<double> z, int columns, MarginLoss loss, int threads)
    {
        (_z, _d, _loss) = (z, columns, loss);
        _threads = z.Length >= ThreadedEntries ? threads : 1;
        _n = z.Length / columns;
        if (_d <= TransposeColumns && z.Length <= TransposeEntries)
        {
            _transposed = new double[z.Length];
            for (var i = 0; i < _n; i++)
                for (var j = 0; j < _d; j++) _transposed[j * _n + i] = z.Span[i * _d + j];
            _chunkRows = _n;
        }
        else
        {
            _chunkRows = Math.Max(8, ChunkEntries / _d / 8 * 8);
        }
        _chunks = (_n + _chunkRows - 1) / _chunkRows;
        _projection = new double[_n];
        _sums = new double[_chunks];
        _shifts = new double[_chunks];
        _partial = new double[_chunks > 1 ? _chunks * _d : 0];
        _w = new double[_d];
    }

    internal int Count => _n;

    internal ReadOnlySpan<double> Row(int i) => _z.Span.Slice(i * _d, _d);

    /// <summary>Computes margins, weights and g at the product that stands there; returns log R.</summary>
    internal double Evaluate(FusedLinearisation at)
    {
        if (_chunks == 1) return EvaluateWhole(at);
        at.Product.CopyTo(_w);
        _at = at;
        FusedFieldWorkers.Shared.Run(this, _chunks, _threads);
        return Join(at);
    }

    /// <summary>Z x (n) for x (d); valid until the next call.</summary>
    internal ReadOnlySpan<double> Project(ReadOnlySpan<double> x)
    {
        if (_transposed is not null)
        {
            FusedFieldKernels.TransposeMultiply(_transposed, _d, _n, _n, x, _projection, skipZeros: false);
            return _projection;
        }
        x.CopyTo(_w);
        _at = null;
        FusedFieldWorkers.Shared.Run(this, _chunks, _threads);
        return _projection;
    }

    void IParts.Run(int part)
    {
        var first = part * _chunkRows;
        var rows = Math.Min(_chunkRows, _n - first);
        var z = _z.Span.Slice(first * _d, rows * _d);
        if (_at is null)
        {
            FusedFieldKernels.Multiply(z, rows, _d, _w, _projection.AsSpan(first, rows));
            return;
        }
        var margins = _at.Margins.AsSpan(first, rows);
        var slopes = _at.Weights.AsSpan(first, rows);
        FusedFieldKernels.Multiply(z, rows, _d, _w, margins);
        _sums[part] = _loss.ShiftedSlopes(margins, slopes, out _shifts[part]);
        FusedFieldKernels.TransposeMultiply(
            z, rows, _d, _d, slopes, _partial.AsSpan(part * _d, _d), skipZeros: true);
    }

    private double EvaluateWhole(FusedLinearisation at)
    {
        double logRisk;
        if (_transposed is not null)
        {
            FusedFieldKernels.TransposeMultiply(_transposed, _d, _n, _n, at.Product, at.Margins, skipZeros: false);
            logRisk = _loss.LogRiskAndWeights(at.Margins, at.Weights);
            FusedFieldKernels.Multiply(_transposed, _d, _n, at.Weights, at.ProductGradient);
        }
        else
        {
            FusedFieldKernels.Multiply(_z.Span, _n, _d, at.Product, at.Margins);
            logRisk = _loss.LogRiskAndWeights(at.Margins, at.Weights);
            FusedFieldKernels.TransposeMultiply(_z.Span, _n, _d, _d, at.Weights, at.ProductGradient, skipZeros: true);
        }
        return logRisk;
    }

    /// <summary>
    /// sum_j loss(m_j) = sum_c sums_c exp(-shift_c); relative to the smallest shift every factor is in [0, 1].
    /// </summary>
    private double Join(FusedLinearisation at)
    {
        var shift = TensorPrimitives.Min<double>(_shifts);
        var sum = 0.0;
        for (var c = 0; c < _chunks; c++) sum += _sums[c] * Math.Exp(shift - _shifts[c]);
        var gradient = at.ProductGradient;
        gradient.Clear();
        for (var c = 0; c < _chunks; c++)
        {
            var factor = Math.Exp(shift - _shifts[c]) / sum;
            var weights = at.Weights.AsSpan(c * _chunkRows, Math.Min(_chunkRows, _n - c * _chunkRows));
            TensorPrimitives.Multiply(weights, factor, weights);
            if (factor != 0)
                TensorPrimitives.MultiplyAdd<double>(_partial.AsSpan(c * _d, _d), factor, gradient, gradient);
        }
        return Math.Log(sum / _n) - shift;
    }
}
