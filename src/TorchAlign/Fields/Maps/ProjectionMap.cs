using TorchAlign.Networks;
using TorchAlign.Networks.Constraints;

namespace TorchAlign.Fields;

/// <summary>
/// P_S, the orthogonal projection of the layers to the constraints: descent by it is W &lt;- W - eta P_S(grad R), which stays in S from
/// a start in S [RNBU].
/// </summary>
public sealed class ProjectionMap(ConstrainedLayers layers) : ILinearMap
{
    private readonly double[] _coefficients = new double[layers.Layout.Length];

    public NetworkShape Shape => layers.Shape;

    public BlockLayout Layout => layers.Shape.Layout;

    public NetworkShape Image => layers.Shape;

    public void Apply(ReadOnlySpan<double> x, Span<double> w)
    {
        layers.ContractGradient(x, _coefficients);
        layers.Expand(_coefficients, w);
    }

    public void ApplyTransposed(ReadOnlySpan<double> gradient, Span<double> x) => Apply(gradient, x);
}
