using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using TorchAlign.Checkpoints;

namespace TorchAlign.Numerics;

/// <summary>
/// Random numbers whose stream never changes: the same seed gives the same numbers in every version of TorchAlign.
/// </summary>
/// <remarks>
/// xoshiro256++ (D. Blackman, S. Vigna, <i>Scrambled linear pseudorandom number generators</i>, ACM TOMS 47, 2021), its
/// state filled by SplitMix64 (G. Steele, D. Lea, C. Flood, OOPSLA 2014). <see cref="System.Random"/> does not promise
/// its seeded numbers. Integers and uniform numbers are the same on every machine; Gaussian ones pass through
/// <see cref="Math.Log(double)"/>, whose last bit is the platform's. Not thread-safe.
/// </remarks>
public sealed class RandomStream : IResumable
{
    private ulong s0, s1, s2, s3;
    private double spareGaussian;
    private bool hasSpare;

    /// <summary>Starts the stream of <paramref name="seed"/>; every value, 0 included, is a good seed.</summary>
    public RandomStream(long seed)
    {
        ulong state = unchecked((ulong)seed);
        s0 = SplitMix64(ref state);
        s1 = SplitMix64(ref state);
        s2 = SplitMix64(ref state);
        s3 = SplitMix64(ref state);
    }

    private RandomStream(ReadOnlySpan<byte> state)
    {
        s0 = BinaryPrimitives.ReadUInt64LittleEndian(state);
        s1 = BinaryPrimitives.ReadUInt64LittleEndian(state[8..]);
        s2 = BinaryPrimitives.ReadUInt64LittleEndian(state[16..]);
        s3 = BinaryPrimitives.ReadUInt64LittleEndian(state[24..]);
    }

    /// <summary>
    /// One of the streams that an experiment of one seed draws from: for every purpose, and every index where there are several of a
    /// kind, a stream of its own. Streams of neighbouring seeds, purposes or indices have nothing in common, while those of seed,
    /// seed + 1, ... that are used up in turn meet again in the next experiment.
    /// </summary>
    /// <remarks>
    /// The state is the SHA-256 of the seed (8 bytes, little-endian), the purpose in UTF-8, a byte 0xFF, which UTF-8 does not have, and the
    /// indices (8 bytes each): of two different names the states, 256 bits, agree with no chance that matters, and so they are never 0.
    /// </remarks>
    /// <param name="seed">Of the experiment.</param>
    /// <param name="purpose">What is drawn: "start", "data".</param>
    /// <param name="indices">Which one of several: a depth, the number of a start.</param>
    public static RandomStream Named(long seed, string purpose, params ReadOnlySpan<long> indices)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(seed);
        hash.AppendData(Encoding.UTF8.GetBytes(purpose));
        hash.AppendData([0xFF]);
        foreach (var index in indices) Append(index);
        return new RandomStream(hash.GetHashAndReset());

        void Append(long number)
        {
            Span<byte> bytes = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
            hash.AppendData(bytes);
        }
    }

    /// <summary>64 random bits.</summary>
    public ulong NextUInt64()
    {
        ulong result = unchecked(BitOperations.RotateLeft(s0 + s3, 23) + s0);
        ulong t = s1 << 17;
        s2 ^= s0;
        s3 ^= s1;
        s1 ^= s2;
        s0 ^= s3;
        s2 ^= t;
        s3 = BitOperations.RotateLeft(s3, 45);
        return result;
    }

    /// <summary>Uniform on the 2^53 multiples of 2^-53 in [0, 1).</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform on [<paramref name="low"/>, <paramref name="high"/>).</summary>
    public double NextDouble(double low, double high) => low + (high - low) * NextDouble();

    /// <summary>Uniform on 0..<paramref name="bound"/>-1, without bias.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The bound is not positive.</exception>
    public int NextInt32(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        ulong range = (ulong)bound;
        ulong firstUnbiased = unchecked(0UL - range) % range;
        while (true)
        {
            ulong high = Math.BigMul(NextUInt64(), range, out ulong low);
            if (low >= firstUnbiased) return (int)high;
        }
    }

    /// <summary>
    /// Standard Gaussian (G. Marsaglia's polar method; two at a time, the second is kept for the next call).
    /// </summary>
    public double NextGaussian()
    {
        if (hasSpare)
        {
            hasSpare = false;
            return spareGaussian;
        }

        while (true)
        {
            double u = 2 * NextDouble() - 1;
            double v = 2 * NextDouble() - 1;
            double s = u * u + v * v;
            if (s >= 1 || s == 0) continue;
            double factor = Math.Sqrt(-2 * Math.Log(s) / s);
            spareGaussian = v * factor;
            hasSpare = true;
            return u * factor;
        }
    }

    /// <summary>Fills <paramref name="destination"/> with standard Gaussians, in order.</summary>
    public void FillGaussian(Span<double> destination)
    {
        for (int i = 0; i < destination.Length; i++) destination[i] = NextGaussian();
    }

    public void Save(Snapshot memory)
    {
        memory.Write("state", [(long)s0, (long)s1, (long)s2, (long)s3]);
        memory.Write("spare", hasSpare ? [spareGaussian] : ReadOnlySpan<double>.Empty);
    }

    public void Restore(Snapshot memory)
    {
        long[] state = memory.ReadInt64s("state", 4);
        (s0, s1, s2, s3) = ((ulong)state[0], (ulong)state[1], (ulong)state[2], (ulong)state[3]);
        hasSpare = memory.LengthOf("spare") == 1;
        spareGaussian = hasSpare ? memory.ReadDouble("spare") : 0;
    }

    private static ulong SplitMix64(ref ulong state)
    {
        unchecked
        {
            state += 0x9E3779B97F4A7C15;
            ulong z = state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
