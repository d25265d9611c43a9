using TorchAlign.States;

namespace TorchAlign.Fields;

/// <summary>
/// What a field says of one state, in the log domain so that neither overflows nor underflows:
/// R = exp(LogRisk) and -grad R = exp(LogScale) * direction.
/// For margin losses LogScale = LogRisk, that is direction = -grad log R.
/// </summary>
public readonly record struct FieldValue(double LogRisk, double LogScale);

/// <summary>The gradient of a risk, R(W), at a flat float64 state W in R^P.</summary>
public interface IVectorField
{
    /// <summary>A zero state of the kind this field works on (managed memory, or a torch device).</summary>
    StateVector NewState();

    /// <summary>Writes the direction at <paramref name="w"/> and returns risk and scale; see <see cref="FieldValue"/>.</summary>
    FieldValue Evaluate(StateVector w, StateVector direction);
}

/// <summary>
/// A field whose risk depends on W through the n margins m_i = y_i f(x_i), R = (1/n) sum_i loss(m_i).
/// </summary>
public interface IMarginField : IVectorField
{
    /// <summary>Margins (n) at the state evaluated last.</summary>
    ReadOnlySpan<double> Margins { get; }

    /// <summary>Weights (n), p_i = -loss'(m_i) / sum_j loss(m_j) at the state evaluated last; -grad log R = sum_i p_i grad m_i.</summary>
    ReadOnlySpan<double> Weights { get; }

    /// <summary>
    /// How far <paramref name="error"/> moves the margins at <paramref name="w"/>, as the standard deviation of J e under the
    /// dual weights q = p / sum p of the last evaluation: sqrt((Je)^T C (Je)), C = diag(q) - q q^T, J = dm/dW. It is
    /// what an integrator must keep small to stay on the true direction: an error norm relative to ||W|| alone lets the angle wander.
    /// </summary>
    double MarginSpaceNorm(StateVector w, StateVector error);
}
