using TorchAlign.Alignment;
using TorchAlign.Networks;

namespace TorchAlign.Tests.Reporting;

/// <summary>
/// A real flow, written without the library, so that charts can be judged before and apart from it: classical Runge-Kutta
/// on dW/ds = F / (|F|^2 + |F| / |W|), F = -grad log R, exponential loss, on a planar set whose maximum-margin direction is
/// known by construction.
/// </summary>
internal sealed class SyntheticRun
{
    public const double Gamma = 0.14;
    private const double Angle = 0.95;
    private const int Points = 40;
    private readonly NetworkShape _shape;
    private readonly double[][] _z;

    public SyntheticRun(int depth, int width, int seed = 7)
    {
        _shape = NetworkShape.Uniform(2, depth, width);
        (X, Y) = Data(seed);
        _z = [.. X.Zip(Y, (x, y) => new[] { y * x[0], y * x[1] })];
    }

    public NetworkShape Shape => _shape;

    public double[][] X { get; }

    public int[] Y { get; }

    public static double[] Direction => [Math.Cos(Angle), Math.Sin(Angle)];

    /// <summary>|v| = |ln(a_1/a_2)| / |z_1 - z_2| for the two support vectors, rows 0 and 1.</summary>
    public static double Residual => Math.Log(0.7 / 0.2) / 0.9;

    public List<Observation> Run(int steps, double scale, double h = 0.25, int samples = 240)
    {
        var random = new Random(11 + _shape.Depth);
        var w = new double[_shape.Length];
        for (var i = 0; i < w.Length; i++) w[i] = scale * Normal(random);
        // Balanced along the flow from any start; a zero first layer meets Assumption 2 [JT].
        if (_shape.Depth > 1) Array.Clear(w, 0, _shape.Layout.LengthOf(0));
        var initial = Balancedness(w);
        var observations = new List<Observation>();
        var logTime = double.NegativeInfinity;
        var growth = Math.Pow(steps, 1.0 / samples);
        var next = 0.0;
        var k = new double[4][];
        for (var step = 0; step <= steps; step++)
        {
            k[0] = Field(w, out var logRisk, out var logGradient, out var phi);
            if (step >= next || step == steps)
            {
                observations.Add(Observe(w, step, h, logTime, logRisk, logGradient, initial));
                next = Math.Max(step + 1, step * growth);
            }
            var logDt = Math.Log(h / phi) - logRisk;
            logTime = Math.Max(logTime, logDt) + double.LogP1(Math.Exp(-Math.Abs(logTime - logDt)));
            k[1] = Field(Add(w, h / 2, k[0]), out _, out _, out _);
            k[2] = Field(Add(w, h / 2, k[1]), out _, out _, out _);
            k[3] = Field(Add(w, h, k[2]), out _, out _, out _);
            for (var i = 0; i < w.Length; i++) w[i] += h / 6 * (k[0][i] + 2 * k[1][i] + 2 * k[2][i] + k[3][i]);
        }
        return observations;
    }

    private static (double[][], int[]) Data(int seed)
    {
        var random = new Random(seed);
        double[] u = Direction, p = [-u[1], u[0]];
        var x = new double[Points][];
        var y = new int[Points];
        for (var i = 0; i < Points; i++)
        {
            double along, across;
            if (i < 2) (along, across) = (Gamma, i == 0 ? 0.2 : -0.7);
            else
                do (along, across) = (Gamma + 0.02 + 0.8 * random.NextDouble(), 1.8 * random.NextDouble() - 0.9);
                while (along * along + across * across > 1);
            y[i] = i % 2 == 0 ? 1 : -1;
            x[i] = [y[i] * (along * u[0] + across * p[0]), y[i] * (along * u[1] + across * p[1])];
        }
        return (x, y);
    }

    private double[] Field(double[] w, out double logRisk, out double logGradient, out double phi)
    {
        var prefixes = Prefixes(w);
        var product = prefixes[^1];
        var margins = _z.Select(z => z[0] * product[0] + z[1] * product[1]).ToArray();
        var least = margins.Min();
        var q = margins.Select(m => Math.Exp(least - m)).ToArray();
        var sum = q.Sum();
        logRisk = -least + Math.Log(sum / Points);
        double[] g = [0, 0];
        for (var i = 0; i < Points; i++)
            for (var j = 0; j < 2; j++)
                g[j] += q[i] / sum * _z[i][j];
        var f = new double[w.Length];
        // a = (W_L ... W_{k+1})^T, b = W_{k-1} ... W_1 g; F_k = a b^T.
        double[] a = [1];
        for (var layer = _shape.Depth - 1; layer >= 0; layer--)
        {
            int rows = _shape.Rows(layer), columns = _shape.Columns(layer);
            var b = new double[columns];
            for (var c = 0; c < columns; c++)
                b[c] = layer == 0 ? g[c] : prefixes[layer - 1][2 * c] * g[0] + prefixes[layer - 1][2 * c + 1] * g[1];
            var target = _shape.Layer(f.AsSpan(), layer);
            var matrix = _shape.Layer((ReadOnlySpan<double>)w, layer);
            var below = new double[columns];
            for (var r = 0; r < rows; r++)
                for (var c = 0; c < columns; c++)
                {
                    target[r * columns + c] = a[r] * b[c];
                    below[c] += a[r] * matrix[r * columns + c];
                }
            a = below;
        }
        var norm = Math.Sqrt(f.Sum(v => v * v));
        logGradient = logRisk + Math.Log(norm);
        phi = norm * norm + norm / Math.Sqrt(w.Sum(v => v * v));
        for (var i = 0; i < f.Length; i++) f[i] /= phi;
        return f;
    }

