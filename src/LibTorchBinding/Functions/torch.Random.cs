namespace TorchSharp;

public static partial class torch
{
    /// <summary>A stream of random numbers on the CPU, with a seed of its own.</summary>
    public class Generator : IDisposable
    {
        private IntPtr handle;

        public unsafe Generator(ulong seed = 0, Device? device = null)
        {
            if (device is not null && device.type != DeviceType.CPU)
                throw new ArgumentException($"Generators of this binding are for the CPU, not for '{device}'.", nameof(device));
            IntPtr result;
            Native.Check(Native.ta_new_generator((long)seed, &result));
            handle = result;
        }

        internal Generator(IntPtr handle) => this.handle = handle;

        ~Generator() => Dispose(false);

        /// <summary>The generator used where none is given.</summary>
        public static unsafe Generator Default
        {
            get
            {
                IntPtr result;
                Native.Check(Native.ta_default_generator(&result));
                return new Generator(result);
            }
        }

        public IntPtr Handle => handle != 0 ? handle : throw new ObjectDisposedException(nameof(Generator));

        public Device device => CPU;

        public Generator manual_seed(long seed)
        {
            Native.Check(Native.ta_seed_generator(Handle, seed));
            GC.KeepAlive(this);
            return this;
        }

        /// <summary>Takes a new seed from the system and returns it.</summary>
        public unsafe long seed()
        {
            long result;
            Native.Check(Native.ta_reseed_generator(Handle, &result));
            GC.KeepAlive(this);
            return result;
        }

        public long initial_seed()
        {
            var seed = Native.ta_generator_seed(Handle);
            GC.KeepAlive(this);
            return seed;
        }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            var old = Interlocked.Exchange(ref handle, 0);
            if (old != 0 && !Environment.HasShutdownStarted) Native.ta_free_generator(old);
        }
    }

    /// <summary>Seeds the default generators of all devices; returns the CPU's.</summary>
    public static unsafe Generator manual_seed(long seed)
    {
        IntPtr result;
        Native.Check(Native.ta_manual_seed(seed, &result));
        return new Generator(result);
    }
}
