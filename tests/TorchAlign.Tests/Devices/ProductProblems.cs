using System.Numerics.Tensors;
using TorchAlign.Data;
using TorchAlign.Devices;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Networks.Constraints;
using TorchAlign.Numerics;
using TorchAlign.Tests.Dynamics;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Tests.Devices;

/// <summary>Networks with several outputs: every loss of their product, and problems on managed memory and on a device.</summary>
internal static class ProductProblems
{
    /// <summary>Kinds of problems.</summary>
    public const string Free = "free", Constrained = "constrained", Samples = "samples";

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

    public static NetworkShape ShapeOf(string kind) => kind == Constrained
        ? Images.Shape
        : new NetworkShape(12, 5, 4, 12);

    /// <summary>One problem twice, and a start.</summary>
    public static (IVectorField Managed, TorchField Field, double[] Start) Make(string device, string kind)
    {
        var shape = ShapeOf(kind);
        var data = ProductFieldTests.Regression(30, shape.Inputs, shape.Outputs, new RandomStream(3));
        var loss = SquaredLoss.Mean(SecondMoments.Of(data));
        var field = On(DeviceName.Resolve(device), kind, loss, ScalarType.Float64);
        var random = new RandomStream(4);
        return kind switch
        {
            Constrained => (new PulledBackField(loss, new ConstraintMap(Images)), field, Images.Gaussian(0.3, random)),
            Samples => (new PulledBackField(Mean(Few.Seen), Few), field, Initialization.Gaussian(shape, 0.3, random)),
            _ => (new ProductField(shape, loss), field, Initialization.Gaussian(shape, 0.3, random)),
        };
    }

    public static TorchField On(Device device, string kind, IProductLoss loss, ScalarType dtype) => kind switch
    {
        Constrained => new TorchPulledBackField(loss, new ConstraintMap(Images), device, dtype),
        Samples => new TorchPulledBackField(Mean(Few.Seen), Few, device, dtype),
        _ => new TorchProductField(ShapeOf(kind), loss, device, dtype),
    };

    private static ConstrainedLayers Images => TorchPulledBackFieldTests.Images(Border.Zero);

    private static SampleMap Few
    {
        get
        {
            var shape = ShapeOf(Samples);
            return new SampleMap(shape, ProductFieldTests.Regression(3, shape.Inputs, shape.Outputs, new RandomStream(6)));
        }
    }

    private static IProductLoss Mean(RegressionSet data) => SquaredLoss.Mean(SecondMoments.Of(data));
}
