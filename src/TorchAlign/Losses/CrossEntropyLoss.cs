using System.Numerics.Tensors;
using TorchAlign.Data;
using TorchAlign.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Losses;

/// <summary>
/// (1/n) sum_i (log sum_c exp(f_ic) - sum_c y_ic f_ic), f_i = P x_i, y_i a distribution over the d_L classes (one-hot for
/// labels): softmax cross-entropy of a linear network, product first, so that the samples meet one matrix only.
/// </summary>
public sealed class CrossEntropyLoss : IProductLoss
{
    private readonly RegressionSet _data;
    private readonly double[] _scores;

    /// <param name="data">x_i in the rows of X; in those of Y the class probabilities y_i.</param>
    /// <exception cref="DataException">A row of Y has a negative entry or does not sum to 1.</exception>
    public CrossEntropyLoss(RegressionSet data)
    {
        for (var i = 0; i < data.Count; i++)
        {
            var row = data.Y.Row(i);
            if (TensorPrimitives.Min<double>(row) < 0 || Math.Abs(TensorPrimitives.Sum<double>(row) - 1) > 1e-12)
                throw new DataException(
                    $"{data.Name}: target {i} is no distribution over the classes; entries must be at least 0 and sum to 1.");
        }
        _data = data;
        _scores = new double[data.Count * data.Outputs];
    }

    public string Name => "cross-entropy";

    public int Inputs => _data.Inputs;

    public int Outputs => _data.Outputs;

    /// <summary>The samples, their scores, and what is computed of these.</summary>
    public double TensorNumbers => (double)_data.Count * (Inputs + 6.0 * Outputs) + 2.0 * Inputs * Outputs;

    public ITorchProductLoss On(Device device, ScalarType dtype = ScalarType.Float64) => new TorchCrossEntropy(_data, device, dtype);

    public double Evaluate(ReadOnlySpan<double> product, Span<double> gradient)
    {
        var (n, classes) = (_data.Count, Outputs);
        Gemm.MultiplyRightTransposed(_data.X.Values, product, _scores, n, Inputs, classes);
        var risk = 0.0;
        for (var i = 0; i < n; i++)
        {
            var scores = _scores.AsSpan(i * classes, classes);
            var targets = _data.Y.Row(i);
            // From the largest score down, so that nothing overflows; what the others add to its 1 is kept apart, or a small
            // risk and its gradient would be lost in rounding.
            var top = TensorPrimitives.IndexOfMax<double>(scores);
            TensorPrimitives.Subtract(scores, scores[top], scores);
            var fit = TensorPrimitives.Dot<double>(scores, targets);
            TensorPrimitives.Exp<double>(scores, scores);
            scores[top] = 0;
            var others = TensorPrimitives.Sum<double>(scores);
            risk += LogDomain.Log1p(others) - fit;
            TensorPrimitives.Divide(scores, 1 + others, scores);
            TensorPrimitives.Subtract(scores, targets, scores);
            scores[top] = 1 - targets[top] - others / (1 + others);
        }
        Gemm.MultiplyLeftTransposed(_scores, _data.X.Values, gradient, classes, n, Inputs);
        TensorPrimitives.Divide(gradient, n, gradient);
        return risk / n;
    }
}
