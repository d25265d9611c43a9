using System.Numerics.Tensors;
using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Losses;
using TorchAlign.MaxMargin;
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
    private readonly MarginLoss _loss;
    private readonly MarginSolution? _reference;
    private readonly double[][] _balancednessAtStart;
    private readonly double[] _margins;
    private readonly double[] _weights;

    /// <param name="shape">One output.</param>
    /// <param name="points">z_i (n, d).</param>
    /// <param name="loss">The loss whose weights q_i = loss'(m_i) / sum_j loss'(m_j) are held against the dual weights.</param>
    /// <param name="reference">The maximum margin of the points; null, or not separable, leaves what needs it NaN.</param>
    /// <param name="start">W(0) (P), from which the drift of the invariants is measured.</param>
    public AlignmentDiagnostics(
        NetworkShape shape, SignedPoints points, MarginLoss loss, MarginSolution? reference, ReadOnlySpan<double> start)
    {
        if (points.Dimension != shape.Inputs)
            throw new ArgumentException($"The data have dimension {points.Dimension}, the network {shape} takes {shape.Inputs}.");
        _shape = shape;
        _points = points;
        _loss = loss;
        _reference = reference is { Separability: not Separability.No } ? reference : null;
        _margins = new double[points.Count];
        _weights = new double[points.Count];
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
        var direction = _reference?.Direction;
        var angle = direction is null ? new DirectionAngle(double.NaN, double.NaN) : DirectionAngle.Between(product, direction);
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
            FirstRightAlignment = direction is null ? double.NaN : LayerSpectrum.Alignment([direction], spectra[0].LeadingRight),
            OneMinusCosine = angle.OneMinusCosine,
            AngleTimesNorm = angle.Sine * productNorm,
            DirectionMargin = margin / productNorm,
            NormalizedMargin = margin / normProduct,
            SmoothedMargin = -(Math.Log(_points.Count) + point.Value.LogRisk) / Math.Pow(squaredNorm, _shape.Depth / 2.0),
            DualWeightDistance = DualWeightDistance(),
            BalancednessDrift = Balancedness.Drift(_balancednessAtStart, Balancedness.Of(_shape, state)) / squaredNorm,
        };
    }

    /// <summary>1/2 sum_i |q_i - a_i| at the margins computed last.</summary>
    private double DualWeightDistance()
    {
        if (_reference is null) return double.NaN;
        _loss.LogRiskAndWeights(_margins, _weights);
        TensorPrimitives.Divide(_weights, TensorPrimitives.Sum<double>(_weights), _weights);
        TensorPrimitives.Subtract(_weights, _reference.DualWeights, _weights);
        return 0.5 * TensorPrimitives.SumOfMagnitudes<double>(_weights);
    }
}
