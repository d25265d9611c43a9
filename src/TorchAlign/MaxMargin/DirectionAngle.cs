using System.Numerics.Tensors;

namespace TorchAlign.MaxMargin;

/// <summary>
/// The angle between a vector and a unit direction, from the perpendicular residual: 1 minus a dot product would lose
/// everything below 1e-16, this keeps its relative accuracy down to 1 - cos of about 1e-30.
/// </summary>
public readonly record struct DirectionAngle(double Cosine, double Sine)
{
    /// <summary>1 - cos = sin^2 / (1 + cos) in the half space of the direction.</summary>
    public double OneMinusCosine => Cosine > 0 ? Sine * Sine / (1 + Cosine) : 1 - Cosine;

    /// <summary>The angle itself, in [0, pi].</summary>
    public double Radians => Math.Atan2(Sine, Cosine);

    /// <summary>
    /// The angle between <paramref name="vector"/> (d) and the unit vector <paramref name="direction"/> (d); NaN for a zero vector.
    /// </summary>
    public static DirectionAngle Between(ReadOnlySpan<double> vector, ReadOnlySpan<double> direction)
    {
        var unit = vector.ToArray();
        // Squares neither overflow nor vanish; a power of two costs no digit.
        if (Math.Abs(TensorPrimitives.MaxMagnitude(vector)) is var largest and > 0 and < double.PositiveInfinity)
            for (var i = 0; i < unit.Length; i++) unit[i] = Math.ScaleB(unit[i], -Math.ILogB(largest));
        TensorPrimitives.Divide(unit, TensorPrimitives.Norm<double>(unit), unit);
        var cosine = TensorPrimitives.Dot(unit, direction) / TensorPrimitives.Norm(direction);
        // Projected twice: the second pass removes what rounding left of the direction in the residual.
        for (var pass = 0; pass < 2; pass++)
        {
            var along = TensorPrimitives.Dot(unit, direction) / TensorPrimitives.SumOfSquares(direction);
            TensorPrimitives.MultiplyAdd(direction, -along, unit, unit);
        }
        return new DirectionAngle(cosine, TensorPrimitives.Norm<double>(unit));
    }
}
