using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>
/// What Conv1d and Conv2d share: weight (out, in / groups, kernel...), bias (out), and how the input is padded. As in
/// PyTorch the "convolution" is a cross-correlation: the kernel is not flipped. As in TorchSharp groups that do not divide the
/// channels show at the first call.
/// </summary>
public abstract class Convolution : nn.Module<Tensor, Tensor>
{
    private Parameter _weight;
    private Parameter? _bias;

    private protected Convolution(
        string name, long in_channels, long out_channels, long[] kernel_size, Window window, long groups, bool bias,
        Device? device, ScalarType? dtype)
        : base(name)
    {
        (this.in_channels, this.out_channels, this.groups) = (in_channels, out_channels, groups);
        (this.kernel_size, stride, dilation) = (kernel_size, window.Stride, window.Dilation);
        (padding, padding_type, padding_mode) = (window.Padding, window.Type, window.Mode);
        if (padding_type == TorchSharp.Padding.Same && stride.Any(s => s != 1))
            throw new ArgumentException($"Padding.Same keeps the size only with stride 1, not ({string.Join(", ", stride)}).");
        var fanIn = in_channels / groups * kernel_size.Aggregate(1L, (a, b) => a * b);
        _weight = InitialParameter([out_channels, in_channels / groups, .. kernel_size], fanIn, device, dtype);
        _bias = bias ? InitialParameter([out_channels], fanIn, device, dtype) : null;
        register_parameter(nameof(weight), _weight);
        if (_bias is not null) register_parameter(nameof(bias), _bias);
    }

    public long in_channels { get; }

    public long out_channels { get; }

    public long[] kernel_size { get; set; }

    public long[] stride { get; set; }

    /// <summary>On both sides of each dimension; not in use where <see cref="padding_type"/> is given.</summary>
    public long[] padding { get; }

    public Padding? padding_type { get; }

    /// <summary>What stands in the padding.</summary>
    public PaddingModes padding_mode { get; set; }

    public long[] dilation { get; set; }

    public long groups { get; set; }

    /// <summary>(out, in / groups, kernel...). Setting it disposes the old one; a view goes on sharing its memory.</summary>
    public Parameter weight
    {
        get => _weight;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            ReplaceParameter(ref _weight!, value, nameof(weight));
        }
    }

    /// <summary>(out), or null.</summary>
    public Parameter? bias
    {
        get => _bias;
        set => ReplaceParameter(ref _bias, value, nameof(bias));
    }

    /// <summary>With the operators of this number of dimensions that take the padding in numbers and by name.</summary>
    private protected Tensor Convolve(Tensor input, Operator byNumbers, Operator byName)
    {
        if (padding_mode != PaddingModes.Zeros)
        {
            using var padded = nn.functional.pad(input, Margins(), padding_mode);
            return byNumbers.Call(padded, _weight, _bias, stride, new long[stride.Length], dilation, groups);
        }
        return padding_type is { } type
            ? byName.Call(input, _weight, _bias, stride, type == TorchSharp.Padding.Same ? "same" : "valid", dilation, groups)
            : byNumbers.Call(input, _weight, _bias, stride, padding, dilation, groups);
    }

    /// <summary>
    /// Before and after, the last dimension first, as pad takes them; but Padding.Same lists the first dimension first, TorchSharp's
    /// order, so that it keeps the size for square kernels alone.
    /// </summary>
    private long[] Margins() => padding_type switch
    {
        TorchSharp.Padding.Valid => new long[2 * kernel_size.Length],
        TorchSharp.Padding.Same =>
            [.. kernel_size.Zip(dilation, (size, step) => step * (size - 1)).SelectMany(t => new[] { t / 2, t - (t / 2) })],
        _ => [.. padding.Reverse().SelectMany(p => new[] { p, p })],
    };

    /// <summary>How the kernel moves over the input.</summary>
    internal readonly record struct Window(
        long[] Stride, long[] Padding, Padding? Type, long[] Dilation, PaddingModes Mode);
}

/// <summary>input (n, in, w) to (n, out, w').</summary>
public sealed class Conv1d : Convolution
{
    internal Conv1d(
        long in_channels, long out_channels, long kernel_size, Window window, long groups, bool bias, Device? device,
        ScalarType? dtype)
        : base(nameof(Conv1d), in_channels, out_channels, [kernel_size], window, groups, bias, device, dtype)
    {
    }

    public override Tensor forward(Tensor input) => Convolve(input, Op.conv1d, Op.conv1d_padding);
}

/// <summary>input (n, in, h, w) to (n, out, h', w').</summary>
public sealed class Conv2d : Convolution
{
    internal Conv2d(
        long in_channels, long out_channels, (long, long) kernel_size, Window window, long groups, bool bias, Device? device,
        ScalarType? dtype)
        : base(
            nameof(Conv2d), in_channels, out_channels, [kernel_size.Item1, kernel_size.Item2], window, groups, bias, device,
            dtype)
    {
    }

    public override Tensor forward(Tensor input) => Convolve(input, Op.conv2d, Op.conv2d_padding);
}
