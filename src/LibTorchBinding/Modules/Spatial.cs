using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Over (n, in, w); the same padding on both sides.</summary>
        public static Conv1d Conv1d(
            long in_channels,
            long out_channels,
            long kernel_size,
            long stride = 1,
            long padding = 0,
            long dilation = 1,
            PaddingModes padding_mode = PaddingModes.Zeros,
            long groups = 1,
            bool bias = true,
            Device? device = null,
            ScalarType? dtype = null) =>
            new(in_channels, out_channels, kernel_size,
                new([stride], [padding], null, [dilation], padding_mode), groups, bias, device, dtype);

        public static Conv1d Conv1d(
            long in_channels,
            long out_channels,
            long kernel_size,
            Padding padding,
            long stride = 1,
            long dilation = 1,
            PaddingModes padding_mode = PaddingModes.Zeros,
            long groups = 1,
            bool bias = true,
            Device? device = null,
            ScalarType? dtype = null) =>
            new(in_channels, out_channels, kernel_size,
                new([stride], [0], padding, [dilation], padding_mode), groups, bias, device, dtype);

        /// <summary>Over (n, in, h, w); the same padding on all sides.</summary>
        public static Conv2d Conv2d(
            long in_channels,
            long out_channels,
            long kernel_size,
            long stride = 1,
            long padding = 0,
            long dilation = 1,
            PaddingModes padding_mode = PaddingModes.Zeros,
            long groups = 1,
            bool bias = true,
            Device? device = null,
            ScalarType? dtype = null) =>
            new(in_channels, out_channels, (kernel_size, kernel_size),
                new(Twice(stride), Twice(padding), null, Twice(dilation), padding_mode), groups, bias, device, dtype);

        public static Conv2d Conv2d(
            long in_channels,
            long out_channels,
            long kernel_size,
            Padding padding,
            long stride = 1,
            long dilation = 1,
            PaddingModes padding_mode = PaddingModes.Zeros,
            long groups = 1,
            bool bias = true,
            Device? device = null,
            ScalarType? dtype = null) =>
            new(in_channels, out_channels, (kernel_size, kernel_size),
                new(Twice(stride), [0, 0], padding, Twice(dilation), padding_mode), groups, bias, device, dtype);

        public static Conv2d Conv2d(
            long in_channels,
            long out_channels,
            (long, long) kernel_size,
            (long, long)? stride = null,
            (long, long)? padding = null,
            (long, long)? dilation = null,
            PaddingModes padding_mode = PaddingModes.Zeros,
            long groups = 1,
            bool bias = true,
            Device? device = null,
            ScalarType? dtype = null) =>
            new(in_channels, out_channels, kernel_size,
                new(Pair(stride, 1), Pair(padding, 0), null, Pair(dilation, 1), padding_mode), groups, bias, device, dtype);

        public static Conv2d Conv2d(
            long in_channels,
            long out_channels,
            (long, long) kernel_size,
            Padding padding,
            (long, long)? stride = null,
            (long, long)? dilation = null,
            PaddingModes padding_mode = PaddingModes.Zeros,
            long groups = 1,
            bool bias = true,
            Device? device = null,
            ScalarType? dtype = null) =>
            new(in_channels, out_channels, kernel_size,
                new(Pair(stride, 1), [0, 0], padding, Pair(dilation, 1), padding_mode), groups, bias, device, dtype);

        /// <param name="stride">The kernel's size if null.</param>
        public static MaxPool2d MaxPool2d(
            long kernel_size, long? stride = null, long? padding = null, long? dilation = null, bool ceil_mode = false) =>
            new(Twice(kernel_size), Twice(stride), Twice(padding), Twice(dilation), ceil_mode);

        /// <param name="stride">The kernel's size if null.</param>
        public static AvgPool2d AvgPool2d(
            long kernel_size,
            long? stride = null,
            long? padding = null,
            bool ceil_mode = false,
            bool count_include_pad = true,
            long? divisor_override = null) =>
            new(Twice(kernel_size), Twice(stride), Twice(padding), ceil_mode, count_include_pad, divisor_override);

        public static Flatten Flatten(long start_dim = 1, long end_dim = -1) => new(start_dim, end_dim);

        private static long[] Twice(long value) => [value, value];

        private static long[]? Twice(long? value) => value is { } v ? [v, v] : null;

        private static long[] Pair((long, long)? value, long otherwise) =>
            value is { } v ? [v.Item1, v.Item2] : [otherwise, otherwise];
    }
}
