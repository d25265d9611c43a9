using System.Numerics.Tensors;
using TorchAlign.Data;
using TorchAlign.Numerics;
using TorchSharp;

namespace TorchAlign.MaxMargin;

/// <summary>
/// Proves in float64 that positive weights near given ones combine points to 0 exactly, where r + 1 points have r coordinates that are
/// not 0 in all of them, and are in general position there.
/// </summary>
/// <remarks>
/// With the weight of one point held, the others solve a square system M a = b. For an approximate inverse R and solution a,
/// ||I - R M|| &lt; 1 shows that M is regular, and its solution differs from a in entry i by at most v_i + ||v|| ||I - R M|| /
/// (1 - ||I - R M||), v = |R| |b - M a|, all norms the largest of the rows (S. M. Rump, <i>Verification methods</i>, Acta Numerica 19,
/// 2010, section 10). Here b - M a is exact, and the rounding of R M is bounded whatever the order of its sums.
/// </remarks>
internal static class VerifiedCombination
{
    /// <summary>Of the weights, by R times an exact residual: each gains some 16 - log10(condition) digits.</summary>
    private const int Refinements = 3;

    /// <summary>Covers the rounding of the few sums and products below that are not exact, each relative to its result.</summary>
    private const double Outward = 1 + 1e-9;

    /// <summary>Covers what underflows: fewer than 2^40 products of at most 2^-1074 each.</summary>
    private const double Underflow = 1e-290;

    /// <summary>The weights (one per point of <paramref name="indices"/>), refined, if that proves them; else null.</summary>
    public static double[]? Prove(SignedPoints points, int[] indices, double[] weights)
    {
        int r = indices.Length - 1;
        int[] coordinates = [.. Enumerable.Range(0, points.Dimension).Where(j => indices.Any(i => points.Given(i)[j] != 0))];
        if (r < 1 || coordinates.Length != r) return null;
        int held = Array.IndexOf(weights, weights.Max());
        int[] order = [held, .. Enumerable.Range(0, r + 1).Where(k => k != held)];
        var m = new Matrix(r, r + 1); // column 0 is the held point
        for (int c = 0; c <= r; c++)
        {
            int i = indices[order[c]];
            for (int j = 0; j < r; j++)
            {
                double value = points.Given(i)[coordinates[j]];
                m[j, c] = points.Sign(i) * Math.ScaleB(value, -points.Exponent);
                if (Math.ScaleB(m[j, c], points.Exponent) != points.Sign(i) * value) return null; // underflow
            }
        }

        double[] a = [.. order.Select(k => weights[k] / weights[held])];
        Matrix system = m.ColumnRange(1, r);
        if (Inverse(system) is not { } inverse) return null;
        double defect = Defect(inverse, system);
        if (!(defect < 0.5)) return null;
        var residual = new double[r];
        for (int pass = 0; pass < Refinements; pass++)
        {
            Residual(m, a, residual, magnitude: false);
            for (int k = 0; k < r; k++) a[k + 1] -= TensorPrimitives.Dot<double>(inverse.Row(k), residual);
        }

        Residual(m, a, residual, magnitude: true);
        var error = new double[r];
        for (int k = 0; k < r; k++) error[k] = Outward * (SumOfProducts(inverse.Row(k), residual) + Underflow);
        double rest = Outward * error.Max() * defect / (1 - defect);
        for (int k = 0; k < r; k++)
            if (!(a[k + 1] > Outward * (error[k] + rest))) return null;
        var proved = new double[r + 1];
        for (int k = 0; k <= r; k++) proved[order[k]] = a[k];
        return proved;
    }

    /// <summary>Null if float64 finds the matrix singular.</summary>
    private static Matrix? Inverse(Matrix matrix)
    {
        try
        {
            using torch.Tensor tensor = matrix.ToTensor(), inverse = torch.linalg.inv(tensor);
            return inverse.ToMatrix();
        }
        catch (System.Runtime.InteropServices.ExternalException)
        {
            return null;
        }
    }

    /// <summary>At least the largest row sum of |I - R M|.</summary>
    private static double Defect(Matrix inverse, Matrix matrix)
    {
        int r = matrix.Rows;
        Matrix product = inverse * matrix;
        var rowSums = new double[r];
        for (int j = 0; j < r; j++) rowSums[j] = TensorPrimitives.SumOfMagnitudes<double>(matrix.Row(j));
        double largest = 0;
        for (int i = 0; i < r; i++)
        {
            product[i, i] -= 1;
            double rounding = (r + 2) * MarginCertificate.UnitRoundoff * SumOfProducts(inverse.Row(i), rowSums);
            largest = Math.Max(largest, TensorPrimitives.SumOfMagnitudes<double>(product.Row(i)) + rounding + Underflow);
        }

        return Outward * largest;
    }

    /// <summary>M a (r), of which the exact value is rounded up in magnitude.</summary>
    private static void Residual(Matrix m, double[] a, double[] residual, bool magnitude)
    {
        var sum = new ExactSum();
        for (int j = 0; j < residual.Length; j++)
        {
            sum.Clear();
            for (int c = 0; c < a.Length; c++) sum.AddProduct(m[j, c], a[c]);
            double value = sum.Sign() < 0 ? sum.Floor().ToDouble(up: false) : sum.Ceiling().ToDouble(up: true);
            residual[j] = magnitude ? Math.Abs(value) : value;
        }
    }

    /// <summary>sum |x_j| y_j of y >= 0.</summary>
    private static double SumOfProducts(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        double sum = 0;
        for (int j = 0; j < x.Length; j++) sum += Math.Abs(x[j]) * y[j];
        return sum;
    }
}
