using TorchAlign.Dynamics;
using TorchAlign.Networks;

namespace TorchAlign.Tests.Engine;

/// <summary>Named problems with known answers, and starts made from a seed.</summary>
internal static class EngineProblems
{
    /// <summary>u_bar of <see cref="Planar"/>.</summary>
    public static readonly double[] PlanarDirection = [Math.Cos(0.7), Math.Sin(0.7)];

    public const double PlanarMargin = 0.1396;

    /// <summary>
    /// n = 40 points in the plane, margin 0.1396, support vectors gamma u_bar + 0.27 e and gamma u_bar - 0.93 e (e orthogonal to
    /// u_bar), so dual weights 0.775 and 0.225; v = x e with x (0.27 + 0.93) = ln(0.225 / 0.775).
    /// </summary>
    public static (double[] Z, double Residual) Planar()
    {
        const double first = 0.27, second = 0.93;
        var random = new Random(5);
        List<(double Along, double Across)> points = [(PlanarMargin, first), (PlanarMargin, -second)];
        while (points.Count < 40)
            points.Add((PlanarMargin + 0.05 + 0.7 * random.NextDouble(), 0.9 * (random.NextDouble() - 0.5)));
        var (cos, sin) = (PlanarDirection[0], PlanarDirection[1]);
        double[] z = [.. points.SelectMany(p => new[] { cos * p.Along - sin * p.Across, sin * p.Along + cos * p.Across })];
        return (z, Math.Abs(Math.Log(0.225 / 0.775)) / (first + second));
    }

    /// <summary>Points (n, d) with positive margins along the all-ones direction.</summary>
    public static double[] Separable(int n, int d, int seed)
    {
        var random = new Random(seed);
        var z = new double[n * d];
        for (var i = 0; i < z.Length; i++) z[i] = (random.NextDouble() * 2 - 0.9) / Math.Sqrt(d);
        for (var i = 0; i < n; i++)
        {
            var row = z.AsSpan(i * d, d);
            var sum = 0.0;
            foreach (var value in row) sum += value;
            if (sum < 0)
                for (var j = 0; j < d; j++) row[j] = -row[j];
        }
        return z;
    }

    /// <summary>Gaussian layers, standard deviation scale / sqrt(columns).</summary>
    public static double[] Gaussian(NetworkShape shape, int seed, double scale = 1)
    {
        var random = new Random(seed);
        var w = new double[shape.Length];
        for (var k = 0; k < shape.Depth; k++)
            foreach (ref var value in shape.Layer(w.AsSpan(), k))
                value = scale / Math.Sqrt(shape.Columns(k)) * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()))
                    * Math.Cos(2 * Math.PI * random.NextDouble());
        return w;
    }

    /// <summary>1 - cos and sin(angle) ||w|| of a planar w_prod, from the perpendicular residual.</summary>
    public static (double OneMinusCosine, double Residual) PlanarAngle(ReadOnlySpan<double> w)
    {
        var across = Math.Abs(PlanarDirection[0] * w[1] - PlanarDirection[1] * w[0]);
        var along = PlanarDirection[0] * w[0] + PlanarDirection[1] * w[1];
        var norm = Math.Sqrt(w[0] * w[0] + w[1] * w[1]);
        var sine = across / norm;
        return (along > 0 ? sine * sine / (1 + along / norm) : 1 - along / norm, across);
    }

    /// <summary>W_{k+1}^T W_{k+1} - W_k W_k^T for every k &lt; L, one after the other.</summary>
    public static double[] Invariants(NetworkShape shape, double[] w)
    {
        List<double> entries = [];
        for (var k = 0; k < shape.Depth - 1; k++)
        {
            int width = shape.Rows(k), columns = shape.Columns(k), rows = shape.Rows(k + 1);
            int lower = shape.Layout.Offset(k), upper = shape.Layout.Offset(k + 1);
            for (var i = 0; i < width; i++)
                for (var j = 0; j < width; j++)
                {
                    var sum = 0.0;
                    for (var r = 0; r < rows; r++) sum += w[upper + r * width + i] * w[upper + r * width + j];
                    for (var c = 0; c < columns; c++) sum -= w[lower + i * columns + c] * w[lower + j * columns + c];
                    entries.Add(sum);
                }
        }
        return [.. entries];
    }

    /// <summary>||change of the invariants|| / ||W||^2.</summary>
    public static double Drift(NetworkShape shape, double[] start, double[] w)
    {
        var change = Invariants(shape, w).Zip(Invariants(shape, start), (x, y) => (x - y) * (x - y)).Sum();
        return Math.Sqrt(change) / w.Sum(value => value * value);
    }

    public static TrajectoryPoint Point(IVectorField field, double[] start)
    {
        var point = new TrajectoryPoint(field.NewState());
        point.W.CopyFrom(start);
        return point;
    }
}
