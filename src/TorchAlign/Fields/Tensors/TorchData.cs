using System.Diagnostics;
using System.Runtime.InteropServices;
using TorchAlign.Devices;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Fields;

/// <summary>
/// The data's part of <see cref="EnsembleField"/>: Z w and Z^T p, for one Z (n, d) that S networks share or one each, (S, n, d).
/// One network with large data reads Z twice a step and does nothing else worth counting, so how Z lies and how these two
/// products are asked for decides its speed: Z^T p over rows that lie one after the other is a wide, short product, which can
/// leave most of a GPU idle. On CUDA layouts and forms are tried on the data themselves and the fastest stay; they differ in
/// the order of sums alone.
/// </summary>
internal sealed class TorchData : IDisposable
{
    /// <summary>Below this many entries every form takes as long as its launch.</summary>
    private const long TunedEntries = 1 << 22;

    /// <summary>Rows of the data are cut into so many blocks; 0 stands for a matrix-vector product, 1 for one of matrices.</summary>
    internal static readonly int[] Forms = [0, 1, 64, 256, 1024];

    private readonly long _members;
    private Tensor _z;
    private int _forward, _backward;

    internal TorchData(Tensor z, long members)
    {
        (_z, _members) = (z, members);
        if (members == 1 && z.dim() == 2 && z.device_type == DeviceType.CUDA && z.numel() >= TunedEntries) Tune();
    }

    internal long Count => _z.shape[^2];

    /// <summary>How the two products are computed, for records of runs.</summary>
    internal string Description => _members > 1 || _z.dim() == 3 ? "batched"
        : $"{(_z.is_contiguous() ? "rows" : "columns")} together, Z w by {Name(_forward)}, Z^T p by {Name(_backward)}";

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

    /// <summary>The same z (n, d) with its columns together in memory.</summary>
    internal static Tensor ByColumns(Tensor z) => z.t().contiguous().t();

    private static string Name(int form) => form switch { 0 => "mv", 1 => "mm", _ => $"{form} blocks" };

    /// <summary>Chooses layout and forms by trying.</summary>
    internal void Tune()
    {
        using var scope = NewDisposeScope();
        var rows = Fastest(_z);
        (_forward, _backward) = (rows.Forward, rows.Backward);
        Tensor byColumns;
        try
        {
            byColumns = ByColumns(_z);
        }
        catch (ExternalException error) when (MemoryShortage.Parse(error.Message) is not null)
        {
            return; // no room for two copies: the rows stay
        }
        var columns = Fastest(byColumns);
        if (columns.Seconds >= rows.Seconds) return;
        _z.Dispose();
        (_z, _forward, _backward) = (byColumns.DetachFromDisposeScope(), columns.Forward, columns.Backward);
    }

    private static (int Forward, int Backward, double Seconds) Fastest(Tensor z)
    {
        using var scope = NewDisposeScope();
        var w = ones(z.shape[1], dtype: z.dtype, device: z.device);
        var p = ones(z.shape[0], dtype: z.dtype, device: z.device);
        var forward = Forms[..2]
            .Select(form => (form, Seconds: Seconds(z.device, () => Forward(z, w, form)))).MinBy(tried => tried.Seconds);
        var backward = Forms.Where(form => form < z.shape[0])
            .Select(form => (form, Seconds: Seconds(z.device, () => Backward(z, p, form)))).MinBy(tried => tried.Seconds);
        return (forward.form, backward.form, forward.Seconds + backward.Seconds);
    }

    /// <summary>The best of a few calls, after one that may still have to choose its kernel.</summary>
    private static double Seconds(Device device, Func<Tensor> product)
    {
        var best = double.PositiveInfinity;
        for (var call = 0; call < 4; call++)
        {
            using var scope = NewDisposeScope();
            Wait(device);
            var begin = Stopwatch.GetTimestamp();
            product();
            Wait(device);
            if (call > 0) best = Math.Min(best, Stopwatch.GetElapsedTime(begin).TotalSeconds);
        }
        return best;
    }

    private static void Wait(Device device)
    {
        if (device.type == DeviceType.CUDA) cuda.synchronize(device);
    }
}
