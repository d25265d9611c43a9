using System.Numerics.Tensors;
using TorchAlign.Data;
using TorchAlign.Numerics;

namespace TorchAlign.MaxMargin;

/// <summary>The space that the support vectors span: what the flow moves w_prod along once the other points' weights are gone.</summary>
public sealed class SupportSpan
{
    private readonly OrthonormalBasis _basis = new();

    /// <summary>That of a separable solution for points (n, d).</summary>
    public SupportSpan(SignedPoints z, MarginSolution solution)
    {
        var rest = new double[z.Dimension];
        // Those that carry weight are independent however small the margin makes their angles: the solver saw to it.
        foreach (var i in solution.SupportVectors.OrderByDescending(i => solution.DualWeights[i]))
        {
            if (_basis.Count == z.Dimension) break;
            z.Row(i).CopyTo(rest);
            var least = solution.DualWeights[i] > 0 ? 0 : MarginSupport.RankTolerance * TensorPrimitives.Norm(z.Row(i));
            var length = _basis.Reject(rest);
            if (length > least) _basis.Append(rest, length);
        }
        IsAll = _basis.Count == z.Dimension;
    }

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
