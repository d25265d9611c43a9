namespace TorchAlign.MaxMargin;

/// <summary>
/// Sums and inner products as if computed with twice the digits of float64 and then rounded (T. Ogita, S. Rump, S. Oishi, <i>Accurate sum
/// and dot product</i>, SIAM J. Sci. Comput. 26, 2005, algorithms 2.1 and 5.3; products by fused multiply-add). The error left is about
/// 2^-53 |result| + n^2 2^-106 sum |x_j y_j|: enough to refine a solution, while proofs use <see cref="Numerics.ExactSum"/>.
/// </summary>
internal struct TwiceDouble
{
    private double high;
    private double low;

    public TwiceDouble(double start) => high = start;

    public readonly double Value => high + low;

    public void Add(double x)
    {
        double sum = high + x;
        double part = sum - high;
        low += (high - (sum - part)) + (x - part);
        high = sum;
    }

    public void AddProduct(double x, double y)
    {
        double product = x * y;
        low += Math.FusedMultiplyAdd(x, y, -product);
        Add(product);
    }

    /// <summary><paramref name="start"/> + &lt;x, y&gt;.</summary>
    public static double Dot(ReadOnlySpan<double> x, ReadOnlySpan<double> y, double start = 0)
    {
        var sum = new TwiceDouble(start);
        for (int j = 0; j < x.Length; j++) sum.AddProduct(x[j], y[j]);
        return sum.Value;
    }

    public static double Sum(ReadOnlySpan<double> x)
    {
        var sum = new TwiceDouble(0);
        foreach (double value in x) sum.Add(value);
        return sum.Value;
    }

    public static double Norm(ReadOnlySpan<double> x) => Math.Sqrt(Dot(x, x));
}
