using TorchAlign.Dynamics;

namespace Tour;

/// <summary>
/// An own observable: ||out||^2 - ||in||^2 of each branch, which the exact gradient flow keeps constant (each branch is
/// homogeneous of degree 1 in either of its layers). Blocks of the state are parameters in the module's order.
/// </summary>
internal sealed class BranchBalance
{
    private readonly List<double[]> samples = [];

    /// <summary>The largest departure from the first sample.</summary>
    public double Drift => samples.Max(sample => sample.Zip(samples[0], (now, first) => Math.Abs(now - first)).Max());

    public int Count => samples.Count;

    /// <summary>Reads the point and changes nothing: looking at a run must not change it.</summary>
    public void Observe(TrajectoryPoint point)
    {
        var w = point.W.ToArray();
        var layout = point.W.Layout;
        samples.Add([Square(1) - Square(0), Square(3) - Square(2)]);

        double Square(int block) =>
            w.Skip(layout.Offset(block)).Take(layout.LengthOf(block)).Sum(value => value * value);
    }
}
