using System.Numerics.Tensors;
using TorchAlign.Data;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchAlign.Tests.Dynamics;

namespace TorchAlign.Tests.Devices;

/// <summary>Every loss of a product, on data for a network with several outputs.</summary>
internal static class ProductProblems
{
    public static IEnumerable<IProductLoss> Losses(NetworkShape shape, RandomStream random, int samples = 12)
    {
        var data = ProductFieldTests.Regression(samples, shape.Inputs, shape.Outputs, random);
        var seen = Enumerable.Range(0, shape.Outputs * shape.Inputs).Where(place => place % 3 != 1).Select(place =>
            new SeenEntry(place / shape.Inputs, place % shape.Inputs, random.NextGaussian()));
        return
        [
            SquaredLoss.Mean(SecondMoments.Of(data)),
            SquaredLoss.Sum(SecondMoments.Of(data)),
            new CrossEntropyLoss(ProductFieldTests.Distributions(data)),
            new CrossEntropyLoss(Labels(data)),
            new MaskedLoss(new CompletionProblem(shape.Outputs, shape.Inputs, [.. seen])),
        ];
    }

    /// <summary>The class of the largest target, one-hot.</summary>
    public static RegressionSet Labels(RegressionSet data)
    {
        var y = new Matrix(data.Count, data.Outputs);
        for (var i = 0; i < y.Rows; i++) y[i, TensorPrimitives.IndexOfMax<double>(data.Y.Row(i))] = 1;
        return new RegressionSet(data.Name, data.X, y);
    }
}
