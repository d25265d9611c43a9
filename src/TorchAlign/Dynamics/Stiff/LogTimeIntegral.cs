using TorchAlign.Checkpoints;
using TorchAlign.Losses;
using TorchAlign.Numerics;

namespace TorchAlign.Dynamics;

/// <summary>
/// log of integral exp(l(s)) ds over a step, l = log dt/ds, for steps in which dt/ds grows by any factor: l, not
/// dt/ds, is interpolated (Hermite, by values and slopes at the ends of this step and of the one before, degree 5;
/// degree 3 in the first step), and exp of the interpolant integrated by Gauss-Legendre panels from the end of the
/// step back, until what is left no longer counts in float64.
/// </summary>
internal sealed class LogTimeIntegral : IResumable
{
    /// <summary>
    /// Six Gauss-Legendre points integrate exp over a panel in which l changes by at most this to 1e-11.
    /// </summary>
    private const double PanelGrowth = 2;

    /// <summary>exp(-38) is below the rounding of the sum.</summary>
    private const double Forgotten = 38;

    private readonly double[] _nodes = new double[6];
    private readonly double[] _coefficients = new double[6];
    private (double S, double Rate, double Slope) _before, _from;
    private int _known, _degree;

    /// <summary>Forgets all steps and begins at s with l and dl/ds.</summary>
    internal void Start(double s, double logRate, double slope) => (_from, _known) = ((s, logRate, slope), 1);

    public void Save(Snapshot memory)
    {
        memory.Write("known", _known);
        memory.Write("points", [_from.S, _from.Rate, _from.Slope, _before.S, _before.Rate, _before.Slope]);
    }

    public void Restore(Snapshot memory)
    {
        _known = (int)memory.ReadInt64("known");
        var points = memory.ReadDoubles("points", 6);
        (_from, _before) = ((points[0], points[1], points[2]), (points[3], points[4], points[5]));
    }

    /// <summary>log of the t that passes between the point given last and this one.</summary>
    internal double Advance(double s, double logRate, double slope)
    {
        var to = (s, logRate, slope);
        Interpolate(to);
        var result = Integrate(_from.S, s, slope);
        (_before, _from, _known) = (_from, to, 2);
        return result;
    }

    /// <summary>
    /// Divided differences with the newest node first: evaluation is exact where the integral has its weight.
    /// </summary>
    private void Interpolate((double S, double Rate, double Slope) to)
    {
        ReadOnlySpan<(double S, double Rate, double Slope)> points = [to, _from, _before];
        _degree = _known == 1 ? 3 : 5;
        for (var i = 0; i <= _degree; i++) (_nodes[i], _coefficients[i]) = (points[i / 2].S, points[i / 2].Rate);
        for (var order = 1; order <= _degree; order++)
            for (var i = _degree; i >= order; i--)
                _coefficients[i] = order == 1 && i % 2 == 1
                    ? points[i / 2].Slope
                    : (_coefficients[i] - _coefficients[i - 1]) / (_nodes[i] - _nodes[i - order]);
    }

    private double Value(double s)
    {
        var value = _coefficients[_degree];
        for (var i = _degree - 1; i >= 0; i--) value = value * (s - _nodes[i]) + _coefficients[i];
        return value;
    }

    private double Integrate(double from, double to, double slope)
    {
        var sum = double.NegativeInfinity;
        var right = to;
        var width = Math.Min(to - from, PanelGrowth / Math.Abs(slope));
        while (right > from)
        {
            if (Value(right) + Math.Log(right - from) < sum - Forgotten && Value(from) < Value(right)) break;
            width = Math.Min(width, right - from);
            while (Math.Abs(Value(right) - Value(right - width)) > 2 * PanelGrowth) width /= 2;
            var left = width >= right - from ? from : right - width;
            sum = LogDomain.LogAddExp(sum, Panel(left, right));
            if (left >= right) break;
            if (Math.Abs(Value(right) - Value(left)) < PanelGrowth / 2) width *= 2;
            right = left;
        }
        return sum;
    }

    private double Panel(double left, double right)
    {
        var (middle, half) = ((left + right) / 2, (right - left) / 2);
        var reference = Value(middle);
        var sum = 0.0;
        var (points, weights) = GaussLegendre.Six;
        for (var i = 0; i < points.Length; i++)
            sum += weights[i] * (Math.Exp(Value(middle + half * points[i]) - reference)
                + Math.Exp(Value(middle - half * points[i]) - reference));
        return reference + Math.Log(half * sum);
    }
}
