using TorchAlign.Data;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.States;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Fields;

/// <summary>
/// The closed form of <see cref="FusedField"/> on tensors, for one one-output network on any torch device in float64 or float32:
/// <see cref="EnsembleField"/> with one member, as every stepper takes it. An evaluation reads back one number, log R; margins
/// and weights only when asked for. For descent without that read-back see <c>QueuedDescent</c>.
/// </summary>
public sealed class TorchMarginField : IMarginField, IQueuedField, IDisposable
{
    private readonly double[] _margins, _weights;
    private long _marginsVersion = -1, _weightsVersion = -1;

    /// <param name="core">Of one member; freed with this field.</param>
    public TorchMarginField(EnsembleField core)
    {
        if (core.Members != 1) throw new ArgumentException($"The field is of {core.Members} networks, not of one.", nameof(core));
        Core = core;
        _margins = new double[core.Count];
        _weights = new double[core.Count];
    }

    /// <summary>A network on points z (n, d_0).</summary>
    public TorchMarginField(
        NetworkShape shape, SignedPoints points, MarginLoss loss, Device? device = null, ScalarType dtype = ScalarType.Float64)
        : this(EnsembleField.Of(shape, 1, points, loss, device, dtype))
    {
    }

    /// <summary>The same with everything left on the device.</summary>
    public EnsembleField Core { get; }

    public NetworkShape Shape => Core.Shape;

    public ReadOnlySpan<double> Margins => Read(Core.Margins, _margins, ref _marginsVersion);

    public ReadOnlySpan<double> Weights => Read(Core.Weights, _weights, ref _weightsVersion);

    public StateVector NewState() => new TorchState(Shape.Layout, Core.Device, Core.DType);

    public FieldValue Evaluate(StateVector w, StateVector direction)
    {
        using var scope = NewDisposeScope();
        Core.Evaluate(Row(w));
        Core.WriteDirection(Row(direction));
        var logRisk = Core.LogRisk.to(float64).item<double>();
        return new FieldValue(logRisk, logRisk);
    }

    public double MarginSpaceNorm(StateVector w, StateVector error)
    {
        using var scope = NewDisposeScope();
        return Core.MarginSpaceNorms(Row(w), Row(error)).to(float64).item<double>();
    }

    public void Dispose() => Core.Dispose();

    QueuedGradient IQueuedField.Queue() => new QueuedFactors(Core);

    Tensor IQueuedField.RowOf(StateVector state) => Row(state);

    private Tensor Row(StateVector state) => state is TorchState torchState && state.Length == Shape.Length
        && torchState.Values.device_type == Core.Device.type && torchState.Values.dtype == Core.DType
            ? torchState.Values.view(1, Shape.Length)
            : throw new ArgumentException($"The field works on states of {Shape.Length} numbers, {Core.DType}, on {Core.Device}; "
                + $"this is a {state.GetType().Name} of length {state.Length}. Make states with NewState().");

    private ReadOnlySpan<double> Read(Tensor values, double[] into, ref long version)
    {
        if (version == Core.Version) return into;
        using var scope = NewDisposeScope();
        values.to(float64, CPU).data<double>().ToArray().CopyTo(into, 0);
        version = Core.Version;
        return into;
    }
}
