namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Over signals and images. A null stride, padding or dilation is the operator's own default.</summary>
        public static partial class functional
        {
            /// <summary>
            /// input (n, in, w), weight (out, in / groups, k), bias (out) to (n, out, w'): a cross-correlation, zeros in the
            /// padding.
            /// </summary>
            public static Tensor conv1d(
                Tensor input,
                Tensor weight,
                Tensor? bias = null,
                long? stride = null,
                long? padding = null,
                long? dilation = null,
                long groups = 1) =>
                Op.conv1d.Call(
                    input, weight, bias, (long[])[stride ?? 1], (long[])[padding ?? 0], (long[])[dilation ?? 1], groups);

            /// <summary>
            /// input (n, in, h, w), weight (out, in / groups, kh, kw), bias (out) to (n, out, h', w'): a cross-correlation,
            /// zeros in the padding.
            /// </summary>
            public static Tensor conv2d(
                Tensor input,
                Tensor weight,
                Tensor? bias = null,
                long[]? strides = null,
                long[]? padding = null,
                long[]? dilation = null,
                long groups = 1) =>
                Op.conv2d.Call(input, weight, bias, strides ?? [1, 1], padding ?? [0, 0], dilation ?? [1, 1], groups);

            /// <param name="pad">Before and after, of the last dimension, then of the one before it, and so on.</param>
            /// <param name="value">Of the constant.</param>
            public static Tensor pad(
                Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                mode switch
                {
                    PaddingModes.Constant or PaddingModes.Zeros => Op.pad.Call(input, pad, "constant", value),
                    PaddingModes.Reflect => Op.pad.Call(input, pad, "reflect"),
                    PaddingModes.Replicate => Op.pad.Call(input, pad, "replicate"),
                    PaddingModes.Circular => Op.pad.Call(input, pad, "circular"),
                    _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "No such padding."),
                };

            public static Tensor max_pool2d(
                Tensor input,
                long kernel_size,
                long? stride = null,
                long? padding = null,
                long? dilation = null,
                bool ceil_mode = false) =>
                max_pool2d(input, Twice(kernel_size), Twice(stride), Twice(padding), Twice(dilation), ceil_mode);

            /// <summary>The largest entry of each window: (n, c, h, w) to (n, c, h', w'); a stride of null is the window's size.</summary>
            public static Tensor max_pool2d(
                Tensor input,
                long[] kernel_size,
                long[]? strides = null,
                long[]? padding = null,
                long[]? dilation = null,
                bool ceil_mode = false) =>
                Op.max_pool2d.Call(input, kernel_size, strides ?? kernel_size, padding ?? [0, 0], dilation ?? [1, 1], ceil_mode);

            public static Tensor avg_pool2d(
                Tensor input,
                long kernel_size,
                long? stride = null,
                long padding = 0,
                bool ceil_mode = false,
                bool count_include_pad = true,
                long? divisor_override = null) =>
                avg_pool2d(
                    input, Twice(kernel_size), Twice(stride), Twice(padding), ceil_mode, count_include_pad, divisor_override);

            /// <summary>The mean of each window: (n, c, h, w) to (n, c, h', w'); a stride of null is the window's size.</summary>
            public static Tensor avg_pool2d(
                Tensor input,
                long[] kernel_size,
                long[]? stride = null,
                long[]? padding = null,
                bool ceil_mode = false,
                bool count_include_pad = true,
                long? divisor_override = null) =>
                Op.avg_pool2d.Call(
                    input, kernel_size, stride ?? kernel_size, padding ?? [0, 0], ceil_mode, count_include_pad, divisor_override);

            /// <summary>x of class numbers, any shape, to one dimension more, 0 or 1, int64; -1 counts the classes in x.</summary>
            public static Tensor one_hot(Tensor x, long num_classes = -1) => Op.one_hot.Call(x, num_classes);
        }
    }
}
