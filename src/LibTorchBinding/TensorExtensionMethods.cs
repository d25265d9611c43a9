using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Conversions that TorchSharp offers as extensions.</summary>
public static class TensorExtensionMethods
{
    /// <summary>The only element, converted.</summary>
    public static double ToDouble(this Tensor value) => Element(value).AsDouble();

    public static float ToSingle(this Tensor value) => (float)Element(value).AsDouble();

    public static long ToInt64(this Tensor value) => Element(value).AsInt64();

    public static int ToInt32(this Tensor value) => checked((int)Element(value).AsInt64());

    public static bool ToBoolean(this Tensor value) => Element(value).AsBoolean();

    /// <summary>Takes over the tensor, which becomes empty.</summary>
    public static Parameter AsParameter(this Tensor tensor) => new(tensor);

    /// <summary>The product of the sizes.</summary>
    public static long TotalSize(this IEnumerable<long> shape) => shape.Aggregate(1L, (n, size) => n * size);

    private static Scalar Element(Tensor value) => value.ToScalar();
}
