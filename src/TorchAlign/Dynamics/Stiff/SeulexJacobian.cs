using System.Numerics.Tensors;
using TorchAlign.Fields;
using TorchAlign.Numerics;

namespace TorchAlign.Dynamics;

/// <summary>
/// The stiff part of the flow's Jacobian at a base point, -c J^T C J, and solutions with I + kappa J^T C J.
/// The margins are m = Z w_prod(W), so J = Z D with D = d w_prod / dW, and J^T C J = D^T (Z^T C Z) D = U U^T, U = D^T
/// M for any M (d, r) with M M^T = Z^T C Z. By Sherman-Morrison-Woodbury, with b in R^P,
///   (I + kappa U U^T)^{-1} b = b - kappa U (I + kappa U^T U)^{-1} U^T b,
/// one symmetric positive definite system of r &lt;= d unknowns; the symmetric form is what keeps it from cancelling.
/// C = diag(c) - c c^T / sum c for the curvatures c of the loss: for the exponential loss the Hessian of log R in the
/// margins; for the logistic loss its positive semidefinite part that grows into it. M is centred: its columns are
/// sqrt(c_i) (z_i - zbar), zbar the mean under c, or, where more than d points count, a Cholesky factor of their Gram
/// matrix. With B_0 = M, B_k = W_k B_{k-1}: U has the layers left_k B_{k-1}^T, U^T U = sum_k ||left_k||^2 B_{k-1}^T
/// B_{k-1}.
/// </summary>
internal sealed class SeulexJacobian
{
    /// <summary>Points with less of the largest curvature than this add nothing to C in float64.</summary>
    private const double Negligible = 1e-18;

    private readonly FusedField _field;
    private readonly int _d, _capacity;
    private readonly double[] _curvatures, _mean, _gram, _factor, _solution, _step;
    private readonly double[][] _b;
    private readonly double[] _moment, _rows;
    private FusedLinearisation _base = null!;
    private double _total;

    internal SeulexJacobian(FusedField field)
    {
        _field = field;
        var shape = field.Shape;
        _d = shape.Inputs;
        _capacity = Math.Min(field.Count, _d);
        _curvatures = new double[field.Count];
        _mean = new double[_d];
        _gram = new double[_capacity * _capacity];
        _factor = new double[_capacity * _capacity];
        _solution = new double[_capacity];
        _b = [.. Enumerable.Range(0, shape.Depth).Select(k => new double[_capacity * shape.Widths[k]])];
        _step = new double[shape.Widths.Max()];
        _moment = new double[field.Count > _d ? _d * _d : 0];
        _rows = new double[field.Count > _d ? 4 * _d : 0];
    }

    /// <summary>r, the rank kept.</summary>
    internal int Rank { get; private set; }

    /// <summary>
    /// Builds M, B_k and U^T U at the state w, of which the linearisation must be and stay; uncentred (C = diag(c)) for the
    /// Jacobian of grad R itself.
    /// </summary>
    internal void Build(FusedLinearisation at, double[] w, bool centred)
    {
        var shape = _field.Shape;
        _base = at;
        _field.Loss.Curvatures(at.Margins, at.Weights, _curvatures);
        var threshold = Negligible * TensorPrimitives.Max<double>(_curvatures);
        var active = 0;
        _total = 0;
        _mean.AsSpan().Clear();
        for (var i = 0; i < _curvatures.Length; i++)
        {
            if (!(_curvatures[i] > threshold)) _curvatures[i] = 0;
            if (_curvatures[i] == 0) continue;
            active++;
            _total += _curvatures[i];
            if (centred) TensorPrimitives.MultiplyAdd(_field.Row(i), _curvatures[i], _mean, _mean);
        }
        TensorPrimitives.Divide(_mean, _total, _mean);
        if (active <= _d) TakeColumns();
        else TakeCholeskyFactor();
        var gram = _gram.AsSpan(0, Rank * Rank);
        gram.Clear();
        for (var k = 0; k < shape.Depth; k++)
        {
            if (k > 0)
                for (var a = 0; a < Rank; a++)
                    FusedFieldKernels.Multiply(
                        shape.Layer(w.AsSpan(), k - 1), shape.Rows(k - 1), shape.Columns(k - 1), RowOf(k - 1, a), RowOf(k, a));
            var square = TensorPrimitives.SumOfSquares<double>(at.Left(k + 1));
            for (var a = 0; a < Rank; a++)
                for (var b = 0; b <= a; b++)
                    gram[a * Rank + b] += square * TensorPrimitives.Dot<double>(RowOf(k, a), RowOf(k, b));
        }
    }

    /// <summary>
    /// Prepares solutions with I + kappa J^T C J: the Cholesky factor of I + kappa U^T U. False if that is not
    /// finite.
    /// </summary>
    internal bool Factor(double kappa)
    {
        for (var a = 0; a < Rank; a++)
            for (var b = 0; b <= a; b++) _factor[a * Rank + b] = kappa * _gram[a * Rank + b] + (a == b ? 1 : 0);
        return Cholesky.Factor(_factor, Rank) >= 0.5;
    }

