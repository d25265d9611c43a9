using TorchAlign.Alignment;
using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Networks.Constraints;
using TorchAlign.Numerics;

namespace TorchAlign.Claims;

/// <summary>
/// Which problems the suite runs: fully connected networks on data that allow invariant alignment and on data that do not, one output
/// under three losses, and constrained layers, on more and more samples, beside free ones on the same data.
/// </summary>
internal static class RadhakrishnanRuns
{
    private const int LongRun = 10_000, ShortRun = 2_000;

    /// <summary>Follows a run of the given name.</summary>
    public delegate AlignmentEvidence Follow(string name, CancellationToken cancellation);

    public static IReadOnlyList<(string Name, Follow Follow)> All(int seed) =>
    [
        ("autoencoder, 6-8-6-6", (name, token) => Allowing(name, seed, [6, 8, 6, 6], AutoEncoder(seed, 30, 6), 1, token)),
        ("autoencoder, 5 samples, 8-8-8", (name, token) => Allowing(name, seed, [8, 8, 8], AutoEncoder(seed, 5, 8), 1, token)),
        ("factorisation, 7-9-8-7", (name, token) => Allowing(name, seed, [7, 9, 8, 7], Factorisation(seed, 7, 7), 1, token)),
        ("whitened, 5-6-3", (name, token) => Allowing(name, seed, [5, 6, 3], Whitened(seed, 20, 5, 3), 0.5, token)),
        ("autoencoder, equal singular values, 6-6-6", (name, token) => Tied(name, seed, token)),
        ("factorisation, three times the step, 5-5-5-5", (name, token) => Overshooting(name, seed, token)),
        ("steep and flat modes, 4-4-4", (name, token) => Unstable(name, seed, token)),
        ("regression, 5-6-3", (name, token) => Forbidding(name, seed, token)),
        ("autoencoder, other bases, 5-5-5", (name, token) => OtherBases(name, seed, token)),
        .. from loss in (MarginLoss?[])[null, .. MarginLoss.All]
           from modes in (int[])[1, 3]
           select ($"one output, {loss?.Name ?? "squared"}, {(modes == 1 ? "rank one" : "rank three")}, 5-4-3-1",
               (Follow)((name, token) => OneOutput(name, seed, loss, modes, token))),
        .. from n in (int[])[1, 3, 9]
           from free in (bool[])[true, false]
           select ($"{n} orthonormal samples, {(free ? "free" : "3x3 convolutions")}, 9-9-9-9",
               (Follow)((name, token) => Beside(name, seed, Factorisation(seed, n, 9), free, token))),
        .. from free in (bool[])[true, false]
           select ($"autoencoder, 30 samples, {(free ? "free" : "3x3 convolutions")}, 9-9-9-9",
               (Follow)((name, token) => Beside(name, seed, AutoEncoder(seed, 30, 9), free, token))),
        ("regression, circulants, 8-8-8-8", (name, token) => Circulants(name, seed, token)),
        .. from border in (Border[])[Border.Zero, Border.Circular]
           from coordinates in (Coordinates[])[Coordinates.Orthonormal, Coordinates.Kernel]
           select ($"regression, convolutions, {(border == Border.Zero ? "zero" : "circular")} padding, "
                   + $"{(coordinates == Coordinates.Kernel ? "kernels" : "coefficients")}, 12-24-12",
               (Follow)((name, token) => Convolutions(name, seed, border, coordinates, token))),
    ];

    /// <summary>Equal layers below their limits, no two modes alike, at a share of the explicit step.</summary>
    private static AlignmentEvidence Allowing(
        string name, int seed, int[] widths, RegressionSet data, double share, CancellationToken token)
    {
        var (bases, modes) = DataBases(seed, widths, data);
        var start = bases.State((_, j) => BelowLimit(modes, j));
        return AlignmentRun.Free(name, data, bases, start, share * modes.LargestStep, LongRun, token);
    }

    private static AlignmentEvidence Tied(string name, int seed, CancellationToken token)
    {
        var data = AutoEncoder(seed, 30, 6);
        var (bases, modes) = DataBases(seed, [6, 6, 6], data);
        return AlignmentRun.Free(name, data, bases, bases.State(0.5), 0.5 * modes.LargestStep, LongRun, token);
    }

