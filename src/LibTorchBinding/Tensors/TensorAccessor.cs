using System.Collections;
using System.Runtime.CompilerServices;

namespace TorchSharp.Utils;

/// <summary>
/// The elements of a CPU tensor, read and written in place, in row-major order of its indices whatever its strides.
/// </summary>
public sealed unsafe class TensorAccessor<T> : IDisposable, IEnumerable<T>
    where T : unmanaged
{
    private readonly torch.Tensor tensor;
    private readonly T* data;
    private readonly long[] shape;
    private readonly long[] strides;
    private readonly bool contiguous;

    internal TensorAccessor(torch.Tensor tensor)
    {
        if (tensor.device_type != DeviceType.CPU)
        {
            throw new InvalidOperationException(
                $"Reading data needs a tensor on the CPU, this one is on {tensor.device}: call cpu() first.");
        }
        if (sizeof(T) != tensor.ElementSize || !Matches(tensor.dtype))
        {
            throw new ArgumentException(
                $"A tensor of {tensor.dtype} cannot be read as {typeof(T).Name}: call to_type() first.");
        }
        // The accessor holds the tensor, so that its memory stays while somebody reads.
        this.tensor = tensor;
        data = (T*)tensor.DataPointer;
        shape = tensor.shape;
        strides = tensor.stride();
        contiguous = tensor.is_contiguous();
        Count = tensor.NumberOfElements;
    }

    internal T* Data => data;

    public long Count { get; }

    public bool IsReadOnly => false;

    /// <summary>By one index for each dimension.</summary>
    public T this[params long[] indices]
    {
        get => *At(indices);
        set => *At(indices) = value;
    }

    public T[] ToArray()
    {
        var array = new T[Count];
        CopyTo(array);
        return array;
    }

    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) =>
        CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    public void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var target = array[arrayIndex..];
        var n = checked((int)(Count - tensorIndex));
        if (contiguous)
        {
            new ReadOnlySpan<T>(data + tensorIndex, n).CopyTo(target);
        }
        else
        {
            for (var i = 0; i < n; i++) target[i] = data[Offset(tensorIndex + i)];
        }
        GC.KeepAlive(tensor);
    }

    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) =>
        CopyFrom((ReadOnlySpan<T>)array, arrayIndex, tensorIndex);

    public void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var source = array[arrayIndex..];
        if (source.Length > Count - tensorIndex)
            throw new ArgumentException($"{source.Length} values do not fit into {Count - tensorIndex} elements.");
        if (contiguous)
        {
            source.CopyTo(new Span<T>(data + tensorIndex, source.Length));
        }
        else
        {
            for (var i = 0; i < source.Length; i++) data[Offset(tensorIndex + i)] = source[i];
        }
        GC.KeepAlive(tensor);
    }

    public IEnumerator<T> GetEnumerator()
    {
        for (long i = 0; i < Count; i++) yield return Get(i);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose()
    {
    }

    private T Get(long i)
    {
        var value = data[Offset(i)];
        GC.KeepAlive(tensor);
        return value;
    }

    /// <summary>The place in memory of the i-th element in row-major order.</summary>
    private long Offset(long i)
    {
        if (contiguous) return i;
        long offset = 0;
        for (var d = shape.Length - 1; d >= 0; d--)
        {
            offset += i % shape[d] * strides[d];
            i /= shape[d];
        }
        return offset;
    }

    private T* At(long[] indices)
    {
        if (indices.Length != shape.Length)
            throw new ArgumentException($"{indices.Length} indices for a tensor of {shape.Length} dimensions.");
        long offset = 0;
        for (var d = 0; d < indices.Length; d++)
        {
            if ((ulong)indices[d] >= (ulong)shape[d])
                throw new IndexOutOfRangeException($"Index {indices[d]} in dimension {d} of size {shape[d]}.");
            offset += indices[d] * strides[d];
        }
        return data + offset;
    }

    private static bool Matches(torch.ScalarType type) => Unsafe.SizeOf<T>() switch
    {
        _ when typeof(T) == typeof(double) => type == torch.ScalarType.Float64,
        _ when typeof(T) == typeof(float) => type == torch.ScalarType.Float32,
        _ when typeof(T) == typeof(long) => type == torch.ScalarType.Int64,
        _ when typeof(T) == typeof(int) => type == torch.ScalarType.Int32,
        _ when typeof(T) == typeof(short) => type == torch.ScalarType.Int16,
        _ when typeof(T) == typeof(sbyte) => type == torch.ScalarType.Int8,
        _ when typeof(T) == typeof(byte) => type == torch.ScalarType.Byte,
        _ when typeof(T) == typeof(bool) => type == torch.ScalarType.Bool,
        _ when typeof(T) == typeof(Half) => type == torch.ScalarType.Float16,
        _ => false,
    };
}
