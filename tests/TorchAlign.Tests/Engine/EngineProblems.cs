using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Networks;

namespace TorchAlign.Tests.Engine;

/// <summary>Named problems with known answers, and starts made from a seed.</summary>
internal static class EngineProblems
{
    /// <summary>u_bar of <see cref="Planar"/>.</summary>
    public static readonly double[] PlanarDirection = [Math.Cos(0.7), Math.Sin(0.7)];

    public const double PlanarMargin = 0.1396;

    /// <summary>
    /// n = 40 points in the plane, margin 0.1396, support vectors gamma u_bar + 0.27 e and gamma u_bar - 0.93 e (e
    /// orthogonal to u_bar), so dual weights 0.775 and 0.225; v = x e with x (0.27 + 0.93) = ln(0.225 / 0.775).
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

    /// <summary>Steps to clock value s, on which every stepper lands exactly.</summary>
    public static void Run(IStepper stepper, IVectorField field, Clock clock, TrajectoryPoint point, double s)
    {
        stepper.Start(new FlowSystem(field, clock), point);
        while (point.Clock < s) Assert.Equal(StepOutcome.Advanced, stepper.Step(point, s));
        Assert.Equal(s, point.Clock);
    }

    /// <summary>
    /// n = 200 points in R^10, margin 0.1, ten support vectors gamma u_bar + t_i with sum_i a_i t_i = 0 for dual
    /// weights a drawn between 0.03 and 1.03 (then normalised); |v| from v orthogonal to u_bar with &lt;v, t_i -
    /// t_0&gt; = ln(a_0 / a_i).
    /// </summary>
    public static (double[] Z, double[] Direction, double Residual) TenSupportVectors()
    {
        const int n = 200, d = 10;
        const double margin = 0.1;
        var random = new Random(11);
        double[] dual = [.. Enumerable.Range(0, d).Select(_ => 0.03 + random.NextDouble())];
        var across = new double[d, d - 1];
        for (var i = 0; i < d - 1; i++)
            for (var j = 0; j < d - 1; j++)
            {
                across[i, j] = 0.5 * (random.NextDouble() - 0.5);
                across[d - 1, j] -= dual[i] * across[i, j] / dual[d - 1];
            }
        var longest = Enumerable.Range(0, d).Max(
            i => Math.Sqrt(Enumerable.Range(0, d - 1).Sum(j => across[i, j] * across[i, j])));
        var z = new double[n * d];
        for (var i = 0; i < n; i++)
        {
            z[i * d] = i < d ? margin : margin + 0.05 + 0.3 * random.NextDouble();
            for (var j = 0; j < d - 1; j++)
            {
                if (i < d) across[i, j] *= 0.95 / longest;
                z[i * d + 1 + j] = i < d ? across[i, j] : 0.4 * (random.NextDouble() - 0.5);
            }
        }
        var equations = new double[d - 1, d];
        for (var i = 1; i < d; i++)
        {
            for (var j = 0; j < d - 1; j++) equations[i - 1, j] = across[i, j] - across[0, j];
            equations[i - 1, d - 1] = Math.Log(dual[0] / dual[i]);
        }
        var v = SolveLinear(equations);
        // A reflection turns u_bar away from the first axis.
        double[] normal = [.. Enumerable.Range(0, d).Select(_ => random.NextDouble() - 0.5)];
        var direction = new double[d];
        direction[0] = 1;
        Reflect(direction);
        for (var i = 0; i < n; i++) Reflect(z.AsSpan(i * d, d));
        return (z, direction, Math.Sqrt(v.Sum(value => value * value)));

        void Reflect(Span<double> x)
        {
            var (product, square) = (0.0, 0.0);
            for (var j = 0; j < d; j++) (product, square) = (product + x[j] * normal[j], square + normal[j] * normal[j]);
            for (var j = 0; j < d; j++) x[j] -= 2 * product / square * normal[j];
        }
    }

    /// <summary>Gauss-Jordan with pivots on an augmented matrix (m, m + 1).</summary>
    private static double[] SolveLinear(double[,] a)
    {
        var m = a.GetLength(0);
        for (var c = 0; c < m; c++)
        {
            var pivot = Enumerable.Range(c, m - c).MaxBy(i => Math.Abs(a[i, c]));
            for (var j = 0; j <= m; j++) (a[c, j], a[pivot, j]) = (a[pivot, j], a[c, j]);
            for (var i = 0; i < m; i++)
            {
                if (i == c) continue;
                var factor = a[i, c] / a[c, c];
                for (var j = c; j <= m; j++) a[i, j] -= factor * a[c, j];
            }
        }
        return [.. Enumerable.Range(0, m).Select(i => a[i, m] / a[i, i])];
    }

    /// <summary>1 - cos and sin(angle) ||w|| from the perpendicular residual.</summary>
    public static (double OneMinusCosine, double Residual) Angle(ReadOnlySpan<double> w, double[] direction)
    {
        var (along, square, across) = (0.0, 0.0, 0.0);
        for (var j = 0; j < w.Length; j++) (along, square) = (along + w[j] * direction[j], square + w[j] * w[j]);
        for (var j = 0; j < w.Length; j++) across += Math.Pow(w[j] - along * direction[j], 2);
        var (norm, residual) = (Math.Sqrt(square), Math.Sqrt(across));
        var sine = residual / norm;
        return (along > 0 ? sine * sine / (1 + along / norm) : 1 - along / norm, residual);
    }
}
