using TorchAlign.Data;
using TorchAlign.Numerics;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchAlign.Experiments.Papers;

/// <summary>
/// An ordinary image classifier: two convolutions 3x3, each with ReLU and 2x2 max pooling, below three dense layers with ReLU
/// between: images (n, c, h, w) to logits (n, classes), float64.
/// </summary>
internal static class ConvolutionalClassifier
{
    /// <summary>The dense layers by their names in the module, the one nearest the input first.</summary>
    public static IReadOnlyList<string> Dense { get; } = ["dense1", "dense2", "dense3"];

    /// <summary>
    /// The network at PyTorch's default start: weights and biases uniform within 1 / sqrt(inputs of one output), but from
    /// <paramref name="random"/>, so that a seed means the same numbers with every libtorch.
    /// </summary>
    public static Sequential Build(ImageShape image, int classes, int channels, int width, RandomStream random)
    {
        var pooled = 2 * channels * (image.Height / 4) * (image.Width / 4);
        var net = nn.Sequential(
            ("conv1", nn.Conv2d(image.Channels, channels, 3, padding: 1, dtype: float64)), ("relu1", nn.ReLU()), ("pool1", nn.MaxPool2d(2)),
            ("conv2", nn.Conv2d(channels, 2 * channels, 3, padding: 1, dtype: float64)), ("relu2", nn.ReLU()), ("pool2", nn.MaxPool2d(2)),
            ("flatten", nn.Flatten()),
            (Dense[0], nn.Linear(pooled, width, dtype: float64)), ("relu3", nn.ReLU()),
            (Dense[1], nn.Linear(width, width, dtype: float64)), ("relu4", nn.ReLU()),
            (Dense[2], nn.Linear(width, classes, dtype: float64)));
        var bound = 0.0;
        foreach (var (_, parameter) in net.named_parameters())
        {
            // A bias follows its weight, and has its bound.
            if (parameter.ndim > 1) bound = 1 / Math.Sqrt(parameter.numel() / (double)parameter.size(0));
            Fill(parameter, () => random.NextDouble(-bound, bound));
        }
        return net;
    }

    /// <summary>Gives every dense layer a Gaussian weight of ||W||_F = <paramref name="norm"/> [JT, section 4]; all else stays.</summary>
    public static void EqualNorms(Sequential net, double norm, RandomStream random)
    {
        foreach (var layer in net.children().OfType<Linear>())
        {
            Fill(layer.weight, random.NextGaussian);
            using var scope = NewDisposeScope();
            using var unrecorded = no_grad();
            layer.weight.mul_(norm / layer.weight.norm().item<double>());
        }
    }

    private static void Fill(Tensor parameter, Func<double> next)
    {
        var values = new double[parameter.numel()];
        for (var i = 0; i < values.Length; i++) values[i] = next();
        Set(parameter, values);
    }

    /// <summary>Gives a parameter its values in row-major order, wherever it is.</summary>
    public static void Set(Tensor parameter, double[] values)
    {
        using var scope = NewDisposeScope();
        using var unrecorded = no_grad();
        parameter.copy_(tensor(values).view(parameter.shape));
    }
}
