using TorchAlign.Losses;
using TorchAlign.Tests.Devices;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Tests.Losses;

/// <summary>
/// log R and its weights of many sets of margins on tensors, against those of one set on spans, and automatic differentiation.
/// </summary>
public class TensorLossTests
{
    public static TheoryData<string, double, double> Margins
    {
        get
        {
            var data = new TheoryData<string, double, double>();
            foreach (var loss in MarginLoss.All)
                foreach (var (from, width) in ((double, double)[])
                    [(-3, 6), (-40, 80), (30, 15), (36.5, 1), (37.5, 3), (600, 300), (1e6, 50), (1e13, 1e3), (-1e5, 2e5)])
                    data.Add(loss.Name, from, width);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Margins))]
    public void Rows_are_what_they_are_alone(string name, double from, double width)
    {
        var loss = MarginLoss.All.Single(known => known.Name == name);
        var random = new Random(3);
        double[][] rows = [.. Enumerable.Range(0, 4).Select(_ => Row())];
        using var scope = NewDisposeScope();
        var margins = tensor([.. rows.SelectMany(row => row)], [4, 17], dtype: float64, device: CPU);
        var (logRisk, weights) = loss.LogRiskAndWeights(margins);
        var (tapedRisk, tapedWeights) = new Taped(loss).LogRiskAndWeights(margins);
        Assert.Equal([4L], logRisk.shape);
        for (var s = 0; s < 4; s++)
        {
            var expected = new double[17];
            var risk = loss.LogRiskAndWeights(rows[s], expected);
            Assert.Equal(risk, logRisk[s].item<double>(), 1e-14 * Math.Max(1, Math.Abs(risk)));
            Assert.Equal(risk, tapedRisk[s].item<double>(), 1e-14 * Math.Max(1, Math.Abs(risk)));
            TorchMarginFieldTests.Close(expected, weights[s].data<double>().ToArray(), 4e-14);
            TorchMarginFieldTests.Close(expected, tapedWeights[s].data<double>().ToArray(), 4e-14);
        }

        double[] Row() => [.. Enumerable.Range(0, 17).Select(_ => from + width * random.NextDouble())];
    }

    /// <summary>A loss without a formula of its own on tensors.</summary>
    private sealed class Taped(MarginLoss loss) : MarginLoss
    {
        public override string Name => loss.Name;

        public override double? Smoothness => loss.Smoothness;

        public override double? Lipschitz => loss.Lipschitz;

        public override double LogValue(double margin) => loss.LogValue(margin);

        public override double LogSlope(double margin) => loss.LogSlope(margin);

        public override double ShiftedSlopes(ReadOnlySpan<double> margins, Span<double> slopes, out double shift) =>
            loss.ShiftedSlopes(margins, slopes, out shift);

        public override void Curvatures(ReadOnlySpan<double> margins, ReadOnlySpan<double> weights, Span<double> curvatures) =>
            loss.Curvatures(margins, weights, curvatures);

        public override Tensor LogRisk(Tensor margins) => loss.LogRisk(margins);
    }
}
