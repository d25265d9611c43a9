using TorchAlign.Alignment;
using TorchAlign.Numerics;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchAlign.Tests.Alignment;

[Collection(nameof(GlobalGenerator))]
public class AlignmentProbeTests
{
    [Fact]
    public void Norms_and_angles_of_known_layers()
    {
        using var scope = NewDisposeScope();
        // W_1 = 5 e_2 (.6, .8)^T, W_2 = diag(3, 4) with u = v = e_2, W_3 = (1, 0) and so orthogonal to u_2.
        using var net = nn.Sequential(
            ("first", Dense(2, 2, 0, 0, 3, 4)), ("relu", nn.ReLU()), ("second", Dense(2, 2, 3, 0, 0, 4)), ("third", Dense(1, 2, 1, 0)));
        var seen = new AlignmentProbe(net).Observe();
        Assert.Equal(["first", "second", "third"], seen.Layers.Select(l => l.Name));
        AssertEqual([5, 5, 1], seen.Layers.Select(l => l.FrobeniusNorm));
        AssertEqual([5, 4, 1], seen.Layers.Select(l => l.SpectralNorm));
        AssertEqual([1, 0.8, 1], seen.Layers.Select(l => l.SpectralRatio));
        AssertEqual([0, Math.Sqrt(0.04 + 0.36), 0], seen.Layers.Select(l => l.RankOneResidual));
        Assert.Equal([("first", "second"), ("second", "third")], seen.Pairs.Select(p => (p.Below, p.Above)));
        AssertEqual([1, 0], seen.Pairs.Select(p => p.Alignment));
    }

    [Fact]
    public void Finds_nested_shared_and_moved_layers_and_pairs_only_what_fits()
    {
        using var scope = NewDisposeScope();
        using var shared = nn.Linear(4, 4);
        using var net = nn.Sequential(
            ("features", nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8, 4))),
            ("one", shared), ("two", shared), ("head", nn.Sequential(nn.Linear(6, 3), nn.Linear(3, 2))));
        var probe = new AlignmentProbe(net);
        Assert.Equal(["features.3", "one", "head.0", "head.1"], probe.Names);
        Assert.Equal(["features.3 one", "head.0 head.1"], probe.Observe().Pairs.Select(p => $"{p.Below} {p.Above}"));
        var single = probe.Observe().Layers[0];
        net.to(float64);
        Assert.Equal(single, probe.Observe().Layers[0]); // the same numbers from another tensor in the same place
        Assert.Equal((4, 8), (single.Rows, single.Columns));

        using var alone = nn.Linear(3, 2);
        Assert.Equal("Linear", Assert.Single(new AlignmentProbe(alone).Observe().Layers).Name);
        using var none = nn.Sequential(nn.Conv2d(1, 2, 3));
        Assert.Contains("no Linear", Assert.Throws<ArgumentException>(() => new AlignmentProbe(none)).Message);
    }

    [Fact]
    public void Nested_layers_come_in_the_order_in_which_they_are_called()
    {
        using var scope = NewDisposeScope();
        using var net = nn.Sequential(
            ("a", nn.Sequential(("b", nn.Sequential(("c", nn.Linear(2, 3)), ("d", nn.Linear(3, 4)))), ("e", nn.Linear(4, 5)))),
            ("f", nn.Linear(5, 6)));
        var seen = new AlignmentProbe(net).Observe();
        Assert.Equal(["a.b.c", "a.b.d", "a.e", "f"], seen.Layers.Select(l => l.Name));
        Assert.Equal(["a.b.c a.b.d", "a.b.d a.e", "a.e f"], seen.Pairs.Select(p => $"{p.Below} {p.Above}"));
    }

    [Fact]
    public void Weights_that_are_not_finite_give_NaN_and_no_error()
    {
        using var scope = NewDisposeScope();
        using var net = nn.Sequential(Dense(2, 2, 1, double.NaN, 0, 1), Dense(2, 2, 0, 0, 0, 0), Dense(2, 2, 1, 0, 0, 1));
        var seen = new AlignmentProbe(net).Observe();
        Assert.True(double.IsNaN(seen.Layers[0].FrobeniusNorm) && double.IsNaN(seen.Pairs[0].Alignment));
        Assert.Equal(0, seen.Layers[1].FrobeniusNorm);
        Assert.True(double.IsNaN(seen.Layers[1].SpectralRatio));
        Assert.Equal(Math.Sqrt(0.5), seen.Layers[2].SpectralRatio, 1e-15);
    }

    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Float32)]
    public void Watching_does_not_change_a_bit(ScalarType dtype)
    {
        var (watched, drawn) = Train(probed: true);
        var (unwatched, drawnAlone) = Train(probed: false);
        Assert.Equal(unwatched, watched);
        Assert.Equal(drawnAlone, drawn);

        (List<double> Parameters, double Drawn) Train(bool probed)
        {
            using var scope = NewDisposeScope();
            manual_seed(3);
            using var net = nn.Sequential(
                nn.Conv2d(1, 3, 3, padding: 1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(12, 6), nn.ReLU(), nn.Linear(6, 4));
            net.to(dtype);
            var probe = probed ? new AlignmentProbe(net) : null;
            using var sgd = optim.SGD(net.parameters(), 0.1, momentum: 0.9);
            for (var step = 0; step < 20; step++)
            {
                var x = randn([8, 1, 4, 4], dtype: dtype);
                using var target = tensor(new long[] { 0, 1, 2, 3, 0, 1, 2, 3 });
                sgd.zero_grad();
                var loss = nn.functional.cross_entropy(net.call(x), target);
                probe?.Observe();
                loss.backward();
                probe?.Observe();
                sgd.step();
            }
            var parameters = net.parameters().SelectMany(p => p.detach().to(float64).data<double>().ToArray());
            return ([.. parameters], randn(1, dtype: float64).item<double>());
        }
    }

    [Fact]
    public void Agrees_with_the_spectrum_of_a_random_layer()
    {
        using var scope = NewDisposeScope();
        var random = new RandomStream(4);
        var values = new double[35];
        random.FillGaussian(values);
        using var net = nn.Sequential(Dense(7, 5, values));
        var layer = Assert.Single(new AlignmentProbe(net).Observe().Layers);
        // Independent: the largest eigenvalue of W^T W.
        var w = tensor(values, 7, 5, dtype: float64);
        var largest = linalg.eigvalsh(w.t().mm(w)).max().item<double>();
        Assert.Equal(Math.Sqrt(largest), layer.SpectralNorm, 1e-12);
        Assert.Equal(w.norm().item<double>(), layer.FrobeniusNorm, 1e-12);
    }

    private static Linear Dense(int rows, int columns, params double[] weights) =>
        nn.Linear(new Parameter(tensor(weights, rows, columns, dtype: float64)));

    private static void AssertEqual(IEnumerable<double> expected, IEnumerable<double> actual)
    {
        foreach (var (e, a) in expected.Zip(actual, (e, a) => (e, a))) Assert.Equal(e, a, 1e-12);
    }
}
