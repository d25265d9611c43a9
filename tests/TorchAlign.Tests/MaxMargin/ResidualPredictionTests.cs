using System.Numerics.Tensors;
using TorchAlign.Data;
using TorchAlign.MaxMargin;
using TorchAlign.Tests.Data;
using static TorchAlign.Tests.MaxMargin.MarginCheck;

namespace TorchAlign.Tests.MaxMargin;

public class ResidualPredictionTests
{
    [Fact]
    public void Two_support_vectors_in_the_plane()
    {
        // Weights .775 and .225, 1.244 apart: |v| = ln(.775/.225) / 1.244.
        const double a = 0.775, s = 1.244, gamma = 0.1396;
        ResidualPrediction v = Predict(Points(2, gamma, (1 - a) * s, gamma, -a * s, 0.9, 0), out SignedPoints z, out _);
        Assert.True(v.Complete);
        Assert.Equal(Math.Log(a / (1 - a)) / s, v.Norm * z.Z[0] / gamma, 1e-13);
    }

    [Fact]
    public void The_conditions_hold_on_iris_and_digits()
    {
        ReadOptions[] both = [new() { Positive = "setosa", Center = true }, new() { Positive = "3", Negative = "5" }];
        foreach (ReadOptions options in both)
        {
            string file = options.Positive == "3" ? RepositoryFiles.Digits : RepositoryFiles.Iris;
            ResidualPrediction v = Predict(DataFile.Read(file, options).ToSignedPoints(), out SignedPoints z, out MarginSolution s);
            Assert.Equal(0, TensorPrimitives.Dot<double>(v.V, s.Direction), 1e-12);
            double[] c = [.. s.SupportVectors.Select(i => TensorPrimitives.Dot(z.Row(i), v.V) + Math.Log(s.DualWeights[i]))];
            Assert.All(c, value => Assert.Equal(c[0], value, 1e-11));
            Assert.Equal(s.SupportSpansData, v.Complete);
            if (!v.Complete) Assert.Contains("Assumption 3", v.Reason);
        }
    }

    [Fact]
    public void Dependent_support_vectors_find_the_weights_of_the_limit()
    {
        // A square face, its weights not unique: by symmetry the limit weighs all four alike and v = 0. Moving one
        // vertex out breaks it.
        ResidualPrediction square = Predict(Points(3, 1, 1, 1, 1, 1, -1, 1, -1, 1, 1, -1, -1), out _, out _);
        Assert.True(square.Complete);
        Assert.Equal(0, square.Norm, 1e-13);
        ResidualPrediction v = Predict(Points(3, 1, 2, 1, 1, 1, -1, 1, -1, 1, 1, -1, -1), out SignedPoints z, out MarginSolution s);
        Assert.Equal(4, s.SupportVectors.Length);
        double[] p = [.. s.SupportVectors.Select(i => Math.Exp(-TensorPrimitives.Dot(z.Row(i), v.V)))];
        TensorPrimitives.Divide(p, p.Sum(), p);
        for (int j = 0; j < 3; j++)
            Assert.Equal(s.Gamma * s.Direction[j], s.SupportVectors.Index().Sum(k => p[k.Index] * z.Row(k.Item)[j]), 1e-14);
        Assert.True(v.Norm > 0.1);
    }

    [Fact]
    public void Duplicated_support_vectors_count_twice()
    {
        // z_1 twice carries its weight in two halves: ln(a / 2) in place of ln a.
        const double a = 0.7, s = 1;
        ResidualPrediction v = Predict(Points(2, 0.2, (1 - a) * s, 0.2, (1 - a) * s, 0.2, -a * s), out SignedPoints z, out _);
        Assert.Equal(Math.Log(a / 2 / (1 - a)) / s, v.Norm * z.Z[0] / 0.2, 1e-13);
    }

    [Fact]
    public void A_support_vector_without_weight_has_no_limit()
    {
        // The third lies on the margin but beyond the foot of the perpendicular.
        ResidualPrediction v = Predict(Points(2, 0.2, 0, 0.2, 0.5), out _, out MarginSolution s);
        Assert.Equal(2, s.SupportVectors.Length);
        Assert.Null(v.V);
        Assert.True(double.IsNaN(v.Norm));
        Assert.Contains("Support vector 1 carries no dual weight", v.Reason);
        ResidualPrediction three = Predict(Points(2, 0.2, 0, 0.2, 0.5, 0.2, 0.6), out _, out _);
        Assert.Null(three.V);
    }

