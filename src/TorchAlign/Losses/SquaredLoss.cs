using System.Numerics.Tensors;
using TorchAlign.Data;
using TorchAlign.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Losses;

/// <summary>
/// c ||Y - P X||_F^2 from the second moments of the data, so that its cost does not grow with n: c = 1/(2n) is the mean of
/// [RNBU], c = 1/2 the sum of [NRT, (1)].
/// </summary>
public sealed class SquaredLoss : IQuadraticLoss
{
    private readonly double _scale;
    private readonly double[] _difference;

    private SquaredLoss(SecondMoments moments, double scale, string name)
    {
        (Moments, _scale, Name) = (moments, scale, name);
        _difference = new double[moments.Outputs * moments.Inputs];
    }

    public string Name { get; }

    public SecondMoments Moments { get; }

    public int Inputs => Moments.Inputs;

    public int Outputs => Moments.Outputs;

    /// <summary>c of the class summary.</summary>
    public double Scale => _scale;

    /// <summary>c ||Y - P* X||_F^2, the least value over all P.</summary>
    public double Least => _scale * Moments.LeastResidual;

    /// <summary>P*, X X^T, and a difference and a gradient.</summary>
    public double TensorNumbers => (double)Inputs * Inputs + 3.0 * Inputs * Outputs;

    /// <summary>1/(2n) ||Y - P X||_F^2 [RNBU].</summary>
    public static SquaredLoss Mean(SecondMoments moments) => new(moments, 0.5 / moments.Count, "squared, mean");

    /// <summary>1/2 ||Y - P X||_F^2 [NRT].</summary>
    public static SquaredLoss Sum(SecondMoments moments) => new(moments, 0.5, "squared, sum");

    public double Evaluate(ReadOnlySpan<double> product, Span<double> gradient) => Least + Excess(product, gradient);

    public ITorchProductLoss On(Device device, ScalarType dtype = ScalarType.Float64) =>
        new TorchQuadraticLoss(Least, Moments.LeastSquares, 2 * _scale * Moments.InputMoments, device, dtype);

    /// <summary>2 c D X X^T for the direction D.</summary>
    public Matrix Curvature(Matrix direction) => 2 * _scale * direction * Moments.InputMoments;

    /// <summary>R(P) - min R = c tr((P - P*) X X^T (P - P*)^T), to full relative accuracy; gradient as in <see cref="Evaluate"/>.</summary>
    public double Excess(ReadOnlySpan<double> product, Span<double> gradient)
    {
        TensorPrimitives.Subtract(product, Moments.LeastSquares.Values, _difference);
        Gemm.Multiply(_difference, Moments.InputMoments.Values, gradient, Outputs, Inputs, Inputs);
        var excess = _scale * TensorPrimitives.Dot(gradient, _difference);
        TensorPrimitives.Multiply(gradient, 2 * _scale, gradient);
        return Math.Max(0, excess);
    }
}
