using System.Globalization;
using System.Runtime.InteropServices;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>
    /// A tensor of libtorch. The object owns one native reference, given back by <see cref="Dispose()"/>, by the dispose
    /// scope it was made in, or by its finaliser.
    /// </summary>
    public partial class Tensor : IDisposable
    {
        private IntPtr handle;

        internal Tensor(IntPtr handle)
        {
            this.handle = handle;
            if (handle != 0) DisposeScopeManager.Register(this);
            else GC.SuppressFinalize(this);
        }

        /// <summary>Takes over the handle and the scope of <paramref name="data"/>, which becomes empty.</summary>
        private protected Tensor(Tensor data)
        {
            handle = data.Handle;
            data.handle = 0;
            GC.SuppressFinalize(data);
            data.OwningDisposeScope?.Replace(data, this);
        }

        ~Tensor() => Dispose(false);

        internal DisposeScope? OwningDisposeScope { get; set; }

        public IntPtr Handle
        {
            get
            {
                if (handle == 0) ThrowEmpty();
                return handle;
            }
        }

        public bool IsInvalid => handle == 0;

        /// <summary>Native tensor handles that are alive now, over all threads.</summary>
        public static long TotalCount => Native.ta_live();

        /// <summary>The most that were alive at once.</summary>
        public static long PeakCount => Native.ta_peak();

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            if (handle == 0) return;
            if (disposing)
            {
                if (OwningDisposeScope is { } scope) scope.MarkAsDisposed(this);
                else DisposeScopeManager.Statistics.TensorStatistics.DisposedOutsideScopeCount++;
            }
            else
            {
                // On the finaliser's thread the scope is gone as well: a scope keeps its tensors reachable.
                if (Environment.HasShutdownStarted) return;
                DisposeScopeManager.Statistics.TensorStatistics.DisposedOutsideScopeCount++;
            }
            Free();
        }

        /// <summary>Frees it for a scope that does its own counting.</summary>
        internal void Release()
        {
            GC.SuppressFinalize(this);
            Free();
        }

        private void Free()
        {
            var old = Interlocked.Exchange(ref handle, 0);
            if (old != 0) Native.ta_free(old);
        }

        /// <summary>Lives on when its scope ends; it is then freed by hand or by its finaliser.</summary>
        public Tensor DetachFromDisposeScope()
        {
            OwningDisposeScope?.Detach(this);
            return this;
        }

        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(DisposeScope? other)
        {
            if (OwningDisposeScope is { } scope) scope.MoveToOther(other, this);
            else other?.Attach(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other.OwningDisposeScope);

        public ScalarType dtype => Fact((ScalarType)Native.ta_dtype(Handle));

        public Device device
        {
            get
            {
                var bits = Fact(Native.ta_device(Handle));
                return bits < 0 && (bits & 0xff) == 0 ? CPU : new Device((DeviceType)(bits & 0xff), (int)(bits >> 32));
            }
        }

        public DeviceType device_type => Fact((DeviceType)(Native.ta_device(Handle) & 0xff));

        public int device_index => Fact((int)(Native.ta_device(Handle) >> 32));

        public bool is_cuda => device_type == DeviceType.CUDA;

        public bool is_cpu() => device_type == DeviceType.CPU;

        public long Dimensions => Fact(Native.ta_dim(Handle));

        public long ndim => Dimensions;

        public long dim() => Dimensions;

        public long NumberOfElements => Fact(Native.ta_numel(Handle));

        public long numel() => NumberOfElements;

        /// <summary>Bytes of one element.</summary>
        public long ElementSize => Fact(Native.ta_element_size(Handle));

        public long element_size() => ElementSize;

        public long storage_offset() => Fact(Native.ta_storage_offset(Handle));

        public bool is_contiguous() => Fact(Native.ta_is_contiguous(Handle)) != 0;

        public bool is_floating_point() => torch.is_floating_point(dtype);

        public bool is_integral() => torch.is_integral(dtype);

        public bool is_complex() => torch.is_complex(dtype);

        /// <summary>The sizes, outermost dimension first.</summary>
        public unsafe long[] shape
        {
            get
            {
                var sizes = new long[Dimensions];
                fixed (long* p = sizes) Native.ta_sizes(Handle, p);
                GC.KeepAlive(this);
                return sizes;
            }
        }

        public long[] size() => shape;

        public long size(int dim)
        {
            var sizes = shape;
            var at = dim < 0 ? dim + sizes.Length : dim;
            return at >= 0 && at < sizes.Length ? sizes[at] : throw new ExternalException(
                $"Dimension out of range (expected to be in range of [{-sizes.Length}, {sizes.Length - 1}], but got {dim})");
        }

        /// <summary>Elements, not bytes, from one index to the next in each dimension.</summary>
        public unsafe long[] stride()
        {
            var strides = new long[Dimensions];
            fixed (long* p = strides) Native.Check(Native.ta_strides(Handle, p));
            GC.KeepAlive(this);
            return strides;
        }

        public long stride(int dim)
        {
            var strides = stride();
            return strides[dim < 0 ? dim + strides.Length : dim];
        }

        /// <summary>Address of the first element, on whatever device.</summary>
        internal unsafe void* DataPointer
        {
            get
            {
                void* data;
                Native.Check(Native.ta_data(Handle, &data));
                GC.KeepAlive(this);
                return data;
            }
        }

        public override string ToString()
        {
            if (IsInvalid) return "empty";
            var sizes = string.Join('x', shape.Select(s => s.ToString(CultureInfo.InvariantCulture)));
            var text = $"[{sizes}], type = {dtype}, device = {device}";
            if (Dimensions != 0) return text;
            var value = is_complex() ? null : this.ToScalar();
            return value is null ? text
                : text + ", value = " + (is_floating_point() ? value.AsDouble().ToString(CultureInfo.InvariantCulture)
                    : dtype == ScalarType.Bool ? value.AsBoolean().ToString()
                    : value.AsInt64().ToString(CultureInfo.InvariantCulture));
        }

        // Keeps this object alive past the native read whose result it passes on.
        private T Fact<T>(T value)
        {
            GC.KeepAlive(this);
            return value;
        }

        private static void ThrowEmpty() => throw new InvalidOperationException(
            "Tensor invalid -- empty handle: it was disposed, by hand or by its dispose scope, or became a Parameter.");
    }
}
