using System.Numerics.Tensors;
using TorchAlign.Fields;
using TorchAlign.States;

namespace TorchAlign.Dynamics;

/// <summary>
/// When is a local error e small enough? Two bounds: ||e|| &lt;= rtol ||W||, and, where the risk is one of margins, the
/// error in margin space sqrt((J e)^T C (J e)) &lt;= tolerance + 200 eps max |m_i|. The first alone lets the angle
/// wander: late in a run ||W|| is huge and a relative error of 1e-8 moves the margins of the support vectors against
/// each other by many units.
/// </summary>
internal sealed class ErrorControl(
    double relative, double margins = ErrorControl.MarginTolerance, double roundings = ErrorControl.MarginRounding,
    double exhausted = ErrorControl.LargestRounding)
{
    /// <summary>
    /// The weights of the support vectors may be off by 1 percent in a step (they relax again within the next ones); a
    /// relative tolerance below <see cref="Reference"/> tightens this in proportion, so that the order can be observed.
    /// </summary>
    internal const double MarginTolerance = 0.01;

    private const double Reference = 1e-8;

    /// <summary>
    /// Rounding moves margins by a few eps of their size in each of a step's stages; no step size undoes that.
    /// </summary>
    internal const double Epsilon = 2.220446049250313e-16;

    internal const double MarginRounding = 200;

    /// <summary>
    /// Where one rounding of the largest margin reaches this much, the sum of the roundings of a step moves the
    /// weights of the support vectors, which are exponentials of the margins, and with them the residual v by about 1
    /// percent.
    /// </summary>
    internal const double LargestRounding = 0.0005;

    internal double Relative { get; } = relative;

    /// <summary>The error in margin space that is allowed beside rounding.</summary>
    internal double Margin { get; } = margins * Math.Min(1, relative / Reference);

    /// <summary>
    /// The error in units of what is allowed, at most 1 for an acceptable step, with the weights at the state evaluated last.
    /// </summary>
    internal double Measure(FlowSystem system, StateVector w, double norm, StateVector error)
    {
        var measure = error.Norm() / (Relative * norm);
        if (system.Field is not IMarginField field || !(measure <= 1)) return measure;
        return Math.Max(measure, field.MarginSpaceNorm(w, error) / AllowedInMargins(field.Margins));
    }

    /// <summary>The error in margin space that is allowed at a state with these margins.</summary>
    internal double AllowedInMargins(ReadOnlySpan<double> margins) => Margin + roundings * Rounding(margins);

    /// <summary>One rounding of the largest margin.</summary>
    internal static double Rounding(ReadOnlySpan<double> margins) => Epsilon * Math.Abs(TensorPrimitives.MaxMagnitude(margins));

    /// <summary>Whether rounding, not the flow, would decide a step from a state with these margins.</summary>
    internal bool IsExhausted(ReadOnlySpan<double> margins) => Rounding(margins) > exhausted;
}
