using System.Numerics.Tensors;

namespace TorchAlign.MaxMargin;

/// <summary>
/// Systems with the Gram matrix K = Z_S Z_S^T of a selection S of independent points, by conjugate gradients: K is never formed, a
/// step costs two products with the points (M. Hestenes, E. Stiefel, <i>Methods of conjugate gradients for solving linear systems</i>,
/// J. Res. NBS 49, 1952).
/// </summary>
/// <param name="products">With all n points.</param>
/// <param name="count">n.</param>
/// <param name="dimension">d.</param>
internal sealed class SelectedPoints(PointProducts products, int count, int dimension)
{
    /// <summary>Steps of conjugate gradients over all systems; those of sets of documents take some hundreds.</summary>
    public const int MostSteps = 10_000;

    private readonly double[] _residual = new double[count], _search = new double[count], _image = new double[count];
    private readonly double[] _sum = new double[dimension];

    /// <summary>Which points are selected (n).</summary>
    public bool[] Mask { get; } = new bool[count];

    /// <summary>Steps so far, of all systems.</summary>
    public int Steps { get; private set; }

    /// <summary>
    /// Improves x (n, 0 outside the selection) until ||b - K x|| &lt;= tolerance ||b||.
    /// </summary>
    /// <returns>False where it did not get there in all: the selection is dependent, or K too ill-conditioned.</returns>
    public bool Solve(double[] b, double[] x, double tolerance, int mostSteps, CancellationToken ct)
    {
        Multiply(x, _image);
        for (var i = 0; i < count; i++) _residual[i] = Mask[i] ? b[i] - _image[i] : 0;
        _residual.CopyTo(_search, 0);
        var square = TensorPrimitives.SumOfSquares<double>(_residual);
        var target = 0.0;
        for (var i = 0; i < count; i++) target += Mask[i] ? b[i] * b[i] : 0;
        target *= tolerance * tolerance;
        while (square > target)
        {
            ct.ThrowIfCancellationRequested();
            if (Steps++ >= mostSteps) return false;
            Multiply(_search, _image);
            var curvature = TensorPrimitives.Dot<double>(_search, _image);
            if (!(curvature > 0)) return false;
            var step = square / curvature;
            TensorPrimitives.MultiplyAdd<double>(_search, step, x, x);
            TensorPrimitives.MultiplyAdd<double>(_image, -step, _residual, _residual);
            var next = TensorPrimitives.SumOfSquares<double>(_residual);
            TensorPrimitives.MultiplyAdd<double>(_search, next / square, _residual, _search);
            square = next;
        }
        return double.IsFinite(square);
    }

    /// <summary>K x (n), 0 outside the selection, as x is.</summary>
    public void Multiply(double[] x, double[] image)
    {
        products.MultiplyTransposed(x, _sum);
        products.Multiply(_sum, image, Mask);
    }
}
