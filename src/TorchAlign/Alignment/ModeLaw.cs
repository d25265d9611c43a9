using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Alignment;

/// <summary>
/// When the flow of 1/2 ||Y - W_N ... W_1 X||_F^2 [NRT, (1)] learns a singular value q of the target from a small start, X = I.
/// Derived: balanced layers aligned with the target, W_j = A_j diag(s_i) A_{j-1}^T with A_0 = V, A_N = U of Y = U diag(q) V^T, stay so, and each mode moves alone, ds/dt =
/// s^(N-1) (q - s^N). So its strength p = s^N obeys dp/dt = N p^(2-2/N) (q - p), and passes q/2 at
///     t = integral from s_0 to (q/2)^(1/N) of ds / (s^(N-1) (q - s^N)),    N = 2: t = log(q/p_0 - 1) / (2 q).
/// </summary>
public static class ModeLaw
{
    private const int Panels = 4000;

    /// <summary>The time at which a mode passes q/2; 0 if it starts above.</summary>
    /// <param name="depth">N.</param>
    /// <param name="target">q.</param>
    /// <param name="start">p_0 = s_0^N, positive.</param>
    /// <returns>t, in units of the flow dW/dt = -grad L.</returns>
    public static double TimeToHalf(int depth, double target, double start)
    {
        if (start >= target / 2) return 0;
        // Simpson's rule in x = log s, where the integrand s^(2-N) / (q - s^N) varies slowly.
        var (from, to) = (Math.Log(start) / depth, Math.Log(target / 2) / depth);
        var h = (to - from) / Panels;
        var sum = At(from) + At(to);
        for (var i = 1; i < Panels; i++) sum += (i % 2 == 1 ? 4 : 2) * At(from + i * h);
        return sum * h / 3;

        double At(double x) => Math.Exp((2 - depth) * x) / (target - Math.Exp(depth * x));
    }

    /// <summary>
    /// The p_0 of each mode for any small start of two layers, in the order of the modes. Derived: with a_i = W_1 v_i, b_i = W_2^T u_i
    /// the linearised flow is da_i/dt = q_i b_i, db_i/dt = q_i a_i, so that c_i = (a_i + b_i)/2 grows like e^(q_i t) and the mode like
    /// |c_i|^2 e^(2 q_i t). Once the modes before i are learned along c_1 ... c_{i-1}, the part of c_i in their span decays and the
    /// orthogonal one grows on at the same rate: p_0 is its squared norm. Exact as the start tends to 0.
    /// </summary>
    /// <param name="shape">Two layers.</param>
    /// <param name="state">The start (P).</param>
    /// <param name="left">Left singular vectors of Y in its columns, largest singular value first.</param>
    /// <param name="right">Right ones.</param>
    /// <returns>p_0 (m), m the number of columns.</returns>
    /// <exception cref="ArgumentException">There are not two layers.</exception>
    public static double[] EffectiveStarts(NetworkShape shape, ReadOnlySpan<double> state, Matrix left, Matrix right)
    {
        if (shape.Depth != 2) throw new ArgumentException($"The law is derived for two layers, not for {shape}.", nameof(shape));
        var inputs = LinearProduct.Layer(shape, state, 0) * right;
        var outputs = LinearProduct.Layer(shape, state, 1).TransposedTimes(left);
        // Columns c_i (h, m).
        var growing = 0.5 * (inputs + outputs);
        var strengths = new double[left.Columns];
        for (var i = 0; i < strengths.Length; i++)
        {
            for (var pass = 0; pass < 2; pass++)
                for (var j = 0; j < i && strengths[j] > 0; j++)
                {
                    var (along, size) = (Dot(growing, j, i), Dot(growing, j, j));
                    for (var row = 0; row < growing.Rows; row++) growing[row, i] -= along / size * growing[row, j];
                }
            strengths[i] = Dot(growing, i, i);
        }
        return strengths;
    }

    private static double Dot(Matrix columns, int i, int j)
    {
        var sum = 0.0;
        for (var row = 0; row < columns.Rows; row++) sum += columns[row, i] * columns[row, j];
        return sum;
    }
}
