using System.Numerics.Tensors;
using TorchAlign.Data;
using TorchAlign.Numerics;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace TorchAlign.Losses;

/// <summary>1/2 sum over the seen entries (i, j) of (P_ij - T_ij)^2: completion of a matrix by a factorised one.</summary>
public sealed class MaskedLoss : IQuadraticLoss
{
    private readonly int[] _places;
    private readonly double[] _values;
    private readonly double[] _residuals;

    /// <param name="problem">The entries of a matrix T (d_L, d_0) that are seen.</param>
    public MaskedLoss(CompletionProblem problem)
    {
        (Outputs, Inputs) = (problem.Rows, problem.Columns);
        _places = [.. problem.Seen.Select(entry => entry.Row * problem.Columns + entry.Column)];
        _values = [.. problem.Seen.Select(entry => entry.Value)];
        _residuals = new double[_places.Length];
    }

    public string Name => "squared, seen entries";

    public int Inputs { get; }

    public int Outputs { get; }

    public double Evaluate(ReadOnlySpan<double> product, Span<double> gradient)
    {
        gradient.Clear();
        for (var i = 0; i < _places.Length; i++)
            gradient[_places[i]] = _residuals[i] = product[_places[i]] - _values[i];
        return 0.5 * TensorPrimitives.SumOfSquares<double>(_residuals);
    }

    public ITorchProductLoss On(Device device, ScalarType dtype = ScalarType.Float64) => new OnTensors(this, device, dtype);

    /// <summary>The direction's seen entries.</summary>
    public Matrix Curvature(Matrix direction)
    {
        var seen = new Matrix(direction.Rows, direction.Columns);
        foreach (var place in _places) seen.Values[place] = direction.Values[place];
        return seen;
    }

    /// <summary>The residuals of all entries, those of the hidden ones set to 0.</summary>
    private sealed class OnTensors : ITorchProductLoss
    {
        private readonly Tensor _target, _hidden;

        internal OnTensors(MaskedLoss loss, Device device, ScalarType dtype)
        {
            var target = new Matrix(loss.Outputs, loss.Inputs);
            var hidden = Enumerable.Repeat(true, target.Values.Length).ToArray();
            for (var i = 0; i < loss._places.Length; i++)
                (target.Values[loss._places[i]], hidden[loss._places[i]]) = (loss._values[i], false);
            using var scope = NewDisposeScope();
            _target = target.ToTensor(device, dtype);
            _hidden = tensor(hidden, device: CPU).to(device).view(target.Rows, target.Columns).DetachFromDisposeScope();
        }

        public (Tensor Risk, Tensor Gradient) Evaluate(Tensor product)
        {
            using var scope = NewDisposeScope();
            var residuals = (product - _target).masked_fill_(_hidden, 0);
            return (residuals.square().sum().mul_(0.5).MoveToOuterDisposeScope(), residuals.MoveToOuterDisposeScope());
        }

        public void Dispose()
        {
            _target.Dispose();
            _hidden.Dispose();
        }
    }
}
