using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Fields;

/// <summary>
/// A sparse matrix (m, P) on a torch device whose product with a vector has the same bits at every call: each row gathers its entries
/// and sums them, where adding entries to rows would leave the order of a sum to chance on a GPU. Rows are filled up to the longest
/// of their band; a band holds rows of lengths within a factor of <see cref="Spread"/>.
/// </summary>
internal sealed class SparseRows : IDisposable
{
    private const int Spread = 4;

    private readonly List<Band> _bands = [];

    // Where a row lies among those of all bands; null where there is one band.
    private readonly Tensor? _place;

    /// <param name="rows">m; every row has at least one entry.</param>
    /// <param name="entries">In any order; a row's are summed in this one.</param>
    /// <param name="device">Where products are formed.</param>
    /// <param name="dtype">Of the values.</param>
    internal SparseRows(int rows, IReadOnlyList<(int Row, int Column, double Value)> entries, Device device, ScalarType dtype)
    {
        var starts = new int[rows + 1];
        foreach (var entry in entries) starts[entry.Row + 1]++;
        for (var row = 0; row < rows; row++) starts[row + 1] += starts[row];
        var sorted = new (int Column, double Value)[entries.Count];
        var next = starts.ToArray();
        foreach (var (row, column, value) in entries) sorted[next[row]++] = (column, value);

        var longest = Enumerable.Range(0, rows).Max(Length);
        var place = new long[rows];
        var placed = 0L;
        foreach (var band in Enumerable.Range(0, rows).GroupBy(row => BandOf(Length(row), longest)).OrderBy(band => band.Key))
        {
            int[] members = [.. band];
            foreach (var row in members) place[row] = placed++;
            _bands.Add(Band.Of(members, starts, sorted, device, dtype));
        }
        using var scope = NewDisposeScope();
        if (_bands.Count > 1) _place = tensor(place, device: CPU).to(device).DetachFromDisposeScope();

        int Length(int row) => starts[row + 1] - starts[row];
    }

    /// <summary>A x (m) of x (P).</summary>
    internal Tensor Times(Tensor x)
    {
        using var scope = NewDisposeScope();
        Tensor[] sums = [.. _bands.Select(band => band.Times(x))];
        return (_place is null ? sums[0] : cat(sums).gather(0, _place)).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        foreach (var band in _bands) band.Dispose();
        _place?.Dispose();
    }

    /// <summary>How often a row of this length can be made <see cref="Spread"/> times as long without exceeding the longest.</summary>
    private static int BandOf(int length, int longest)
    {
        var band = 0;
        for (var longer = (long)length * Spread; longer <= longest; longer *= Spread) band++;
        return band;
    }

    /// <summary>Rows of about one length: their columns (r l), filled up with the row's first one, and values (r, l), with 0.</summary>
    private sealed record Band(Tensor Columns, Tensor Values) : IDisposable
    {
        internal static Band Of(
            int[] rows, int[] starts, (int Column, double Value)[] entries, Device device, ScalarType dtype)
        {
            var length = rows.Max(row => starts[row + 1] - starts[row]);
            var columns = new long[checked(rows.Length * length)];
            var values = new double[columns.Length];
            for (var r = 0; r < rows.Length; r++)
            {
                var row = entries.AsSpan(starts[rows[r]]..starts[rows[r] + 1]);
                columns.AsSpan(r * length, length).Fill(row[0].Column);
                for (var i = 0; i < row.Length; i++) (columns[r * length + i], values[r * length + i]) = row[i];
            }
            using var scope = NewDisposeScope();
            return new Band(
                tensor(columns, device: CPU).to(device).DetachFromDisposeScope(),
                tensor(values, [rows.Length, length], dtype: float64, device: CPU).to(dtype, device).DetachFromDisposeScope());
        }

        internal Tensor Times(Tensor x)
        {
            var terms = x.gather(0, Columns).view_as(Values).mul_(Values);
            return Values.shape[1] == 1 ? terms.squeeze(1) : terms.sum(1);
        }

        public void Dispose()
        {
            Columns.Dispose();
            Values.Dispose();
        }
    }
}
