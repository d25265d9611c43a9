using TorchAlign.Losses;
using TorchAlign.Networks;

namespace TorchAlign.Tests.Engine;

/// <summary>
/// Log-risk and -grad log R of a one-output network by plain loops, one sample and one product after the other.
/// </summary>
internal static class NaiveField
{
    public static (double LogRisk, double[] Direction) Evaluate(
        NetworkShape shape, double[] z, MarginLoss loss, double[] w)
    {
        var d = shape.Inputs;
        var n = z.Length / d;
        var margins = new double[n];
        var signals = new double[n][][];
        for (var i = 0; i < n; i++)
        {
            signals[i] = new double[shape.Depth + 1][];
            signals[i][0] = z[(i * d)..((i + 1) * d)];
            for (var k = 0; k < shape.Depth; k++) signals[i][k + 1] = Multiply(shape, w, k, signals[i][k]);
            margins[i] = signals[i][shape.Depth][0];
        }
        var logs = margins.Select(loss.LogValue).ToArray();
        var largest = logs.Max();
        var logSum = largest + Math.Log(logs.Sum(value => Math.Exp(value - largest)));
        var direction = new double[shape.Length];
        for (var i = 0; i < n; i++)
        {
            var p = Math.Exp(loss.LogSlope(margins[i]) - logSum);
            double[] back = [1];
            for (var k = shape.Depth - 1; k >= 0; k--)
            {
                for (var r = 0; r < shape.Rows(k); r++)
                    for (var c = 0; c < shape.Columns(k); c++)
                        direction[shape.Layout.Offset(k) + r * shape.Columns(k) + c] += p * back[r] * signals[i][k][c];
                back = MultiplyTransposed(shape, w, k, back);
            }
        }
        return (logSum - Math.Log(n), direction);
    }

    public static double[] Multiply(NetworkShape shape, double[] w, int layer, double[] x)
    {
        var y = new double[shape.Rows(layer)];
        for (var r = 0; r < y.Length; r++)
            for (var c = 0; c < x.Length; c++) y[r] += w[shape.Layout.Offset(layer) + r * x.Length + c] * x[c];
        return y;
    }

    public static double[] MultiplyTransposed(NetworkShape shape, double[] w, int layer, double[] x)
    {
        var y = new double[shape.Columns(layer)];
        for (var r = 0; r < x.Length; r++)
            for (var c = 0; c < y.Length; c++) y[c] += w[shape.Layout.Offset(layer) + r * y.Length + c] * x[r];
        return y;
    }
}
