using TorchAlign.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Fields;

/// <summary>
/// The layers of S networks of one shape on tensors: their products with vectors, batched, and the gradient in its factors. With
/// left_k = (W_L ... W_{k+1})^T and right_k = W_k ... W_1 g, -dlog R/dW_k = left_k right_{k-1}^T [JT, 1.2]. The factors of all
/// layers lie side by side: left (S, d_1 + ... + d_L) with left_L = 1, right (S, d_0 + ... + d_{L-1}). A single network takes
/// matrix-vector products instead of batches of one.
/// </summary>
internal sealed class TorchLayers : IDisposable
{
    private readonly NetworkShape _shape;
    private readonly long _members;
    private readonly BlockLayout _rows, _columns;
    private readonly Tensor _one;

    internal TorchLayers(NetworkShape shape, long members, Device device, ScalarType dtype)
    {
        (_shape, _members) = (shape, members);
        _rows = new BlockLayout([.. shape.Widths.Skip(1)]);
        _columns = new BlockLayout([.. shape.Widths.SkipLast(1)]);
        _one = ones([members, 1], dtype: dtype, device: device).DetachFromDisposeScope();
    }

    /// <summary>w_prod (S, d_0) and left of the states w (S, P).</summary>
    internal (Tensor Product, Tensor Left) Collapse(Tensor w)
    {
        using var scope = NewDisposeScope();
        var left = new Tensor[_shape.Depth];
        left[^1] = _one;
        var vector = LastRow(w);
        for (var k = _shape.Depth - 2; k >= 0; k--)
        {
            left[k] = vector;
            vector = Times(Layer(w, k).transpose(1, 2), vector);
        }
        // With one layer w_prod is a view into the state, which moves on.
        var product = _shape.Depth == 1 ? vector.clone() : vector;
        return (product.MoveToOuterDisposeScope(), cat(left, 1).MoveToOuterDisposeScope());
    }

    /// <summary>right of the states w (S, P), for g (S, d_0).</summary>
    internal Tensor Expand(Tensor w, Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var right = new Tensor[_shape.Depth];
        right[0] = gradient;
        for (var k = 1; k < right.Length; k++) right[k] = Times(Layer(w, k - 1), right[k - 1]);
        return cat(right, 1).MoveToOuterDisposeScope();
    }

    /// <summary>target (S, P) += left right^T, layer by layer; one kernel a layer, which reads and writes the target once.</summary>
    internal void AddOuter(Tensor target, Tensor left, Tensor right)
    {
        using var scope = NewDisposeScope();
        for (var k = 0; k < _shape.Depth; k++)
            Layer(target, k).addcmul_(Block(left, _rows, k).unsqueeze(2), Block(right, _columns, k).unsqueeze(1), 1);
    }

    /// <summary>||left right^T||_F over all layers (S).</summary>
    internal Tensor OuterNorms(Tensor left, Tensor right)
    {
        using var scope = NewDisposeScope();
        return (BlockSquares(left, _rows) * BlockSquares(right, _columns)).sum(1).sqrt_().MoveToOuterDisposeScope();
    }

    /// <summary>max_k ||W_k||_F of every network (S) with states w (S, P).</summary>
    internal static Tensor LargestNorms(Tensor w, BlockLayout layout)
    {
        using var scope = NewDisposeScope();
        return BlockSquares(w, layout).amax(1).sqrt_().MoveToOuterDisposeScope();
    }

    /// <summary>The derivative of w_prod along e (S, d_0), by one sweep: (l, d) -> (W_k^T l, W_k^T d + E_k^T l).</summary>
    internal Tensor ProductDerivative(Tensor w, Tensor e)
    {
        using var scope = NewDisposeScope();
        var (vector, change) = (LastRow(w), LastRow(e));
        for (var k = _shape.Depth - 2; k >= 0; k--)
        {
            var transposed = Layer(w, k).transpose(1, 2);
            change = Times(transposed, change) + Times(Layer(e, k).transpose(1, 2), vector);
            vector = Times(transposed, vector);
        }
        return change.alias().MoveToOuterDisposeScope();
    }

