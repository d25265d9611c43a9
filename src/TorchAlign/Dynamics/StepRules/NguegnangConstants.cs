using System.Numerics.Tensors;
using TorchAlign.Data;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Dynamics;

/// <summary>Which constants guarantee the steps of [NRT].</summary>
public enum StepGuarantee
{
    /// <summary>Those of the paper.</summary>
    Published,

    /// <summary>Smaller ones by the derivation in <see cref="NguegnangConstants"/>: longer steps, the same conclusions.</summary>
    Sharpened,
}

/// <summary>A constant with the formula that gave it and where that stands.</summary>
public sealed record NamedConstant(string Symbol, double Value, string Formula, string Source);

/// <summary>
/// Step sizes with a guarantee for L(W) = 1/2 ||Y - W_N ... W_1 X||_F^2 [NRT], X X^T of full rank. A start with
/// max_j ||W_{j+1}^T W_{j+1} - W_j W_j^T||_2 &lt;= a delta, a in [0, 1), and steps with sum eta_k = infinity and, for a sigma in (0, 1),
///     eta_k &lt;= 2 (1 - sigma) / B   and   eta_k &lt;= sigma (1 - a) delta / (2 L(W(0)))
/// give L(k+1) &lt;= L(k) - sigma eta_k ||grad L||^2, a defect that stays &lt;= delta, ||W_N ... W_1||_2 &lt;= M, ||W_j||_2^2 &lt;= K, and
/// convergence to a critical point.
/// </summary>
/// <remarks>
/// Derived, for <see cref="StepGuarantee.Sharpened"/>:
/// <para>
/// Defect. Since W_{j+1}^T grad_{j+1} = grad_j W_j^T, the terms linear in eta cancel: a step adds
/// eta^2 (grad_{j+1}^T grad_{j+1} - grad_j grad_j^T), a difference of two positive matrices, of norm at most eta^2 ||grad||^2. While
/// the loss falls as claimed, sum eta_k ||grad||^2 &lt;= L(W(0)) / sigma, so eta_k &lt;= sigma (1 - a) delta / L(W(0)) suffices.
/// </para>
/// <para>
/// K. Let z_N be a left singular vector of W_N for ||W_N||_2 and z_{j-1} = W_j^T z_j. By Cauchy-Schwarz with C = W_j W_j^T,
/// ||W_{j-1}^T z_{j-1}||^2 >= ||W_j z_{j-1}||^2 - delta ||z_{j-1}||^2 = ||C z_j||^2 - delta ||z_{j-1}||^2, so that the ratios
/// ||z_{j-1}||^2 / ||z_j||^2 fall by at most delta a layer: M^2 >= prod_{i &lt; N} (||W_N||_2^2 - i delta), ||W_N||_2^2 &lt;=
/// M^(2/N) + (N - 1) delta, and ||W_j||_2^2 &lt;= K = M^(2/N) + 2 (N - 1) delta. The published (N + 1)^2 delta is larger.
/// </para>
/// <para>
/// B bounds the Hessian where ||W_j||_2^2 &lt;= K: d^2 L = ||dP X||_F^2 + &lt;(P X - Y) X^T, d^2 P>, with ||dP||_F &lt;=
/// sqrt(N) K^((N-1)/2) ||dW||, ||d^2 P||_* &lt;= (N - 1) K^(N/2-1) ||dW||^2 and ||(P X - Y) X^T||_2 &lt;= min{sqrt(2 L(W(0))) ||X||_2,
/// M ||X||_2^2 + ||X Y^T||_2}. The published e and sqrt(e) leave room for the segment between two iterates. They are not
/// needed: a part of the step is a step that obeys the bounds as well, so the set of t in [0, 1] up to which W - t eta grad has kept
/// ||W_j||_2^2 &lt;= K is open (B is continuous in K) and closed.
/// </para>
/// <para>
/// Rounding. What is measured at the start is bounded from the side that makes steps shorter: singular values of X itself, since those
/// of X X^T lose half of their digits, by <see cref="SingularValueBounds"/>; norms with the usual bounds on the rounding of sums and,
/// for the defect, on the backward error of an eigenvalue solver. Each formula is then rounded outward by far more than its operations.
/// </para>
/// </remarks>
public sealed record NguegnangConstants
{
    /// <summary>delta is searched on this many points, log-spaced.</summary>
    private const int Grid = 400;

    /// <summary>2^-53.</summary>
    private const double UnitRoundoff = 1.0 / (1L << 53);

    /// <summary>Of a formula: 32 units in the last place, where none has 10 operations that are off by more than one.</summary>
    private const double Outward = 64 * UnitRoundoff;

    private NguegnangConstants()
    {
    }

    public required StepGuarantee Guarantee { get; init; }

    /// <summary>N.</summary>
    public required int Depth { get; init; }

    /// <summary>At least L(W(0)), by rounding alone.</summary>
    public required double InitialLoss { get; init; }

    /// <summary>At least max_j ||W_{j+1}^T W_{j+1} - W_j W_j^T||_2 at the start, by rounding alone.</summary>
    public required double InitialDefect { get; init; }

