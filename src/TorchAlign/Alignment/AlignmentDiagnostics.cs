using System.Numerics.Tensors;
using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Networks;

namespace TorchAlign.Alignment;

/// <summary>
/// Measures every quantity of <see cref="Observation"/> at a point of a run of a one-output network; costs L singular value
/// decompositions and one pass over the data, and reads the point only.
/// </summary>
public sealed class AlignmentDiagnostics
{
    private readonly NetworkShape _shape;
    private readonly SignedPoints _points;
    private readonly double[]? _direction;
    private readonly double[][] _balancednessAtStart;
    private readonly double[] _margins;

    /// <param name="shape">One output.</param>
    /// <param name="points">z_i (n, d).</param>
    /// <param name="maxMarginDirection">u_bar (d), or null where there is none (data that are not separable).</param>
    /// <param name="start">W(0) (P), from which the drift of the invariants is measured.</param>
    public AlignmentDiagnostics(NetworkShape shape, SignedPoints points, double[]? maxMarginDirection, ReadOnlySpan<double> start)
    {
        if (points.Dimension != shape.Inputs)
            throw new ArgumentException($"The data have dimension {points.Dimension}, the network {shape} takes {shape.Inputs}.");
        _shape = shape;
        _points = points;
        _direction = maxMarginDirection;
        _margins = new double[points.Count];
        _balancednessAtStart = Balancedness.Of(shape, start);
    }

    public Observation Observe(TrajectoryPoint point)
    {
        var state = point.W.ToArray();
        var spectra = new LayerSpectrum[_shape.Depth];
        for (var k = 0; k < spectra.Length; k++) spectra[k] = LayerSpectrum.Of(_shape, state, k);
        var product = LinearProduct.Of(_shape, state);
        var productNorm = TensorPrimitives.Norm<double>(product);
        var normProduct = spectra.Aggregate(1.0, (value, layer) => value * layer.FrobeniusNorm);
        var squaredNorm = spectra.Sum(layer => layer.FrobeniusNorm * layer.FrobeniusNorm);
        _points.Margins(product, _margins);
        var margin = TensorPrimitives.Min<double>(_margins);
        var angle = _direction is null ? new Angle(double.NaN, double.NaN) : Angle.Between(product, _direction);
        return new Observation
        {
            Step = point.Steps,
            Evaluations = point.Evaluations,
            Clock = point.Clock,
            LogTime = point.LogTime,
            LogRisk = point.Value.LogRisk,
            LogGradientNorm = point.Value.LogScale + Math.Log(point.DirectionNorm),
            Product = product,
            ProductNorm = productNorm,
            FrobeniusNorms = [.. spectra.Select(layer => layer.FrobeniusNorm)],
            SpectralRatios = [.. spectra.Select(layer => layer.SpectralRatio)],
            RankOneResiduals = [.. spectra.Select(layer => layer.RankOneResidual)],
            AdjacentAlignments =
                [.. spectra.Skip(1).Zip(spectra, (above, below) => LayerSpectrum.Alignment(above.LeadingRight, below.LeadingLeft))],
            ProductAlignment = LayerSpectrum.Alignment([product], spectra[0].LeadingRight) / normProduct,
            FirstRightAlignment = _direction is null ? double.NaN : LayerSpectrum.Alignment([_direction], spectra[0].LeadingRight),
            OneMinusCosine = angle.OneMinusCosine,
            AngleTimesNorm = angle.Sine * productNorm,
            DirectionMargin = margin / productNorm,
            NormalizedMargin = margin / normProduct,
            SmoothedMargin = -(Math.Log(_points.Count) + point.Value.LogRisk) / Math.Pow(squaredNorm, _shape.Depth / 2.0),
            BalancednessDrift = Balancedness.Drift(_balancednessAtStart, Balancedness.Of(_shape, state)) / squaredNorm,
        };
    }
}
