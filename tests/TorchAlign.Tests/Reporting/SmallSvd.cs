namespace TorchAlign.Tests.Reporting;

/// <summary>The first singular triple of a small matrix by one-sided Jacobi rotations.</summary>
internal sealed record SmallSvd(double Frobenius, double Sigma, double Residual, double[] U, double[] V)
{
    public static SmallSvd First(double[] matrix, int rows, int columns)
    {
        var a = (double[])matrix.Clone();
        var v = new double[columns * columns];
        for (var i = 0; i < columns; i++) v[i * columns + i] = 1;
        for (var sweep = 0; sweep < 30; sweep++)
            for (var p = 0; p < columns; p++)
                for (var q = p + 1; q < columns; q++)
                    Rotate(a, v, rows, columns, p, q);
        var squares = Enumerable.Range(0, columns)
            .Select(c => Enumerable.Range(0, rows).Sum(r => a[r * columns + c] * a[r * columns + c])).ToArray();
        var first = Array.IndexOf(squares, squares.Max());
        var sigma = Math.Sqrt(squares[first]);
        return new SmallSvd(
            Math.Sqrt(squares.Sum()), sigma, Math.Sqrt(squares.Where((_, c) => c != first).Sum()),
            [.. Enumerable.Range(0, rows).Select(r => a[r * columns + first] / sigma)],
            [.. Enumerable.Range(0, columns).Select(r => v[r * columns + first])]);
    }

    private static void Rotate(double[] a, double[] v, int rows, int columns, int p, int q)
    {
        double pp = 0, qq = 0, pq = 0;
        for (var r = 0; r < rows; r++)
        {
            pp += a[r * columns + p] * a[r * columns + p];
            qq += a[r * columns + q] * a[r * columns + q];
            pq += a[r * columns + p] * a[r * columns + q];
        }
        if (pq == 0) return;
        var zeta = (qq - pp) / (2 * pq);
        var t = (zeta < 0 ? -1 : 1) / (Math.Abs(zeta) + Math.Sqrt(1 + zeta * zeta));
        var c = 1 / Math.Sqrt(1 + t * t);
        var s = c * t;
        Turn(a, rows, columns, p, q, c, s);
        Turn(v, columns, columns, p, q, c, s);
    }

    private static void Turn(double[] m, int rows, int columns, int p, int q, double c, double s)
    {
        for (var r = 0; r < rows; r++)
        {
            var (x, y) = (m[r * columns + p], m[r * columns + q]);
            m[r * columns + p] = c * x - s * y;
            m[r * columns + q] = s * x + c * y;
        }
    }
}
