namespace TorchAlign.Claims;

/// <summary>Least squares for y = slope x + intercept.</summary>
public readonly record struct LineFit(double Slope, double Intercept)
{
    /// <summary>Fits points (x_i, y_i); two different x at least, else the slope is NaN.</summary>
    public static LineFit Of(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        double meanX = x.Average(), meanY = y.Average();
        double products = 0, squares = 0;
        for (var i = 0; i < x.Count; i++)
        {
            products += (x[i] - meanX) * (y[i] - meanY);
            squares += (x[i] - meanX) * (x[i] - meanX);
        }
        var slope = products / squares;
        return new LineFit(slope, meanY - slope * meanX);
    }
}
