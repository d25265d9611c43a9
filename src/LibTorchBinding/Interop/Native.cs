using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace TorchSharp;

/// <summary>The C ABI of native/torchalign_native.h. Handles are TensorImpl* that own one reference.</summary>
internal static unsafe partial class Native
{
    private const string Library = "torchalign_native";

    static Native()
    {
        NativeLibrary.SetDllImportResolver(typeof(Native).Assembly, (name, assembly, path) =>
        {
            if (name != Library) return 0;
            // By its full path where it stands: the loader's complaint is then about what is really missing.
            var beside = Path.Combine(AppContext.BaseDirectory, $"lib{Library}.so");
            try
            {
                return File.Exists(beside) ? NativeLibrary.Load(beside) : NativeLibrary.Load(name, assembly, path);
            }
            catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
            {
                throw new DllNotFoundException(
                    "The native half of LibTorchBinding could not be loaded. It stands beside the program and needs the "
                    + "libtorch it was built against: if that was moved or removed, set TORCHALIGN_LIBTORCH or install "
                    + "libtorch-dev and build again, or build with -p:TorchSharpSource=package. The loader said: "
                    + Reason(e.Message), e);
            }
        });

        // .NET begins with general advice; what was wrong comes after it.
        static string Reason(string message) =>
            message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is [_, .. { Length: > 0 } rest]
                ? string.Join("; ", rest)
                : message.Trim();
    }

    [LibraryImport(Library)]
    internal static partial IntPtr ta_operator(byte* name, byte* overload);

    [LibraryImport(Library)]
    internal static partial int ta_call(IntPtr op, NativeValue* args, int nargs, NativeValue* results, int nresults);

    [LibraryImport(Library)]
    internal static partial byte* ta_last_error();

    [LibraryImport(Library)]
    internal static partial void ta_free(IntPtr tensor);

    // The facts below are a few loads each, never block and call nothing back: no need to leave the GC's mode for them.

    [LibraryImport(Library), SuppressGCTransition]
    internal static partial long ta_live();

    [LibraryImport(Library), SuppressGCTransition]
    internal static partial long ta_peak();

    [LibraryImport(Library), SuppressGCTransition]
    internal static partial int ta_dtype(IntPtr tensor);

    [LibraryImport(Library), SuppressGCTransition]
    internal static partial long ta_dim(IntPtr tensor);

    [LibraryImport(Library), SuppressGCTransition]
    internal static partial long ta_numel(IntPtr tensor);

    [LibraryImport(Library), SuppressGCTransition]
    internal static partial long ta_element_size(IntPtr tensor);

    [LibraryImport(Library), SuppressGCTransition]
    internal static partial long ta_storage_offset(IntPtr tensor);

    [LibraryImport(Library), SuppressGCTransition]
    internal static partial long ta_device(IntPtr tensor);

    [LibraryImport(Library), SuppressGCTransition]
    internal static partial void ta_sizes(IntPtr tensor, long* sizes);

    [LibraryImport(Library), SuppressGCTransition]
    internal static partial int ta_is_contiguous(IntPtr tensor);

    [LibraryImport(Library), SuppressGCTransition]
    internal static partial int ta_requires_grad(IntPtr tensor);

    [LibraryImport(Library), SuppressGCTransition]
    internal static partial int ta_grad_mode();

    [LibraryImport(Library), SuppressGCTransition]
    internal static partial void ta_set_grad_mode(int on);

    [LibraryImport(Library)]
    internal static partial int ta_strides(IntPtr tensor, long* strides);

    [LibraryImport(Library)]
    internal static partial int ta_data(IntPtr tensor, void** data);

    [LibraryImport(Library)]
    internal static partial int ta_is_leaf(IntPtr tensor);

    [LibraryImport(Library)]
    internal static partial int ta_set_requires_grad(IntPtr tensor, int on);

    [LibraryImport(Library)]
    internal static partial int ta_grad_of(IntPtr tensor, IntPtr* grad);

    [LibraryImport(Library)]
    internal static partial int ta_set_grad_of(IntPtr tensor, IntPtr grad);

    [LibraryImport(Library)]
    internal static partial int ta_retain_grad(IntPtr tensor);

    [LibraryImport(Library)]
    internal static partial int ta_backward(
        IntPtr* tensors, int n, IntPtr* grads, int ngrads, int retain, int create, IntPtr* inputs, int nin);

    [LibraryImport(Library)]
    internal static partial int ta_grad(
        IntPtr* outputs, int nout, IntPtr* inputs, int nin, IntPtr* grads, int ngrads, int retain, int create,
        int allowUnused, IntPtr* results);

    [LibraryImport(Library)]
    internal static partial int ta_manual_seed(long seed, IntPtr* generator);

    [LibraryImport(Library)]
    internal static partial int ta_default_generator(IntPtr* generator);

    [LibraryImport(Library)]
    internal static partial int ta_new_generator(long seed, IntPtr* generator);

    [LibraryImport(Library)]
    internal static partial int ta_seed_generator(IntPtr generator, long seed);

    [LibraryImport(Library)]
    internal static partial int ta_reseed_generator(IntPtr generator, long* seed);

    [LibraryImport(Library)]
    internal static partial long ta_generator_seed(IntPtr generator);

    [LibraryImport(Library)]
    internal static partial void ta_free_generator(IntPtr generator);

    [LibraryImport(Library)]
    internal static partial int ta_cuda_devices();

    [LibraryImport(Library)]
    internal static partial int ta_cuda_synchronize(long index);

    [LibraryImport(Library)]
    internal static partial int ta_allow_tf32();

    [LibraryImport(Library)]
    internal static partial int ta_set_allow_tf32(int on);

    [LibraryImport(Library)]
    internal static partial int ta_num_threads();

    [LibraryImport(Library)]
    internal static partial int ta_set_num_threads(int threads);

    /// <summary>Throws libtorch's message if a call failed.</summary>
    internal static void Check(int failed)
    {
        if (failed != 0) Throw();
    }

    internal static void Throw() => throw new ExternalException(Marshal.PtrToStringUTF8((IntPtr)ta_last_error()));
}
