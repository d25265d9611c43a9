using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;

namespace TorchAlign.Experiments.Bench;

/// <summary>Memory bandwidth: the sum of an array much larger than the caches, read by all threads.</summary>
internal sealed unsafe class Bandwidth : IDisposable
{
    public const long ArrayBytes = 512L << 20;

    private const int ChunkEntries = 1 << 18;
    private const int Chunks = (int)(ArrayBytes / sizeof(double) / ChunkEntries);
    private const int Repeats = 5;

    private readonly double* _array = (double*)NativeMemory.AlignedAlloc((nuint)ArrayBytes, 64);
    private readonly double[] _sums = new double[Chunks];
    private readonly ParallelOptions _threads;

    public Bandwidth(int threads)
    {
        _threads = new ParallelOptions { MaxDegreeOfParallelism = threads };
        new Span<double>(_array, Chunks * ChunkEntries).Fill(1);
    }

    /// <summary>The best of several reads, in bytes a second.</summary>
    public double Measure()
    {
        var best = long.MaxValue;
        for (var repeat = 0; repeat < Repeats; repeat++)
        {
            var begin = Stopwatch.GetTimestamp();
            Parallel.For(0, Chunks, _threads, chunk => _sums[chunk] = Sum(_array + (long)chunk * ChunkEntries));
            best = Math.Min(best, Stopwatch.GetTimestamp() - begin);
            // The sums are used, so that no read can be left out.
            if (_sums.Sum() != Chunks * (double)ChunkEntries) throw new InvalidOperationException("The sum of ones came out wrong.");
        }
        return ArrayBytes / ((double)best / Stopwatch.Frequency);
    }

    public void Dispose() => NativeMemory.AlignedFree(_array);

    private static double Sum(double* from)
    {
        var width = Vector<double>.Count;
        Vector<double> a = default, b = default, c = default, d = default;
        for (var i = 0; i < ChunkEntries; i += 4 * width)
        {
            a += *(Vector<double>*)(from + i);
            b += *(Vector<double>*)(from + i + width);
            c += *(Vector<double>*)(from + i + 2 * width);
            d += *(Vector<double>*)(from + i + 3 * width);
        }
        return Vector.Sum(a + b + c + d);
    }
}