    /// <summary>What the defect may become.</summary>
    public required double Delta { get; init; }

    /// <summary>The share of eta_k ||grad||^2 by which the loss is sure to fall.</summary>
    public required double Sigma { get; init; }

    /// <summary>The share of delta that the start uses up.</summary>
    public double A => InitialDefect / Delta;

    /// <summary>Bounds ||W_N ... W_1||_2.</summary>
    public required double M { get; init; }

    /// <summary>Bounds ||W_j||_2^2.</summary>
    public required double K { get; init; }

    /// <summary>Bounds the curvature along a step.</summary>
    public required double B { get; init; }

    /// <summary>At least ||X||_2, by rounding alone.</summary>
    public required double InputNorm { get; init; }

    /// <summary>At most sigma_min(X), by rounding alone.</summary>
    public required double LeastInput { get; init; }

    /// <summary>At least ||Y||_2, by rounding alone.</summary>
    public required double TargetNorm { get; init; }

    /// <summary>At least ||X Y^T||_2, by rounding alone.</summary>
    public required double CrossNorm { get; init; }

    /// <summary>2 (1 - sigma) / B: the loss falls.</summary>
    public double DescentBound => 2 * (1 - Sigma) / B * (1 - Outward);

    /// <summary>sigma (1 - a) delta / (2 L(W(0))), sharpened without the 2: the defect stays below delta.</summary>
    public double DefectBound => Sigma * DefectFactor(Guarantee, Delta, InitialDefect, InitialLoss) * (1 - Outward);

    /// <summary>The longest step with the guarantee.</summary>
    public double StepBound => Math.Min(DescentBound, DefectBound);

    /// <summary>Every constant with its formula and source, to be printed.</summary>
    public IReadOnlyList<NamedConstant> All
    {
        get
        {
            var derived = Guarantee == StepGuarantee.Sharpened;
            const string paper = "[NRT]";
            return
            [
                new("L(W(0))", InitialLoss, "1/2 ||Y - W_N ... W_1 X||_F^2", "[NRT] (1)"),
                new("a delta", InitialDefect, "max_j ||W_{j+1}^T W_{j+1} - W_j W_j^T||_2 at W(0)", paper),
                new("delta", Delta, "chosen, above the defect of the start", paper),
                new("a", A, "(a delta) / delta", paper),
                new("sigma", Sigma, "chosen in (0, 1)", paper),
                new("M", M, "(sqrt(2 L(W(0))) + ||Y||_2) / sigma_min(X)", paper),
                new("K", K, derived ? "M^(2/N) + 2 (N - 1) delta" : "M^(2/N) + (N + 1)^2 delta", derived ? "derived" : paper),
                new("B", B, derived
                    ? "N K^(N-1) ||X||_2^2 + (N - 1) K^(N/2-1) min{sqrt(2 L(W(0))) ||X||_2, M ||X||_2^2 + ||X Y^T||_2}"
                    : "2 e N K^(N-1) ||X||_2^2 + sqrt(e) N K^(N/2-1) ||X Y^T||_2", derived ? "derived" : paper),
                new("eta (descent)", DescentBound, "2 (1 - sigma) / B", paper),
                new("eta (defect)", DefectBound,
                    derived ? "sigma (1 - a) delta / L(W(0))" : "sigma (1 - a) delta / (2 L(W(0)))", "derived"),
                new("eta", StepBound, "the smaller of the two", paper),
            ];
        }
    }

    /// <summary>The constants for a given delta and sigma.</summary>
    /// <exception cref="ArgumentException">
    /// X X^T is singular, the loss is not the sum, the network has one layer, delta is not above the defect of the start, or sigma lies
    /// outside (0, 1).
    /// </exception>
    public static NguegnangConstants Of(
        SquaredLoss loss, NetworkShape shape, ReadOnlySpan<double> start, double delta, double sigma, StepGuarantee guarantee)
    {
        if (!(sigma > 0 && sigma < 1)) throw new ArgumentException($"sigma must lie between 0 and 1; got {sigma:R}.", nameof(sigma));
        var measured = Measure(loss, shape, start, guarantee);
        if (!(delta > measured.InitialDefect && double.IsFinite(delta)))
            throw new ArgumentException(
                $"delta = {delta:R} must be above the defect of the start, {measured.InitialDefect:R}: choose it larger, "
                + "or start closer to balanced layers.", nameof(delta));
        return measured.With(delta, sigma);
    }

    /// <summary>The delta and sigma that allow the longest step: for each delta the two bounds on eta meet at one sigma.</summary>
    /// <exception cref="ArgumentException">As for <see cref="Of"/>.</exception>
    public static NguegnangConstants ForLongestStep(
        SquaredLoss loss, NetworkShape shape, ReadOnlySpan<double> start, StepGuarantee guarantee)
    {
        var measured = Measure(loss, shape, start, guarantee);
        var size = Math.Pow(measured.M, 2.0 / shape.Depth);
        return Enumerable.Range(0, Grid)
            .Select(i => measured.InitialDefect + size * Math.Pow(10, -8 + 11.0 * i / Grid))
            .Select(delta =>
            {
                var trial = measured.With(delta, 0.5);
                var descent = 2 / trial.B;
                return trial with { Sigma = descent / (descent + DefectFactor(guarantee, delta, trial.InitialDefect, trial.InitialLoss)) };
            })
            .MaxBy(trial => trial.StepBound)!;
    }

