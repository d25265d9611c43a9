using System.Numerics.Tensors;
using TorchAlign.Data;
using TorchAlign.Numerics;

namespace TorchAlign.MaxMargin;

/// <summary>The space that the support vectors span: what the flow moves w_prod along once the other points' weights are gone.</summary>
public sealed class SupportSpan
{
    private readonly OrthonormalBasis _basis = new();

    /// <summary>That of a separable solution for points (n, d).</summary>
    public SupportSpan(SignedPoints z, MarginSolution solution) : this(z, solution.SupportVectors, solution.DualWeights)
    {
    }

    /// <summary>That of some support vectors, with the dual weights (n) of all points.</summary>
    internal SupportSpan(SignedPoints z, int[] support, double[] weights)
    {
        var rest = new double[z.Dimension];
        // Those that carry weight are independent however small the margin makes their angles: the solver saw to it.
        foreach (var i in support.OrderByDescending(i => weights[i]))
        {
            if (_basis.Count == z.Dimension) break;
            z.Row(i).CopyTo(rest);
            var least = weights[i] > 0 ? 0 : MarginSupport.RankTolerance * TensorPrimitives.Norm(z.Row(i));
            var length = _basis.Reject(rest);
            if (length > least) _basis.Append(rest, length);
        }
        IsAll = _basis.Count == z.Dimension;
    }

    /// <summary>Its dimension.</summary>
    public int Rank => _basis.Count;

    /// <summary>Whether it is R^d.</summary>
    public bool IsAll { get; }

    /// <summary>In place, x (d) keeps its part outside alone.</summary>
    /// <returns>The distance of x from the span.</returns>
    public double Reject(Span<double> x)
    {
        if (!IsAll) return _basis.Reject(x);
        x.Clear();
        return 0;
    }
}
