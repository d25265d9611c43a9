using System.Numerics.Tensors;
using TorchAlign.Data;

namespace TorchAlign.MaxMargin;

/// <summary>The two ways in which libsvm finds a maximum margin through the origin.</summary>
public enum LibSvmMethod
{
    /// <summary>
    /// One-class SVM, linear kernel, nu = 1/n, on the z_i: min 1/2 ||sum a_i z_i||^2, 0 &lt;= a_i &lt;= 1, sum a_i = 1: the least-norm
    /// problem itself.
    /// </summary>
    OneClass,

    /// <summary>
    /// C-SVC, linear kernel, on the 2n points (z_i, +1), (-z_i, -1), with C above every multiplier; by symmetry its bias is 0.
    /// </summary>
    Mirrored,
}

/// <summary>What libsvm found, beside what <see cref="HardMargin"/> found.</summary>
/// <param name="Method">How it was asked.</param>
/// <param name="Direction">Its unit direction (d).</param>
/// <param name="Angle">Angle to the direction of the given solution, in radians, from the perpendicular residual.</param>
/// <param name="Iterations">Iterations libsvm printed.</param>
/// <param name="ReachedCap">It stopped at its cap of iterations, of which it warns on stderr alone.</param>
/// <param name="Tolerance">Its stopping tolerance, relative to the margin.</param>
/// <param name="FinestTolerance">The tolerance at which the float32 kernel takes over.</param>
/// <param name="ExpectedAngle">
/// The angle that the float32 kernel leads one to expect, see <see cref="LibSvmWitness.ExpectedAngle"/>.
/// </param>
/// <param name="AngleBound">
/// The angle that the float32 kernel cannot exceed at the exact optimum, see <see cref="LibSvmWitness.AngleBound"/>.
/// </param>
public sealed record LibSvmResult(LibSvmMethod Method, double[] Direction, double Angle, long Iterations, bool ReachedCap,
    double Tolerance, double FinestTolerance, double ExpectedAngle, double AngleBound)
{
    /// <summary>
    /// It came to the accuracy of its kernel, so that <see cref="ExpectedAngle"/> applies; otherwise its convergence gave out before.
    /// </summary>
    public bool ReachedKernelAccuracy => !ReachedCap && Tolerance <= FinestTolerance;
}

/// <summary>
/// libsvm as a witness that shares nothing with <see cref="HardMargin"/>: another problem, another algorithm, other code. It keeps its
/// kernel in float32, and that limits it; so its answer comes with the accuracy it can have.
/// </summary>
public static class LibSvmWitness
{
    /// <summary>2^-24, the unit roundoff of float32.</summary>
    public const double KernelRoundoff = 1.0 / (1 << 24);

    // libsvm's own: max(10,000,000, 100 l).
    private const long LeastCap = 10_000_000;

    // Stop where the gradient is right to this share of what the float32 kernel changes in it: more would be iterations for nothing.
    private const double StoppingShare = 0.1;

    // libsvm's own default, from where its tolerance is taken down by tens.
    private const double FirstTolerance = 1e-3;

    // Iterations times points, some tenths of a second: where a rung costs more, the next may not end before the cap.
    private const double RungBudget = 5e7;

    // Where first order says this, libsvm would spend its whole cap on a direction that means nothing.
    private const double LostAngle = 0.5;

    // Enough to keep every column of 3,000 points, little enough for any machine.
    private const double CacheMegabytes = 200;

    /// <summary>Whether a libsvm library was found.</summary>
    public static bool Available => LibSvmLibrary.Available;

    /// <summary>Its version, such as "3.24"; null if there is none.</summary>
    public static string? Version => LibSvmLibrary.Version is > 0 and int v
        ? FormattableString.Invariant($"{v / 100}.{v % 100:00}")
        : null;

    /// <summary>How to get it, where it is missing; all else works without.</summary>
    public static string Remedy =>
        "libsvm is not installed; it only serves to check the maximum margin by independent code. Debian and Ubuntu: "
        + "apt-get install libsvm3; Fedora: dnf install libsvm; macOS: brew install libsvm; Windows: put libsvm.dll on the PATH.";

    /// <summary>
    /// The angle, in radians, by which rounding the kernel of these points to float32 turns the optimum, to first order; from 0.1 on, the
    /// direction is lost. An estimate: what libsvm cannot exceed is <see cref="AngleBound"/>.
    /// </summary>
    public static double ExpectedAngle(SignedPoints z, MarginSolution solution) => KernelRounding.Of(z, solution).Angle;

