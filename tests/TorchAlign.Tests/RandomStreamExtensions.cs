using TorchAlign.Numerics;

namespace TorchAlign.Tests;

internal static class RandomStreamExtensions
{
    /// <summary>The next Gaussian number, in the form that <c>Select</c> over a range takes.</summary>
    public static double NextGaussianAt(this RandomStream random, int index)
    {
        _ = index;
        return random.NextGaussian();
    }
}