    /// <summary>W_k ... W_1 for each k, row-major (d_k, 2).</summary>
    private List<double[]> Prefixes(double[] w)
    {
        var prefixes = new List<double[]>();
        double[] below = [1, 0, 0, 1];
        for (var layer = 0; layer < _shape.Depth; layer++)
        {
            below = Multiply(_shape.Layer((ReadOnlySpan<double>)w, layer).ToArray(), _shape.Rows(layer), _shape.Columns(layer), below, 2);
            prefixes.Add(below);
        }
        return prefixes;
    }

    private Observation Observe(
        double[] w, int step, double h, double logTime, double logRisk, double logGradient, List<double[]> initial)
    {
        var product = Prefixes(w)[^1];
        var rho = Norm(product);
        var layers = Enumerable.Range(0, _shape.Depth)
            .Select(l => SmallSvd.First(_shape.Layer((ReadOnlySpan<double>)w, l).ToArray(), _shape.Rows(l), _shape.Columns(l))).ToArray();
        var frobenius = layers.Select(l => l.Frobenius).ToArray();
        var norms = frobenius.Aggregate(1.0, (x, y) => x * y);
        var total = frobenius.Sum(x => x * x);
        var u = Direction;
        var along = product[0] * u[0] + product[1] * u[1];
        var across = Math.Abs(product[1] * u[0] - product[0] * u[1]);
        var margin = _z.Min(z => z[0] * product[0] + z[1] * product[1]);
        return new Observation
        {
            Step = step,
            Evaluations = 4L * step,
            Clock = step * h,
            LogTime = logTime,
            LogRisk = logRisk,
            LogGradientNorm = logGradient,
            Product = product,
            ProductNorm = rho,
            FrobeniusNorms = frobenius,
            SpectralRatios = [.. layers.Select(l => l.Sigma / l.Frobenius)],
            RankOneResiduals = [.. layers.Select(l => l.Residual / l.Frobenius)],
            AdjacentAlignments = [.. layers.Zip(layers.Skip(1), (a, b) => Math.Abs(a.U.Zip(b.V, (x, y) => x * y).Sum()))],
            ProductAlignment = Math.Abs((product[0] * layers[0].V[0] + product[1] * layers[0].V[1]) / norms),
            FirstRightAlignment = Math.Abs(u[0] * layers[0].V[0] + u[1] * layers[0].V[1]),
            OneMinusCosine = along > 0 ? across * across / (rho * (rho + along)) : 1 - along / rho,
            AngleTimesNorm = across,
            DirectionMargin = margin / rho,
            NormalizedMargin = margin / norms,
            SmoothedMargin = (-logRisk - Math.Log(Points)) / Math.Pow(total, _shape.Depth / 2.0),
            BalancednessDrift = initial.Zip(Balancedness(w), (x, y) => Norm([.. x.Zip(y, (p, q) => p - q)]))
                .DefaultIfEmpty(0).Max() / total,
        };
    }

    private List<double[]> Balancedness(double[] w)
    {
        var defects = new List<double[]>();
        for (var l = 0; l + 1 < _shape.Depth; l++)
        {
            int n = _shape.Rows(l), above = _shape.Rows(l + 1), below = _shape.Columns(l);
            var defect = new double[n * n];
            var next = _shape.Layer((ReadOnlySpan<double>)w, l + 1);
            var here = _shape.Layer((ReadOnlySpan<double>)w, l);
            for (var i = 0; i < n; i++)
                for (var j = 0; j < n; j++)
                {
                    for (var r = 0; r < above; r++) defect[i * n + j] += next[r * n + i] * next[r * n + j];
                    for (var c = 0; c < below; c++) defect[i * n + j] -= here[i * below + c] * here[j * below + c];
                }
            defects.Add(defect);
        }
        return defects;
    }

    private static double[] Multiply(double[] a, int rows, int inner, double[] b, int columns)
    {
        var c = new double[rows * columns];
        for (var i = 0; i < rows; i++)
            for (var k = 0; k < inner; k++)
                for (var j = 0; j < columns; j++)
                    c[i * columns + j] += a[i * inner + k] * b[k * columns + j];
        return c;
    }

    private static double[] Add(double[] w, double h, double[] k) => [.. w.Zip(k, (x, y) => x + h * y)];

    private static double Norm(double[] x) => Math.Sqrt(x.Sum(v => v * v));

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
