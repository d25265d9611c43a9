using TorchAlign.Claims;

namespace TorchAlign.Experiments.Bench;

/// <summary>cost = factor * size^exponent.</summary>
public sealed record PowerFit(double Exponent, double Factor)
{
    /// <summary>Least squares on the logarithms.</summary>
    /// <exception cref="ArgumentException">Fewer than two sizes, unequal lengths, or sizes or costs that are not positive.</exception>
    public static PowerFit Of(IReadOnlyList<double> sizes, IReadOnlyList<double> costs)
    {
        if (sizes.Count != costs.Count || sizes.Distinct().Count() < 2)
            throw new ArgumentException($"{sizes.Count} sizes and {costs.Count} costs: a fit needs two different sizes, and a cost for each.");
        if (sizes.Concat(costs).Any(value => !(value > 0)))
            throw new ArgumentException("Sizes and costs must be positive.");
        double[] x = [.. sizes.Select(size => Math.Log(size))];
        double[] y = [.. costs.Select(cost => Math.Log(cost))];
        var line = LineFit.Of(x, y);
        return new PowerFit(line.Slope, Math.Exp(line.Intercept));
    }
}
