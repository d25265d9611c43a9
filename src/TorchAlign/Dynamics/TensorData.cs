using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Dynamics;

/// <summary>
/// The data's part of <see cref="EnsembleField"/>: Z w and Z^T p, for one Z (n, d) that S networks share or one each, (S, n, d).
/// One network with large data reads Z twice a step and does nothing else worth counting, so how these two products are
/// asked for decides its speed: a plain matrix-vector product over a wide, short Z^T can leave most of a GPU idle. On CUDA the
/// forms are tried on the data themselves and the fastest stay; they differ in the order of sums alone.
/// </summary>
internal sealed class TensorData : IDisposable
{
    /// <summary>Below this many entries every form takes as long as its launch.</summary>
    private const long TunedEntries = 1 << 22;

    /// <summary>Rows of the data are cut into so many blocks; 0 stands for a matrix-vector product, 1 for one of matrices.</summary>
    internal static readonly int[] Forms = [0, 1, 64, 256, 1024];

    private readonly Tensor _z;
    private readonly long _members;
    private int _forward, _backward;

    internal TensorData(Tensor z, long members)
    {
        (_z, _members) = (z, members);
        if (members == 1 && z.dim() == 2 && z.device_type == DeviceType.CUDA && z.numel() >= TunedEntries) Tune();
    }

    internal long Count => _z.shape[^2];

    /// <summary>How the two products are computed, for records of runs.</summary>
    internal string Description => _members > 1 ? "batched" : $"{Name(_forward)}; transposed {Name(_backward)}";

    /// <summary>Z w (S, n) of w (S, d).</summary>
    internal Tensor Times(Tensor w)
    {
        using var scope = NewDisposeScope();
        var product = _z.dim() == 3 ? _z.bmm(w.unsqueeze(2)).squeeze(2)
            : _members > 1 ? w.mm(_z.t())
            : Forward(_z, w.select(0, 0), _forward).unsqueeze(0);
        return product.MoveToOuterDisposeScope();
    }

    /// <summary>Z^T p (S, d) of p (S, n).</summary>
    internal Tensor TransposedTimes(Tensor p)
    {
        using var scope = NewDisposeScope();
        var product = _z.dim() == 3 ? p.unsqueeze(1).bmm(_z).squeeze(1)
            : _members > 1 ? p.mm(_z)
            : Backward(_z, p.select(0, 0), _backward).unsqueeze(0);
        return product.MoveToOuterDisposeScope();
    }

    /// <summary>z (n, d) w (d) to (n): a matrix-vector product, or one of matrices.</summary>
    internal static Tensor Forward(Tensor z, Tensor w, int form) => form == 0 ? z.mv(w) : z.mm(w.unsqueeze(1)).squeeze(1);

    /// <summary>z^T p (d) of z (n, d) and p (n): in blocks of rows that are summed at the end, where asked for.</summary>
    internal static Tensor Backward(Tensor z, Tensor p, int form)
    {
        if (form == 0) return z.t().mv(p);
        if (form == 1) return p.unsqueeze(0).mm(z).squeeze(0);
        var rows = z.shape[0] / form;
        var blocked = form * rows;
        var sum = p.narrow(0, 0, blocked).view(form, 1, rows).bmm(z.narrow(0, 0, blocked).view(form, rows, -1)).sum([0, 1]);
        if (blocked == z.shape[0]) return sum;
        var rest = z.shape[0] - blocked;
        return sum.add_(z.narrow(0, blocked, rest).t().mv(p.narrow(0, blocked, rest)));
    }

    public void Dispose() => _z.Dispose();

    private static string Name(int form) => form switch { 0 => "mv", 1 => "mm", _ => $"{form} blocks" };

    private void Tune()
    {
        using var scope = NewDisposeScope();
        var w = ones(_z.shape[1], dtype: _z.dtype, device: _z.device);
        var p = ones(_z.shape[0], dtype: _z.dtype, device: _z.device);
        _forward = Forms[..2].MinBy(form => Seconds(() => Forward(_z, w, form)));
        _backward = Forms.Where(form => form < Count).MinBy(form => Seconds(() => Backward(_z, p, form)));
    }

    /// <summary>The best of a few calls, after one that may still have to choose its kernel.</summary>
    private double Seconds(Func<Tensor> product)
    {
        var best = double.PositiveInfinity;
        for (var call = 0; call < 4; call++)
        {
            using var scope = NewDisposeScope();
            cuda.synchronize(_z.device);
            var begin = Stopwatch.GetTimestamp();
            product();
            cuda.synchronize(_z.device);
            if (call > 0) best = Math.Min(best, Stopwatch.GetElapsedTime(begin).TotalSeconds);
        }
        return best;
    }
}