    private static AlignmentEvidence Overshooting(string name, int seed, CancellationToken token)
    {
        var data = Factorisation(seed, 5, 5);
        var (bases, modes) = DataBases(seed, [5, 5, 5, 5], data);
        var overshot = new RunEnd("overshot", true, "A mode passed its limit.");
        return AlignmentRun.Free(name, data, bases, bases.State((_, j) => BelowLimit(modes, j)), 3 * modes.LargestStep, LongRun, token,
            state =>
            {
                var last = bases.InBases(state, bases.Shape.Depth - 1);
                return Enumerable.Range(0, modes.Count).Any(j => last[j, j] > 1.01 * modes.Limit(j)) ? overshot : null;
            });
    }

    /// <summary>b = (20, 20, 1, 1), s* = (0.1, 0.2, 2, 3): off the diagonals the loss is far steeper than along the modes.</summary>
    private static AlignmentEvidence Unstable(string name, int seed, CancellationToken token)
    {
        var random = new RandomStream(seed);
        double[] b = [20, 20, 1, 1], limits = [0.1, 0.2, 2, 3];
        var (r, u, v) = (Orthogonal.Random(4, random), Orthogonal.Random(4, random), Orthogonal.Random(4, random));
        var data = new RegressionSet(name, r * Matrix.Diagonal(4, 4, [.. b.Select(Math.Sqrt)]).TimesTransposed(v),
            r * Matrix.Diagonal(4, 4, [.. b.Select((value, j) => Math.Sqrt(value) * limits[j] * limits[j])]).TimesTransposed(u));
        var (bases, modes) = DataBases(seed, [4, 4, 4], data);
        var lost = new RunEnd("bases-lost", true, "Rounding off the diagonals grew until the bases were lost.");
        return AlignmentRun.Free(name, data, bases, bases.State((_, j) => 0.5 * modes.Limit(j)), modes.LargestStep, ShortRun, token,
            state => RunMeasures.OffDiagonal(bases, state) > 1e-3 ? lost : null);
    }

    private static AlignmentEvidence Forbidding(string name, int seed, CancellationToken token)
    {
        var data = Regression(seed, 20, 5, 3);
        var (bases, modes) = DataBases(seed, [5, 6, 3], data);
        return AlignmentRun.Free(name, data, bases, bases.State((_, j) => 0.6 - 0.1 * j), 0.1 * modes.LargestStep, ShortRun, token) with
        {
            Generic = true,
        };
    }

    private static AlignmentEvidence OtherBases(string name, int seed, CancellationToken token)
    {
        var (data, random) = (AutoEncoder(seed, 30, 5), new RandomStream(~(long)seed));
        var (_, modes) = DataBases(seed, [5, 5, 5], data);
        var bases = AlignedBases.Around(new NetworkShape(5, 5, 5), Orthogonal.Random(5, random), Orthogonal.Random(5, random), random);
        return AlignmentRun.Free(name, data, bases, bases.State((_, j) => 0.9 - 0.1 * j), 0.5 * modes.LargestStep, ShortRun, token);
    }

    /// <summary>A start with one mode, or with three, of which W_L has but the first.</summary>
    private static AlignmentEvidence OneOutput(string name, int seed, MarginLoss? loss, int modes, CancellationToken token)
    {
        var random = new RandomStream(~(long)seed);
        var bases = AlignedBases.Around(new NetworkShape(5, 4, 3, 1), Matrix.Identity(1), Orthogonal.Random(5, random), random);
        var start = bases.State((_, j) => j < modes ? 0.8 - 0.2 * j : 0);
        return loss is null
            ? AlignmentRun.Free(name, Regression(seed, 20, 5, 1), bases, start, 0.05, ShortRun, token) with { Generic = true }
            : AlignmentRun.Margin(name, Generators.Gaussian(seed, 20, 5, 0.2), loss, bases, start, 0.05, ShortRun, token);
    }

    /// <summary>
    /// Three layers on 3x3 images: 3x3 convolutions, aligned as multiples of one symmetric one; or free, in the data's bases.
    /// </summary>
    private static AlignmentEvidence Beside(string name, int seed, RegressionSet data, bool free, CancellationToken token)
    {
        const double Rate = 0.02;
        var largest = Svd.Of(data.X).S[0];
        var eta = Rate * data.Count / (largest * largest);
        if (free)
        {
            var (bases, _) = DataBases(seed, [9, 9, 9, 9], data);
            return AlignmentRun.Free(name, data, bases, bases.State((_, j) => 1 - 0.05 * j), eta, ShortRun, token);
        }
        var constraint = Convolution.TwoDimensional(1, 1, (3, 3), (3, 3), Border.Zero);
        var raw = constraint.Project(Gaussian(9, 9, new RandomStream(~(long)seed)));
        // Convolutions transpose to convolutions, so this is one too.
        var symmetric = raw + raw.Transpose();
        symmetric = (1 / Svd.Of(symmetric).S[0]) * symmetric;
        var layers = new ConstrainedLayers(constraint, constraint, constraint);
        var q = SymmetricEigen.Of(symmetric).Vectors;
        var start = layers.Nearest([.. symmetric.Values, .. (0.8 * symmetric).Values, .. (1.2 * symmetric).Values]);
        return AlignmentRun.Constrained(name, data, layers, start, Coordinates.Orthonormal, eta, ShortRun, token) with
        {
            Bases = new AlignedBases([q, q, q, q]),
        };
    }

