using System.Numerics.Tensors;
using TorchAlign.Data;
using TorchAlign.Numerics;

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

    /// <summary>The direction's seen entries.</summary>
    public Matrix Curvature(Matrix direction)
    {
        var seen = new Matrix(direction.Rows, direction.Columns);
        foreach (var place in _places) seen.Values[place] = direction.Values[place];
        return seen;
    }
}