    /// <summary>
    /// asin(sqrt(2^-23) / gamma), or pi where that has no value: with kernel entries off by at most e = 2^-24, the optimum a' of the
    /// rounded problem has ||sum a'_i z_i||^2 &lt;= gamma^2 + 2 e, and ||w' - w*||^2 &lt;= ||w'||^2 - gamma^2 for every w' in the hull.
    /// </summary>
    public static double AngleBound(double gamma)
    {
        double sine = Math.Sqrt(2 * KernelRoundoff) / gamma;
        return sine < 1 ? Math.Asin(sine) : Math.PI;
    }

    /// <summary>Asks libsvm for the direction of points (n, d) and compares it with <paramref name="solution"/>.</summary>
    /// <returns>
    /// Null with a <paramref name="reason"/> if libsvm is missing, the points are not proved separable, or the margin is beyond float32.
    /// </returns>
    /// <remarks>The native call cannot be cancelled; each run ends after at most max(10^7, 100 n) iterations.</remarks>
    public static LibSvmResult? Ask(SignedPoints z, MarginSolution solution, LibSvmMethod method, out string? reason)
    {
        reason = !Available ? Remedy
            : solution.Separability != Separability.Yes ? "libsvm was not asked: the points are not proved separable."
            : null;
        if (reason is not null) return null;
        KernelRounding rounding = KernelRounding.Of(z, solution);
        if (!(rounding.Angle < LostAngle))
        {
            reason = FormattableString.Invariant(
                $"libsvm was not asked: it keeps its kernel in float32, which loses the direction at a margin of {solution.Gamma:G2}.");
            return null;
        }

        double gammaSquared = solution.Gamma * solution.Gamma;
        double finest = StoppingShare * Math.Max(rounding.GradientError, MarginCertificate.UnitRoundoff) / gammaSquared;
        bool mirrored = method == LibSvmMethod.Mirrored;
        var parameter = new LibSvmLibrary.Parameter
        {
            SvmType = mirrored ? LibSvmLibrary.CSvc : LibSvmLibrary.OneClass,
            KernelType = LibSvmLibrary.Linear,
            CacheMegabytes = CacheMegabytes,
            C = 2 * solution.DualWeights.Max() / gammaSquared,
            Nu = 1.0 / z.Count,
            // Shrinking guesses which points do not matter, and guesses wrong where margins are small.
            Shrinking = 0,
        };
        // The gradient is a margin: gamma^2 on the support vectors of one problem, 1 on those of the other.
        double margin = mirrored ? 1 : gammaSquared;
        double[] coefficients = Train(z, mirrored, parameter, margin, finest, out long iterations, out double tolerance);
        var direction = new double[z.Dimension];
        for (int i = 0; i < coefficients.Length; i++)
        {
            double sign = i < z.Count ? 1 : -1;
            if (coefficients[i] != 0)
                TensorPrimitives.MultiplyAdd(z.Row(i % z.Count), sign * coefficients[i], direction, direction);
        }

        TensorPrimitives.Divide(direction, TensorPrimitives.Norm<double>(direction), direction);
        return new LibSvmResult(method, direction, DirectionAngle.Between(direction, solution.Direction).Radians, iterations,
            iterations >= Math.Max(LeastCap, 100L * coefficients.Length), tolerance, finest, rounding.Angle, AngleBound(solution.Gamma));
    }

    /// <summary>Signed coefficients of the points as libsvm was given them: n, or 2n if mirrored.</summary>
    private static unsafe double[] Train(SignedPoints z, bool mirrored, LibSvmLibrary.Parameter parameter, double margin,
        double finest, out long iterations, out double tolerance)
    {
        int n = z.Count, d = z.Dimension, count = mirrored ? 2 * n : n;
        var nodes = new LibSvmLibrary.Node[(long)count * (d + 1)];
        var starts = new nint[count];
        var y = new double[count];
        long next = 0;
        fixed (LibSvmLibrary.Node* first = nodes)
        fixed (nint* rows = starts)
        fixed (double* labels = y)
        {
            for (int i = 0; i < count; i++)
            {
                double sign = i < n ? 1 : -1;
                y[i] = sign;
                starts[i] = (nint)(first + next);
                ReadOnlySpan<double> point = z.Row(i % n);
                for (int j = 0; j < d; j++)
                    if (point[j] != 0) nodes[next++] = new LibSvmLibrary.Node { Index = j + 1, Value = sign * point[j] };
                nodes[next++].Index = -1;
            }

            var problem = new LibSvmLibrary.Problem { Count = count, Y = labels, X = (LibSvmLibrary.Node**)rows };
            tolerance = Math.Max(FirstTolerance, finest);
            while (true)
            {
                parameter.Eps = tolerance * margin;
                double[] coefficients = LibSvmLibrary.Train(problem, parameter, out iterations);
                if (tolerance <= finest || (double)iterations * count > RungBudget) return coefficients;
                tolerance = Math.Max(tolerance / 10, finest);
            }
        }
    }
}