    private static AlignmentEvidence Circulants(string name, int seed, CancellationToken token)
    {
        var circulant = Pattern.Circulant(8);
        var layers = new ConstrainedLayers(circulant, circulant, circulant);
        return AlignmentRun.Constrained(name, Regression(seed, 20, 8, 8), layers, layers.Gaussian(0.7, new RandomStream(~(long)seed)),
            Coordinates.Orthonormal, 0.02, LongRun, token) with
        {
            Generic = true,
        };
    }

    /// <summary>Kernels take the step over the mean ||A_a||_F^2, which is right where all are equal.</summary>
    private static AlignmentEvidence Convolutions(string name, int seed, Border border, Coordinates coordinates, CancellationToken token)
    {
        const double Eta = 0.01;
        var layers = new ConstrainedLayers(
            Convolution.TwoDimensional(1, 2, (3, 4), (3, 3), border), Convolution.TwoDimensional(2, 1, (3, 4), (3, 3), border));
        var scale = coordinates == Coordinates.Orthonormal ? 1
            : layers.Layers.SelectMany(layer => layer.Norms).Average(norm => norm * norm);
        var run = AlignmentRun.Constrained(name, Regression(seed, 40, 12, 12), layers,
            layers.Gaussian(1, new RandomStream(~(long)seed)), coordinates, Eta / scale, ShortRun, token);
        return AlignmentRun.BesideProjected(run, Eta, token) with { Generic = true };
    }

    private static (AlignedBases Bases, AlignedModes Modes) DataBases(int seed, int[] widths, RegressionSet data)
    {
        var shape = new NetworkShape(widths);
        var (moments, random) = (SecondMoments.Of(data), new RandomStream(~(long)seed));
        var decision = DataAlignment.Of(moments);
        var bases = AlignedBases.Around(shape, decision.Left, decision.Right, random);
        return (bases, AlignedModes.Of(decision, moments.Count, bases, new double[shape.Length]));
    }

    /// <summary>Between 0.3 and 0.8 of s_j*, each mode its own share; where the data or the network have no such mode, a number.</summary>
    private static double BelowLimit(AlignedModes modes, int mode)
    {
        var share = 0.3 + 0.5 * (mode * 0.618 % 1);
        return mode < modes.Count && modes.Limit(mode) > 1e-5 ? share * modes.Limit(mode) : share;
    }

    private static RegressionSet AutoEncoder(int seed, int n, int d)
    {
        var x = Gaussian(n, d, new RandomStream(seed));
        return new RegressionSet($"autoencoder(seed={seed}, n={n}, d={d})", x, x);
    }

    /// <summary>n orthonormal samples of d (X = I up to a rotation for n = d), and any targets: ||Y - P X||_F factors Y X^T.</summary>
    private static RegressionSet Factorisation(int seed, int n, int d)
    {
        var random = new RandomStream(seed);
        var x = Orthogonal.Random(d, random).Transpose();
        return new RegressionSet($"factorisation(seed={seed}, n={n}, d={d})",
            new Matrix(n, d, x.Values[..(n * d)].ToArray()), 0.5 * Gaussian(n, d, random));
    }

    private static RegressionSet Whitened(int seed, int n, int d, int outputs)
    {
        var random = new RandomStream(seed);
        return new RegressionSet($"whitened(seed={seed}, n={n}, d={d})",
            Math.Sqrt(n) * Orthogonal.Random(n, random).ColumnRange(0, d), Gaussian(n, outputs, random));
    }

    private static RegressionSet Regression(int seed, int n, int d, int outputs)
    {
        var random = new RandomStream(seed);
        return new RegressionSet($"regression(seed={seed}, n={n}, d={d})", Gaussian(n, d, random), Gaussian(n, outputs, random));
    }

    private static Matrix Gaussian(int rows, int columns, RandomStream random)
    {
        var matrix = new Matrix(rows, columns);
        random.FillGaussian(matrix.Values);
        return matrix;
    }
}
