namespace TorchSharp;

/// <summary>
/// Tensors like others, ranges and the identity.
/// dtype null is float32 (or the other tensor's), device null the CPU (or the other's).
/// </summary>
public static partial class torch
{
    public static Tensor zeros_like(
        Tensor input,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        Finish(Op.zeros_like.Call(input, dtype, Arg.None, device), requires_grad, names);

    public static Tensor ones_like(
        Tensor input,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        Finish(Op.ones_like.Call(input, dtype, Arg.None, device), requires_grad, names);

    public static Tensor empty_like(
        Tensor input,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        Finish(Op.empty_like.Call(input, dtype, Arg.None, device), requires_grad, names);

    public static Tensor full_like(
        Tensor input,
        Scalar value,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        Finish(Op.full_like.Call(input, value, dtype, Arg.None, device), requires_grad, names);

    public static Tensor randn_like(
        Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Finish(Op.randn_like.Call(input, dtype, Arg.None, device), requires_grad, null);

    /// <summary>The identity, (rows, rows), or with ones on the diagonal of (rows, columns).</summary>
    public static Tensor eye(
        long rows,
        long columns = -1,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null) =>
        Finish(Op.eye.Call(rows, columns < 0 ? rows : columns, dtype, Arg.None, device), requires_grad, names);

    /// <summary>start, start + step, ... below stop; int64 for whole numbers, float32 for others, unless told.</summary>
    public static Tensor arange(
        Scalar start,
        Scalar stop,
        Scalar step,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false) =>
        Finish(Op.arange.Call(start, stop, step, dtype, Arg.None, device), requires_grad, null);

    public static Tensor arange(
        Scalar start, Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(start, stop, 1, dtype, device, requires_grad);

    public static Tensor arange(
        Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(0, stop, 1, dtype, device, requires_grad);

    /// <summary>Evenly spaced, both ends included.</summary>
    public static Tensor linspace(
        double start,
        double end,
        long steps,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false) =>
        Finish(Op.linspace.Call(start, end, steps, dtype, Arg.None, device), requires_grad, null);

    /// <summary>0 to n - 1 in random order, int64.</summary>
    public static Tensor randperm(
        long n,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        Generator? generator = null) =>
        Finish(Op.randperm.Call(n, generator, dtype ?? int64, Arg.None, device), requires_grad, null);

    private static Tensor scalar_tensor(Scalar value) => Op.scalar_tensor.Call(value, value.Type switch
    {
        // PyTorch's default for numbers without a type.
        ScalarType.Float64 => ScalarType.Float32,
        var type => type,
    });

    private static Tensor Finish(Tensor result, bool requires_grad, string[]? names)
    {
        if (names is not null)
        {
            result.Dispose();
            throw new ArgumentException("Named dimensions are not part of this binding: leave names null.", nameof(names));
        }
        if (requires_grad) result.requires_grad = true;
        return result;
    }
}
