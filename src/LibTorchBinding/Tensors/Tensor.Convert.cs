using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>To other dtypes and devices, and to C#.</summary>
    public partial class Tensor
    {
        /// <summary>Itself (a new object on the same memory) if nothing is to be done and no copy is asked for.</summary>
        public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            After(disposeAfter, Op.to_dtype.Call(this, type, non_blocking, copy));

        public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            After(disposeAfter, Op.to_device.Call(this, device, dtype, non_blocking, copy));

        public Tensor to(
            ScalarType type, Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            After(disposeAfter, Op.to_device.Call(this, device, type, non_blocking, copy));

        public Tensor to(
            DeviceType deviceType,
            int deviceIndex = -1,
            bool copy = false,
            bool disposeAfter = false,
            bool non_blocking = false) => to(new Device(deviceType, deviceIndex), copy, disposeAfter, non_blocking);

        public Tensor to(string device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(new Device(device), copy, disposeAfter, non_blocking);

        public Tensor to(Tensor other, bool non_blocking = false) =>
            Op.to_device.Call(this, other.device, other.dtype, non_blocking);

        public Tensor to_type(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(type, copy, disposeAfter, non_blocking);

        public Tensor type_as(Tensor tensor) => to(tensor.dtype);

        public Tensor cpu() => to(CPU);

        public Tensor cuda(Device? device = null, bool non_blocking = false) =>
            to(device ?? CUDA, non_blocking: non_blocking);

        public Tensor @double() => to(ScalarType.Float64);

        public Tensor @float() => to(ScalarType.Float32);

        public Tensor @long() => to(ScalarType.Int64);

        public Tensor @int() => to(ScalarType.Int32);

        public Tensor @bool() => to(ScalarType.Bool);

        /// <summary>The elements in place; only on the CPU, and in the type they have.</summary>
        public TensorAccessor<T> data<T>()
            where T : unmanaged => new(this);

        /// <summary>The memory of a contiguous CPU tensor.</summary>
        public unsafe Span<byte> bytes
        {
            get
            {
                if (device_type != DeviceType.CPU || !is_contiguous())
                {
                    throw new InvalidOperationException(
                        "bytes needs a contiguous tensor on the CPU: call cpu().contiguous() first.");
                }
                return new Span<byte>(DataPointer, checked((int)(NumberOfElements * ElementSize)));
            }
            set
            {
                if (value.Length != bytes.Length)
                    throw new ArgumentException($"{value.Length} bytes for a tensor of {bytes.Length}.");
                value.CopyTo(bytes);
            }
        }

        /// <summary>The only element, in the type it has.</summary>
        public unsafe T item<T>()
            where T : unmanaged
        {
            if (NumberOfElements != 1)
            {
                throw new InvalidOperationException(
                    $"item needs a tensor with one element, this one has {NumberOfElements}.");
            }
            if (device_type == DeviceType.CPU) return *Single<T>(this);
            using var local = cpu();
            return *Single<T>(local);
        }

        public Scalar ToScalar()
        {
            if (is_complex()) throw new InvalidOperationException("Complex scalars are not part of this binding.");
            using var wide = to(is_floating_point() ? ScalarType.Float64 : ScalarType.Int64);
            return is_floating_point() ? wide.item<double>()
                : dtype == ScalarType.Bool ? wide.item<long>() != 0
                : wide.item<long>();
        }

        private static unsafe T* Single<T>(Tensor tensor)
            where T : unmanaged
        {
            using var accessor = new TensorAccessor<T>(tensor);
            return accessor.Data;
        }

        private Tensor After(bool disposeAfter, Tensor result)
        {
            if (disposeAfter) Dispose();
            return result;
        }
    }
}
