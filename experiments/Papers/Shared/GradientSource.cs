using TorchAlign.Data;
using TorchAlign.Devices;
using TorchAlign.Dynamics;
using TorchAlign.Experiments.Options;
using TorchAlign.Experiments.Settings;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Networks.Constraints;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Experiments.Papers;

/// <summary>
/// Where the gradients of [RNBU] and [NRT] are computed: in managed memory on the CPU, or by the same closed forms on tensors. An
/// experiment says what is followed and never where; what it samples comes to the host, and norms, singular vectors and whole
/// landscapes are looked at there.
/// </summary>
internal abstract class GradientSource
{
    /// <summary>Managed memory: on the CPU many times faster than tensors.</summary>
    public static GradientSource Managed { get; } = new OnTheHost();

    public abstract Device Device { get; }

    /// <summary>Managed memory for <c>cpu</c>, tensors on any other device.</summary>
    /// <exception cref="DeviceException">It cannot be had.</exception>
    public static GradientSource On(string device)
    {
        var resolved = DeviceChoice.Resolve(device);
        return resolved.type == DeviceType.CPU ? Managed : Tensors(resolved);
    }

    /// <summary>Tensors on a device, which may be the CPU too.</summary>
    public static GradientSource Tensors(Device device) => new OnTensors(device);

    /// <summary>The gradient of loss(W_L ... W_1) in free layers.</summary>
    public abstract IVectorField OfProduct(NetworkShape shape, IProductLoss loss);

    /// <summary>The gradient of a risk of samples in free layers: through the samples where they are fewer than the inputs.</summary>
    /// <param name="shape">Of the network.</param>
    /// <param name="data">n samples.</param>
    /// <param name="risk">Of a network that is given such data.</param>
    public abstract IVectorField OfSamples(NetworkShape shape, RegressionSet data, Func<RegressionSet, IProductLoss> risk);

    /// <summary>The same in the coefficients of constrained layers.</summary>
    public abstract IVectorField OfSamples(ConstrainedLayers layers, RegressionSet data, Func<RegressionSet, IProductLoss> risk);

    /// <summary>
    /// Gradient descent on such a gradient. On tensors it is queued on the device, which is waited for where stops or samples look:
    /// a plan that looks at every step waits at every step.
    /// </summary>
    /// <param name="rule">Constant or scheduled.</param>
    public abstract IStepper Descent(IStepRule rule);

    /// <summary>Follows a stepper on a field from a start, and frees both.</summary>
    /// <param name="field">The gradient.</param>
    /// <param name="start">W(0).</param>
    /// <param name="stepper">Of descent or of the flow.</param>
    /// <param name="plan">Stops, samples and checkpoints.</param>
    /// <param name="clock">Of the flow; plain time unless given.</param>
    public static FollowedPath Follow(
        IVectorField field, ReadOnlySpan<double> start, IStepper stepper, RunPlan plan, Clock? clock = null)
    {
        using var freedLast = field as IDisposable;
        using var freedFirst = stepper as IDisposable;
        using var state = field.NewState();
        state.CopyFrom(start);
        var point = new TrajectoryPoint(state);
        var end = Trajectory.Follow(new FlowSystem(field, clock ?? Clock.Time), stepper, point, plan);
        return new FollowedPath(end, point.W.ToArray(), point.Steps);
    }

    /// <summary>To a network behind the samples, where they are fewer than the inputs.</summary>
    private static SampleMap? Behind(NetworkShape shape, RegressionSet data) =>
        data.Count < data.Inputs ? new SampleMap(shape, data) : null;

    private sealed class OnTheHost : GradientSource
    {
        public override Device Device => CPU;

        public override IVectorField OfProduct(NetworkShape shape, IProductLoss loss) => new ProductField(shape, loss);

        public override IVectorField OfSamples(NetworkShape shape, RegressionSet data, Func<RegressionSet, IProductLoss> risk) =>
            Behind(shape, data) is { } map
                ? new PulledBackField(risk(map.Seen), map)
                : new ProductField(shape, risk(data));

        public override IVectorField OfSamples(ConstrainedLayers layers, RegressionSet data, Func<RegressionSet, IProductLoss> risk) =>
            new PulledBackField((ILayerGradient)OfSamples(layers.Shape, data, risk), new ConstraintMap(layers));

        public override IStepper Descent(IStepRule rule) => new GradientDescent(rule);
    }

    private sealed class OnTensors(Device device) : GradientSource
    {
        public override Device Device => device;

        public override TorchField OfProduct(NetworkShape shape, IProductLoss loss) => new TorchProductField(shape, loss, device);

        public override TorchField OfSamples(NetworkShape shape, RegressionSet data, Func<RegressionSet, IProductLoss> risk) =>
            Behind(shape, data) is { } map
                ? new TorchPulledBackField(risk(map.Seen), map, device)
                : new TorchProductField(shape, risk(data), device);

        public override TorchField OfSamples(ConstrainedLayers layers, RegressionSet data, Func<RegressionSet, IProductLoss> risk) =>
            new TorchPulledBackField(OfSamples(layers.Shape, data, risk), new ConstraintMap(layers));

        public override IStepper Descent(IStepRule rule) => new QueuedDescent(rule);
    }
}

/// <param name="End">How it ended.</param>
/// <param name="Final">The last good state.</param>
/// <param name="Steps">Taken.</param>
internal sealed record FollowedPath(RunEnd End, double[] Final, long Steps);