    [Fact]
    public void One_support_vector_leaves_nothing_to_miss()
    {
        ResidualPrediction v = Predict(Points(2, 0, 0.2), out _, out _);
        Assert.True(v.Complete);
        Assert.Equal(0, v.Norm);
    }

    [Fact]
    public void No_prediction_without_separability()
    {
        ResidualPrediction v = Predict(Points(1, 1, -1), out _, out _);
        Assert.False(v.Complete);
        Assert.Contains("not proved separable", v.Reason);
    }

    [Fact]
    public void Gradient_flow_of_one_layer_ends_where_predicted()
    {
        // Newton on the exponential risk, norm growing: its path has the same limit, since the weights p tend to a on
        // both.
        ResidualPrediction v = Predict(Generators.PlanarSet(7).ToSignedPoints(), out SignedPoints z, out MarginSolution s);
        const double rho = 300;
        double t = 0;
        double[] across = [-s.Direction[1], s.Direction[0]];
        for (int step = 0; step < 100; step++)
        {
            // Along the line rho u + t across, the flow is at rest across when the weighted mean of the points is along
            // u.
            double[] w = [rho * s.Direction[0] + t * across[0], rho * s.Direction[1] + t * across[1]];
            var m = new double[z.Count];
            z.Margins(w, m);
            double least = m.Min(), sum = 0, mean = 0, square = 0;
            for (int i = 0; i < m.Length; i++)
            {
                double p = Math.Exp(least - m[i]);
                double x = TensorPrimitives.Dot(z.Row(i), across);
                (sum, mean, square) = (sum + p, mean + p * x, square + p * x * x);
            }

            mean /= sum;
            t += mean / (square / sum - mean * mean);
        }

        Assert.Equal(v.Norm, Math.Abs(t), 1e-5 * v.Norm);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Without_assumption_3_the_part_outside_the_span_grows_with_depth(int depth)
    {
        ResidualPrediction v = Predict(
            new SignedPoints([0.15, 0.4, 0, 0.15, -0.3, 0, 0.5, 0.1, 0.6, 0.6, -0.2, -0.3], 4, 3), out SignedPoints z, out _);
        Assert.False(v.Complete);

        // The balanced product follows dw ~ g + (L-1) w^ <w^, g>; by log ||w||, with Runge and Kutta's classical method.
        double[] w = [0.5, 0.2, 0.3];
        const double h = 1e-3;
        int steps = (int)(Math.Log(200) / h), half = steps - (int)(Math.Log(2) / h);
        double before = 0;
        for (int k = 0; k < steps; k++)
        {
            if (k == half) before = w[2];
            double[] a = Flow(w), b = Flow(Move(w, h / 2, a)), c = Flow(Move(w, h / 2, b)), d = Flow(Move(w, h, c));
            w = Move(Move(Move(Move(w, h / 6, a), h / 3, b), h / 3, c), h / 6, d);
        }

        Assert.Equal(1 - 1.0 / depth, Math.Log(w[2] / before) / Math.Log(2), 0.01);
        Assert.Equal(v.V![1], w[1], 0.1 * v.Norm);

        double[] Flow(double[] at)
        {
            var p = new double[z.Count];
            z.Margins(at, p);
            double least = p.Min(), norm = TensorPrimitives.Norm<double>(at);
            var g = new double[3];
            for (int i = 0; i < p.Length; i++) TensorPrimitives.MultiplyAdd(z.Row(i), Math.Exp(least - p[i]), g, g);
            g = Move(g, (depth - 1) * TensorPrimitives.Dot<double>(at, g) / (norm * norm), at);
            double rate = norm * norm / TensorPrimitives.Dot<double>(at, g);
            return [.. g.Select(x => x * rate)];
        }

        static double[] Move(double[] from, double length, double[] along) => [.. from.Zip(along, (x, y) => x + length * y)];
    }

    private static ResidualPrediction Predict(SignedPoints points, out SignedPoints z, out MarginSolution s)
    {
        z = points;
        s = HardMargin.Solve(points);
        return ResidualPrediction.Of(points, s);
    }
}
