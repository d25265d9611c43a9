using System.Numerics.Tensors;
using TorchAlign.Networks;

namespace TorchAlign.Experiments.Compare;

/// <summary>The largest deviation of one quantity.</summary>
/// <param name="Quantity">weights, risk, gradient or a column of trajectory.csv.</param>
/// <param name="Largest">The one nearest to its bound or farthest beyond; null for not finite.</param>
/// <param name="At">The step, or the clock of a flow, where that is.</param>
/// <param name="Layer">k of W_k; null where the quantity has none.</param>
/// <param name="Allowed">The bound there.</param>
/// <param name="DifferingNumbers">Numbers whose bits differ, of all points.</param>
/// <param name="Numbers">All numbers compared.</param>
/// <param name="Met">Whether the bound holds at every point.</param>
public sealed record Deviation(
    string Quantity, double Largest, double At, int? Layer, double Allowed, long DifferingNumbers, long Numbers,
    bool Met);

/// <summary>Collects the deviations of one quantity.</summary>
internal sealed class Deviations(string quantity, Tolerance tolerance)
{
    private double _largest;
    private double _share = double.NegativeInfinity;
    private double _at;
    private int? _layer;
    private double _allowed;
    private long _differing;
    private long _numbers;
    private bool _met = true;

    public void Add(double at, int? layer, double deviation, ReadOnlySpan<double> ours, ReadOnlySpan<double> theirs)
    {
        var allowed = tolerance.At(at);
        // NaN would pass any comparison the wrong way round.
        if (double.IsNaN(deviation)) deviation = double.PositiveInfinity;
        var share = allowed > 0 ? deviation / allowed : deviation;
        if (share > _share) (_share, _largest, _at, _layer, _allowed) = (share, deviation, at, layer, allowed);
        long differing = 0;
        for (var i = 0; i < ours.Length; i++)
            if (BitConverter.DoubleToInt64Bits(ours[i]) != BitConverter.DoubleToInt64Bits(theirs[i])) differing++;
        _differing += differing;
        _numbers += ours.Length;
        _met &= deviation <= allowed && (allowed > 0 || differing == 0);
    }

    public void Add(double at, int? layer, double deviation, double ours, double theirs) =>
        Add(at, layer, deviation, [ours], [theirs]);

    public Deviation Result() =>
        new(quantity, _largest, _at, _layer, _allowed, _differing, _numbers, _met && _numbers > 0);

    /// <summary>
    /// Weights: ||difference|| / ||W_k|| of each layer. Risk: the difference of log R, which is its relative deviation.
    /// Gradient of log R: ||difference|| of each layer relative to the whole gradient, since a layer's own may vanish.
    /// </summary>
    public static IReadOnlyList<Deviation> Of(NetworkShape shape, RecordedPoints ours, RecordedPoints theirs, Tolerance tolerance)
    {
        if (!ours.At.AsSpan().SequenceEqual(theirs.At) || ours.W.Length != theirs.W.Length)
            throw new InvalidOperationException("The two sides recorded different points.");
        var weights = new Deviations("weights", tolerance);
        var risk = new Deviations("risk", tolerance);
        var gradient = new Deviations("gradient", tolerance);
        for (var i = 0; i < ours.Count; i++)
        {
            var at = ours.At[i];
            risk.Add(at, null, Math.Abs(ours.LogRisk[i] - theirs.LogRisk[i]), ours.LogRisk[i], theirs.LogRisk[i]);
            var whole = TensorPrimitives.Norm(ours.DirectionAt(i));
            for (var layer = 0; layer < shape.Depth; layer++)
            {
                var w = shape.Layer(ours.StateAt(i), layer);
                var v = shape.Layer(theirs.StateAt(i), layer);
                weights.Add(at, layer + 1, TensorPrimitives.Distance(w, v) / TensorPrimitives.Norm(w), w, v);
                var f = shape.Layer(ours.DirectionAt(i), layer);
                var g = shape.Layer(theirs.DirectionAt(i), layer);
                gradient.Add(at, layer + 1, TensorPrimitives.Distance(f, g) / whole, f, g);
            }
        }
        return [weights.Result(), risk.Result(), gradient.Result()];
    }
}
