using TorchSharp;
using static TorchSharp.torch;

namespace LibTorchBinding.Tests;

public class SmokeTests
{
    [Fact]
    public void A_linear_network_trains()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var net = nn.Sequential(nn.Linear(3, 4, hasBias: false, dtype: float64), nn.Linear(4, 1, hasBias: false, dtype: float64));
        var x = randn(20, 3, dtype: float64);
        var y = x.matmul(tensor(new[] { 1.0, 2, 3 }).view(3, 1));
        using var sgd = optim.SGD(net.parameters(), 0.05, momentum: 0.5);
        double first = 0, last = 0;
        for (var i = 0; i < 200; i++)
        {
            var loss = sgd.step(() =>
            {
                sgd.zero_grad();
                var l = nn.functional.mse_loss(net.call(x), y);
                l.backward();
                return l;
            });
            if (i == 0) first = loss!.item<double>();
            last = loss!.item<double>();
        }
        Assert.True(last < 1e-6 * first, $"{first} to {last}");
    }
}
