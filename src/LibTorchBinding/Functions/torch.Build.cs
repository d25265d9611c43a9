namespace TorchSharp;

public static partial class torch
{
    /// <summary>
    /// The libtorch that TorchSharp 0.106, whose interface this binding follows, is made for: a constant, as there, which says
    /// nothing of the libtorch in use.
    /// </summary>
    public static string __version__ => "2.10.0.0";

    /// <summary>CUDA devices, where the libtorch in use has CUDA.</summary>
    public static class cuda
    {
        public static bool is_available() => device_count() > 0;

        public static int device_count() => Native.ta_cuda_devices();

        /// <summary>Waits until all work queued on the device is done.</summary>
        public static void synchronize(Device? device = null) =>
            Native.Check(Native.ta_cuda_synchronize(device?.index ?? -1));
    }

    public static class backends
    {
        public static class cuda
        {
            public static class matmul
            {
                /// <summary>Whether float32 products on CUDA may round their factors to 11 bits (TF32).</summary>
                public static bool allow_tf32
                {
                    get => Native.ta_allow_tf32() != 0;
                    set => Native.Check(Native.ta_set_allow_tf32(value ? 1 : 0));
                }
            }
        }
    }

    /// <summary>Threads that one operator may use on the CPU.</summary>
    public static int get_num_threads() => Native.ta_num_threads();

    public static void set_num_threads(int num) => Native.Check(Native.ta_set_num_threads(num));

    public static bool cuda_is_available() => cuda.is_available();
}
