using System.Numerics.Tensors;
using TorchAlign.Data;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.States;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace TorchAlign.Fields;

/// <summary>An <see cref="AutogradField"/> that knows its risk as a loss of n margins.</summary>
public sealed class AutogradMarginField : AutogradField, IMarginField, IDisposable
{
    private readonly Func<Tensor> _marginsOf;
    private readonly MarginLoss _loss;
    private readonly double[] _margins;
    private readonly double[] _weights;

    /// <summary>Margins evaluated last, while nobody has asked for them: a step that needs none does not wait for them.</summary>
    private Tensor? _evaluated;

    /// <summary>The data, where this field brought them to the device.</summary>
    private Tensor? _points;

    /// <param name="parameters">What the flow moves.</param>
    /// <param name="margins">m_i = y_i f(x_i) as a tensor (n) that depends on the parameters.</param>
    /// <param name="loss">The loss of the margins.</param>
    public AutogradMarginField(IEnumerable<Parameter> parameters, Func<Tensor> margins, MarginLoss loss) : base(parameters)
    {
        _marginsOf = margins;
        _loss = loss;
        using (NewDisposeScope())
        using (no_grad())
            _margins = new double[margins().numel()];
        _weights = new double[_margins.Length];
    }

    /// <summary>
    /// The field of a one-output linear network on z_i = y_i x_i (n, d). <paramref name="collapsed"/> multiplies the layers
    /// first, O(n d + sum d_k d_{k-1}); otherwise the samples go through layer after layer, O(n sum d_k d_{k-1}).
    /// </summary>
    public static AutogradMarginField Of(LinearNetwork network, SignedPoints points, MarginLoss loss, bool collapsed)
    {
        using var scope = NewDisposeScope();
        var z = tensor(points.Z, points.Count, points.Dimension, dtype: float64, device: CPU)
            .to(network.Flat.dtype).to(network.Flat.device);
        Func<Tensor> margins = collapsed
            ? () => network.CollapsedForward(z).squeeze(-1)
            : () => network.call(z).squeeze(-1);
        return new AutogradMarginField(network.parameters(), margins, loss) { _points = z.DetachFromDisposeScope() };
    }

    public ReadOnlySpan<double> Margins
    {
        get
        {
            ReadBack();
            return _margins;
        }
    }

    public ReadOnlySpan<double> Weights
    {
        get
        {
            ReadBack();
            return _weights;
        }
    }

    /// <summary>
    /// Central difference of the margins at w + e and w - e: exact to third order in e. The parameters are afterwards what they were.
    /// </summary>
    public double MarginSpaceNorm(StateVector w, StateVector error)
    {
        using var shifted = w.NewLike();
        using var present = Read();
        var ahead = new double[_margins.Length];
        var behind = new double[_margins.Length];
        try
        {
            using var unrecorded = no_grad();
            shifted.SetSum(w, 1, error);
            MarginsAt(shifted, ahead);
            shifted.SetSum(w, -1, error);
            MarginsAt(shifted, behind);
        }
        finally
        {
            Write(present);
        }
        TensorPrimitives.Subtract(ahead, behind, ahead);
        var weights = Weights;
        var total = TensorPrimitives.Sum(weights);
        var mean = TensorPrimitives.Dot(weights, ahead) / total;
        TensorPrimitives.Subtract(ahead, mean, ahead);
        TensorPrimitives.Multiply(ahead, ahead, ahead);
        return 0.5 * Math.Sqrt(TensorPrimitives.Dot(weights, ahead) / total);
    }

    /// <summary>Frees what the field holds besides the parameters, which are their owner's.</summary>
    public void Dispose()
    {
        _evaluated?.Dispose();
        _points?.Dispose();
    }

    private protected override Tensor LogRisk()
    {
        var margins = _marginsOf();
        _evaluated?.Dispose();
        _evaluated = margins.detach().to(float64, copy: true).DetachFromDisposeScope();
        return _loss.LogRisk(margins);
    }

    /// <summary>The margins evaluated last, once.</summary>
    private void ReadBack()
    {
        if (_evaluated is null) return;
        Copy(_evaluated, _margins);
        _loss.LogRiskAndWeights(_margins, _weights);
        _evaluated.Dispose();
        _evaluated = null;
    }

    private void MarginsAt(StateVector w, double[] margins)
    {
        Write(w);
        using var scope = NewDisposeScope();
        Copy(_marginsOf(), margins);
    }

    private static void Copy(Tensor margins, double[] destination)
    {
        using var scope = NewDisposeScope();
        margins.detach().to(float64).cpu().data<double>().ToArray().CopyTo(destination, 0);
    }
}
