using System.Numerics.Tensors;
using TorchAlign.Data;
using TorchAlign.Numerics;

namespace TorchAlign.Losses;

/// <summary>
/// log R for the softmax cross-entropy R of a linear network on labelled samples, and its gradient grad R / R: neither underflows where R
/// does, so that a network which separates its classes can be followed to risks like 10^-10000.
/// </summary>
/// <remarks>
/// With f_i = P x_i and the class y of sample i, its loss is log(1 + sum_{c != y} exp(f_ic - f_iy)). Where y has the largest score, that is
/// kept as s = log sum_{c != y} exp(f_ic - f_iy), of which the loss is exp(s) (1 + O(exp(s))).
/// </remarks>
public sealed class LogCrossEntropyLoss : IProductLoss
{
    /// <summary>Below it log(log(1 + exp(s))) = s to rounding.</summary>
    private const double TinyLoss = -37;

    private readonly ClassifiedSet _data;
    private readonly double[] _scores;
    private readonly double[] _logLosses;
    private readonly double[] _exponentials;

    public LogCrossEntropyLoss(ClassifiedSet data)
    {
        _data = data;
        _scores = new double[data.Count * data.Classes];
        _logLosses = new double[data.Count];
        _exponentials = new double[data.Classes];
    }

    public string Name => "log of the cross-entropy";

    public int Inputs => _data.Dimension;

    public int Outputs => _data.Classes;

    /// <summary>log R at P (d_L, d_0); writes d log R / dP into <paramref name="gradient"/>. Allocates nothing.</summary>
    public double Evaluate(ReadOnlySpan<double> product, Span<double> gradient)
    {
        var (n, classes) = (_data.Count, Outputs);
        Gemm.MultiplyRightTransposed(_data.X.Values, product, _scores, n, Inputs, classes);
        for (var i = 0; i < n; i++) _logLosses[i] = LogLoss(Scores(i), _data.Labels[i]);
        var top = TensorPrimitives.Max<double>(_logLosses);
        var sum = 0.0;
        foreach (var logLoss in _logLosses) sum += Math.Exp(logLoss - top);
        var logSum = top + Math.Log(sum);
        for (var i = 0; i < n; i++) Residuals(Scores(i), _data.Labels[i], Math.Exp(_logLosses[i]) + logSum);
        Gemm.MultiplyLeftTransposed(_scores, _data.X.Values, gradient, classes, n, Inputs);
        return logSum - Math.Log(n);
    }

    private Span<double> Scores(int sample) => _scores.AsSpan(sample * Outputs, Outputs);

    /// <summary>Moves the scores so that the class's own is 0, and returns the log of the loss.</summary>
    private double LogLoss(Span<double> scores, int label)
    {
        TensorPrimitives.Subtract(scores, scores[label], scores);
        scores[label] = double.NegativeInfinity;
        var largest = TensorPrimitives.Max<double>(scores);
        scores[label] = 0;
        TensorPrimitives.Subtract(scores, largest, _exponentials);
        TensorPrimitives.Exp<double>(_exponentials, _exponentials);
        _exponentials[label] = 0;
        var others = largest + Math.Log(TensorPrimitives.Sum<double>(_exponentials));
        if (others < TinyLoss) return others;
        // log(1 + exp(s)), for s > 0 from s on.
        return Math.Log(Math.Max(others, 0) + LogDomain.Log1p(Math.Exp(-Math.Abs(others))));
    }

    /// <summary>
    /// From scores relative to that of the class to the derivatives of its loss by them, exp(f_c - f_y) / (1 + sum of these), over the sum
    /// of all losses: <paramref name="logDivisor"/> is log(1 + sum), which is the loss, and the log of that sum, in one exponent, for
    /// neither part need be a float64.
    /// </summary>
    private static void Residuals(Span<double> scores, int label, double logDivisor)
    {
        TensorPrimitives.Subtract(scores, logDivisor, scores);
        scores[label] = 0;
        TensorPrimitives.Exp<double>(scores, scores);
        scores[label] = 0;
        scores[label] = -TensorPrimitives.Sum<double>(scores);
    }
}