    private static NguegnangConstants Measure(
        SquaredLoss loss, NetworkShape shape, ReadOnlySpan<double> start, StepGuarantee guarantee)
    {
        var moments = loss.Moments;
        if (loss.Scale != 0.5)
            throw new ArgumentException("The bounds of [NRT] are those of the sum 1/2 ||Y - P X||_F^2: use SquaredLoss.Sum.", nameof(loss));
        if (shape.Depth < 2) throw new ArgumentException("[NRT] speaks of two layers or more.", nameof(shape));
        var data = moments.Data;
        var inputs = SingularValueBounds.Of(data.X);
        if (moments.Rank < moments.Inputs || !(inputs.Least > 0))
            throw new ArgumentException(
                $"X X^T is singular: {moments.Name} has inputs of rank {moments.Rank} in {moments.Inputs} dimensions, "
                + "so sigma_min(X) = 0, or lost in rounding, and no step has a guarantee. Add samples, or project the inputs on their "
                + "span.", nameof(loss));
        var product = LinearProduct.Matrix(shape, start);
        if (!(loss.Evaluate(product.Values, new double[product.Values.Length]) > 0))
            throw new ArgumentException("The loss at the start is 0 already: there is nothing to descend.", nameof(start));
        var residual = ResidualAbove(data, shape, start, product);
        var targets = SingularValueBounds.Of(data.Y).Largest;
        var (x, y) = (SingularValueBounds.NormAbove(data.X), SingularValueBounds.NormAbove(data.Y));
        return new NguegnangConstants
        {
            Guarantee = guarantee,
            Depth = shape.Depth,
            InitialLoss = 0.5 * residual * residual * (1 + Outward),
            InitialDefect = DefectAbove(shape, start),
            Delta = double.NaN,
            Sigma = double.NaN,
            M = (residual + targets) / inputs.Least * (1 + Outward),
            K = double.NaN,
            B = double.NaN,
            InputNorm = inputs.Largest,
            LeastInput = inputs.Least,
            TargetNorm = targets,
            CrossNorm = (SingularValueBounds.Of(moments.CrossMoments).Largest + 2 * data.Count * UnitRoundoff * x * y) * (1 + Outward),
        };
    }

    /// <summary>At least ||Y - W_N ... W_1 X||_F.</summary>
    private static double ResidualAbove(RegressionSet data, NetworkShape shape, ReadOnlySpan<double> start, Matrix product)
    {
        var layers = 1.0; // at least the norm of the product
        var rounding = 1 + (start.Length + 8) * UnitRoundoff;
        for (var k = 0; k < shape.Depth; k++) layers *= TensorPrimitives.Norm(shape.Layer(start, k)) * rounding;
        var norm = SingularValueBounds.NormAbove(data.Y - data.X.TimesTransposed(product));
        var (x, y) = (SingularValueBounds.NormAbove(data.X), SingularValueBounds.NormAbove(data.Y));
        var terms = shape.Widths.Sum() + shape.Depth + 4; // sums of the product, of P X and the difference
        return (norm + 2 * terms * UnitRoundoff * (y + x * layers)) * (1 + Outward);
    }

    /// <summary>At least the defect: rounding of the products, and of the eigenvalues of what they leave.</summary>
    private static double DefectAbove(NetworkShape shape, ReadOnlySpan<double> start)
    {
        var (widest, largest) = (shape.Widths.Max(), 0.0);
        for (var k = 0; k < shape.Depth; k++) largest = Math.Max(largest, TensorPrimitives.SumOfSquares(shape.Layer(start, k)));
        return Balancedness.Defect(shape, start) + 8 * (widest + 4) * UnitRoundoff * largest;
    }

    private NguegnangConstants With(double delta, double sigma)
    {
        var n = Depth;
        var sharpened = Guarantee == StepGuarantee.Sharpened;
        var k = (Math.Pow(M, 2.0 / n) + (sharpened ? 2 * (n - 1) : (n + 1) * (n + 1)) * delta) * (1 + Outward);
        var (outer, inner) = (Math.Pow(k, n - 1), Math.Pow(k, n / 2.0 - 1));
        var square = InputNorm * InputNorm;
        var b = sharpened
            ? n * outer * square + (n - 1) * inner * Math.Min(Math.Sqrt(2 * InitialLoss) * InputNorm, M * square + CrossNorm)
            : 2 * Math.E * n * outer * square + Math.Sqrt(Math.E) * n * inner * CrossNorm;
        return this with { Delta = delta, Sigma = sigma, K = k, B = b * (1 + Outward) };
    }

    private static double DefectFactor(StepGuarantee guarantee, double delta, double defect, double loss) =>
        (delta - defect) / (guarantee == StepGuarantee.Sharpened ? loss : 2 * loss);
}