    /// <summary>The layers (d_k, d_{k-1}) of one flat state (P), as views.</summary>
    internal static Tensor[] Cut(NetworkShape shape, Tensor state)
    {
        long[] lengths = [.. Enumerable.Range(0, shape.Depth).Select(k => (long)shape.Layout.LengthOf(k))];
        return [.. state.split(lengths).Select((layer, k) => layer.view(shape.Rows(k), shape.Columns(k)))];
    }

    /// <summary>Rows of <paramref name="source"/> where the mask (S) says so, else those of <paramref name="other"/>.</summary>
    internal static Tensor Choose(Tensor mask, Tensor source, Tensor other)
    {
        // Meta tensors have no numbers to choose from, and libtorch no `where` for them.
        if (source.device_type == DeviceType.META) return source.alias();
        return where(source.dim() > 1 ? mask.unsqueeze(1) : mask, source, other);
    }

    /// <summary>Rows of <paramref name="target"/> take those of <paramref name="source"/> where the mask (S) says so.</summary>
    internal static void Take(Tensor target, Tensor mask, Tensor source)
    {
        using var scope = NewDisposeScope();
        target.copy_(Choose(mask, source, target));
    }

    /// <summary>The same without the copy, as nobody else holds the tensor; all rows where there is no mask.</summary>
    internal static void Exchange(ref Tensor? held, Tensor? mask, Tensor source)
    {
        using var scope = NewDisposeScope();
        Keep(ref held, mask is null ? source.clone() : Choose(mask, source, held!));
    }

    /// <summary>Puts numbers of the host into a tensor of as many; nothing goes there where they are all the same.</summary>
    internal static void Fill(Tensor numbers, double[] values)
    {
        using var scope = NewDisposeScope();
        if (values.AsSpan().ContainsAnyExcept(values[0])) numbers.copy_(tensor(values, dtype: float64, device: CPU));
        else numbers.fill_(values[0]);
    }

    /// <summary>Some rows of w (S, P) on the host, one after the other: one read-back.</summary>
    internal static double[] ReadRows(Tensor w, IReadOnlyList<int> rows)
    {
        using var scope = NewDisposeScope();
        var all = rows.Count == w.shape[0];
        var chosen = all ? w : w.index_select(0, tensor([.. rows.Select(row => (long)row)], dtype: int64, device: w.device));
        return chosen.to(float64, CPU).data<double>().ToArray();
    }

    /// <summary>Holds a value beyond its dispose scope, in place of the one before it.</summary>
    internal static void Keep(ref Tensor? kept, Tensor value)
    {
        kept?.Dispose();
        kept = value.DetachFromDisposeScope();
    }

    public void Dispose() => _one.Dispose();

    private static Tensor Block(Tensor side, BlockLayout layout, int k) => side.narrow(1, layout.Offset(k), layout.LengthOf(k));

    /// <summary>Squared norms (S, L) of the blocks. On a CPU torch's norm of many short rows takes thirty times as long as this.</summary>
    private static Tensor BlockSquares(Tensor values, BlockLayout layout)
    {
        var squares = values.square();
        return stack([.. Enumerable.Range(0, layout.Count).Select(k => Block(squares, layout, k).sum(1))], 1);
    }

    /// <summary>Layer k (0 for W_1) of every network, (S, d_{k+1}, d_k), a view.</summary>
    private Tensor Layer(Tensor w, int k) => Block(w, _shape.Layout, k).view(_members, _shape.Rows(k), _shape.Columns(k));

    /// <summary>W_L (S, d_{L-1}), a view.</summary>
    private Tensor LastRow(Tensor w) => Block(w, _shape.Layout, _shape.Depth - 1);

    /// <summary>(S, r, c) (S, c) to (S, r).</summary>
    private Tensor Times(Tensor matrix, Tensor vector) => _members == 1
        ? matrix.select(0, 0).mv(vector.select(0, 0)).unsqueeze(0)
        : matrix.bmm(vector.unsqueeze(2)).squeeze(2);
}
