using TorchAlign.Data;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Alignment;

/// <summary>How a linear network of one output a class does on its data; f_i = P x_i.</summary>
/// <param name="Accuracy">The share of the points whose class has the largest score alone.</param>
/// <param name="Margin">min_i min_{c != y_i} (f_{i, y_i} - f_{i, c}): positive exactly if every point is classified.</param>
/// <param name="DirectionMargin">The margin over ||P||_F.</param>
/// <param name="NormalizedMargin">The margin over prod_k ||W_k||_F.</param>
/// <param name="SmoothedMargin">log(1/(n R)) / ||W||_F^L [LL].</param>
public sealed record ClassScores(
    double Accuracy, double Margin, double DirectionMargin, double NormalizedMargin, double SmoothedMargin)
{
    /// <summary>1 - accuracy.</summary>
    public double TrainingError => 1 - Accuracy;

    /// <param name="data">n points.</param>
    /// <param name="shape">Of the network, one output a class.</param>
    /// <param name="state">W_1, ..., W_L (P).</param>
    /// <param name="logRisk">log of the cross-entropy there.</param>
    public static ClassScores Of(ClassifiedSet data, NetworkShape shape, ReadOnlySpan<double> state, double logRisk)
    {
        var product = LinearProduct.Matrix(shape, state);
        var scores = data.X.TimesTransposed(product);
        var (right, least) = (0, double.PositiveInfinity);
        for (var i = 0; i < data.Count; i++)
        {
            var row = scores.Row(i);
            var rival = double.NegativeInfinity;
            for (var c = 0; c < row.Length; c++)
                if (c != data.Labels[i]) rival = Math.Max(rival, row[c]);
            var margin = row[data.Labels[i]] - rival;
            if (margin > 0) right++;
            least = Math.Min(least, margin);
        }
        double norms = 1, squares = 0;
        for (var k = 0; k < shape.Depth; k++)
        {
            var norm = LinearProduct.Layer(shape, state, k).FrobeniusNorm;
            norms *= norm;
            squares += norm * norm;
        }
        return new ClassScores((double)right / data.Count, least, least / product.FrobeniusNorm, least / norms,
            -(Math.Log(data.Count) + logRisk) / Math.Pow(squares, shape.Depth / 2.0));
    }
}