    /// <summary>
    /// destination = source + (I + kappa J^T C J)^{-1} scale F. F is the direction at a linearisation, that of the base point or of
    /// another state, by its factors left_k right_{k-1}^T, never formed: each layer changes by scale left_k
    /// right_{k-1}^T - kappa left_k^base (B_{k-1} y)^T, y = (I + kappa U^T U)^{-1} U^T scale F.
    /// </summary>
    internal void AddSolution(FusedLinearisation at, double[] source, double[] destination, double scale, double kappa)
    {
        var shape = _field.Shape;
        var y = _solution.AsSpan(0, Rank);
        y.Clear();
        for (var k = 0; k < shape.Depth; k++)
        {
            var overlap = scale * TensorPrimitives.Dot<double>(_base.Left(k + 1), at.Left(k + 1));
            var right = at.Right(k);
            for (var a = 0; a < Rank; a++) y[a] += overlap * TensorPrimitives.Dot<double>(RowOf(k, a), right);
        }
        Cholesky.Solve(_factor, Rank, y);
        for (var a = 0; a < Rank; a++) y[a] *= -kappa;
        for (var k = 0; k < shape.Depth; k++)
        {
            var columns = shape.Columns(k);
            FusedFieldKernels.TransposeMultiply(_b[k], Rank, columns, columns, y, _step, skipZeros: false);
            FusedFieldKernels.AddTwoOuters(
                shape.Layer(source, k), scale, at.Left(k + 1), at.Right(k), _base.Left(k + 1), _step.AsSpan(0, columns),
                shape.Layer(destination.AsSpan(), k));
        }
    }

    /// <summary>sqrt((J e)^T C (J e) / sum c) = ||U^T e|| / sqrt(sum c) at the base point, e in R^P.</summary>
    internal double MarginSpaceNorm(double[] e)
    {
        var shape = _field.Shape;
        var y = _solution.AsSpan(0, Rank);
        y.Clear();
        for (var k = 0; k < shape.Depth; k++)
        {
            var (rows, columns) = (shape.Rows(k), shape.Columns(k));
            FusedFieldKernels.TransposeMultiply(
                shape.Layer(e.AsSpan(), k), rows, columns, columns, _base.Left(k + 1), _step, skipZeros: false);
            for (var a = 0; a < Rank; a++) y[a] += TensorPrimitives.Dot<double>(RowOf(k, a), _step.AsSpan(0, columns));
        }
        return TensorPrimitives.Norm<double>(y) / Math.Sqrt(_total);
    }

    private Span<double> RowOf(int k, int a)
    {
        var width = _field.Shape.Widths[k];
        return _b[k].AsSpan(a * width, width);
    }

    private void TakeColumns()
    {
        Rank = 0;
        for (var i = 0; i < _curvatures.Length; i++)
            if (_curvatures[i] != 0) Centre(i, Math.Sqrt(_curvatures[i]), RowOf(0, Rank++));
    }

    private void Centre(int i, double scale, Span<double> target)
    {
        TensorPrimitives.Subtract(_field.Row(i), _mean, target);
        TensorPrimitives.Multiply(target, scale, target);
    }

    /// <summary>
    /// M from sum_i c_i (z_i - zbar)(z_i - zbar)^T (d, d) by Cholesky with the largest pivot first, ended where what
    /// is left is rounding: data in a subspace have a rank below d.
    /// </summary>
    private void TakeCholeskyFactor()
    {
        _moment.AsSpan().Clear();
        var filled = 0;
        for (var i = 0; i <= _curvatures.Length; i++)
        {
            if (i < _curvatures.Length)
            {
                if (_curvatures[i] == 0) continue;
                Centre(i, Math.Sqrt(_curvatures[i]), _rows.AsSpan(filled++ * _d, _d));
                if (filled < 4) continue;
            }
            for (var a = 0; a < _d && filled > 0; a++)
                for (var f = 0; f < filled; f++)
                    TensorPrimitives.MultiplyAdd(
                        _rows.AsSpan(f * _d, _d), _rows[f * _d + a], _moment.AsSpan(a * _d, _d), _moment.AsSpan(a * _d, _d));
            filled = 0;
        }
        var smallest = 0.0;
        for (Rank = 0; Rank < _d; Rank++)
        {
            var pivot = 0;
            for (var a = 1; a < _d; a++)
                if (_moment[a * _d + a] > _moment[pivot * _d + pivot]) pivot = a;
            var diagonal = _moment[pivot * _d + pivot];
            if (Rank == 0) smallest = _d * 2.2e-16 * diagonal;
            if (!(diagonal > smallest)) break;
            var column = RowOf(0, Rank);
            TensorPrimitives.Multiply(_moment.AsSpan(pivot * _d, _d), 1 / Math.Sqrt(diagonal), column);
            for (var a = 0; a < _d; a++)
            {
                var row = _moment.AsSpan(a * _d, _d);
                TensorPrimitives.MultiplyAdd(column, -column[a], row, row);
            }
            // Exactly 0, so that rounding brings no row back.
            for (var a = 0; a < _d; a++) _moment[pivot * _d + a] = _moment[a * _d + pivot] = 0;
        }
    }
}
