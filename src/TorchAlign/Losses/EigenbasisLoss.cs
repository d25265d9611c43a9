using System.Numerics.Tensors;
using TorchAlign.Data;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using static TorchSharp.torch;

namespace TorchAlign.Losses;

/// <summary>
/// L(P) = 1/2 ||Y - P X||_F^2 [NRT, (1)] in the coordinates x' = Q^T x in which X X^T = Q diag(lambda) Q^T is diagonal: with P' = P Q it is
/// 1/2 ||Y - P* X||_F^2 + 1/2 sum lambda_j (P' - P* Q)_ij^2, so that one product of three matrices less is formed in a step. Descent
/// commutes with rotations: the layers are those of the run on X itself, the first one times Q, and no norm changes.
/// </summary>
public sealed class EigenbasisLoss : IProductLoss
{
    private readonly Matrix _rotation;
    private readonly double[] _least;
    private readonly double[] _eigenvalues;
    private readonly double _leastLoss;
    private readonly double[] _difference;

    /// <param name="moments">X X^T of full rank, or P* is the least-squares solution of least norm.</param>
    public EigenbasisLoss(SecondMoments moments)
    {
        (Inputs, Outputs) = (moments.Inputs, moments.Outputs);
        _rotation = moments.Eigen.Vectors;
        _least = (moments.LeastSquares * _rotation).Values.ToArray();
        _eigenvalues = moments.Eigen.Values;
        _leastLoss = moments.LeastResidual / 2;
        _difference = new double[_least.Length];
    }

    public string Name => "squared, sum, in the eigenbasis of X X^T";

    public int Inputs { get; }

    public int Outputs { get; }

    /// <summary>P* Q, the eigenvalues, and a difference and a gradient.</summary>
    public double TensorNumbers => Inputs + 3.0 * Inputs * Outputs;

    public double Evaluate(ReadOnlySpan<double> product, Span<double> gradient)
    {
        TensorPrimitives.Subtract(product, _least, _difference);
        for (var i = 0; i < Outputs; i++)
            TensorPrimitives.Multiply(_difference.AsSpan(i * Inputs, Inputs), _eigenvalues, gradient.Slice(i * Inputs, Inputs));
        return _leastLoss + TensorPrimitives.Dot(gradient, _difference) / 2;
    }

    public ITorchProductLoss On(Device device, ScalarType dtype = ScalarType.Float64) =>
        new TorchQuadraticLoss(_leastLoss, new Matrix(Outputs, Inputs, _least), _eigenvalues, device, dtype);

    /// <summary>The state (P) with W_1 Q in place of W_1.</summary>
    public double[] Rotate(NetworkShape shape, double[] state) => WithFirst(shape, state, LinearProduct.Layer(shape, state, 0) * _rotation);

    /// <summary>The state with W_1 Q^T in place of W_1: back again.</summary>
    public double[] RotateBack(NetworkShape shape, double[] state) =>
        WithFirst(shape, state, LinearProduct.Layer(shape, state, 0).TimesTransposed(_rotation));

    private static double[] WithFirst(NetworkShape shape, double[] state, Matrix first)
    {
        double[] rotated = [.. state];
        first.Values.CopyTo(shape.Layer(rotated.AsSpan(), 0));
        return rotated;
    }
}
