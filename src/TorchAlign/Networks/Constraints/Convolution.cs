namespace TorchAlign.Networks.Constraints;

/// <summary>
/// Convolutions of stride 1 whose output has the size of the input, as layers: torch's <c>conv1d</c> and <c>conv2d</c>, that is
/// cross-correlation, y(o, p) = sum_{c, t} theta(o, c, t) x(c, p + t - l), with l = (kernel - 1) / 2 rounded down and padding on
/// both sides, kernel - 1 in all (torch's <c>padding="same"</c>: an even kernel is padded by one more at the end).
/// </summary>
/// <remarks>
/// Images are flattened as torch does, channel by channel and row by row; theta is a torch weight (out, in, kernel...), flattened.
/// A kernel may be larger than the image as long as every tap meets a pixel, alone: up to 2 size - 1 (odd; even: 2 size - 2) with
/// zero padding, up to the size with circular padding, where larger ones would put two taps on one pixel, as torch refuses too.
/// </remarks>
public static class Convolution
{
    /// <summary>(in, length) to (out, length): the operator is (out length, in length), m = out in kernel.</summary>
    /// <exception cref="ArgumentException">A size is not positive, or the kernel is too large; see the remarks of the class.</exception>
    public static LayerConstraint OneDimensional(int inChannels, int outChannels, int length, int kernel, Border border) =>
        Build($"conv1d {inChannels}x{length} -> {outChannels}, {kernel}, {Word(border)} padding",
            inChannels, outChannels, (1, length), (1, kernel), border);

    /// <summary>(in, height, width) to (out, height, width): the operator is (out height width, in height width).</summary>
    /// <param name="inChannels">Channels of the input.</param>
    /// <param name="outChannels">Channels of the output.</param>
    /// <param name="image">(height, width).</param>
    /// <param name="kernel">(height, width) of the kernel; m = out in height width.</param>
    /// <param name="border">Beyond the border.</param>
    /// <exception cref="ArgumentException">A size is not positive, or the kernel is too large; see the remarks of the class.</exception>
    public static LayerConstraint TwoDimensional(
        int inChannels, int outChannels, (int Height, int Width) image, (int Height, int Width) kernel, Border border) =>
        Build($"conv2d {inChannels}x{image.Height}x{image.Width} -> {outChannels}, {kernel.Height}x{kernel.Width}, {Word(border)} padding",
            inChannels, outChannels, image, kernel, border);

    private static LayerConstraint Build(string name, int inChannels, int outChannels,
        (int Height, int Width) image, (int Height, int Width) kernel, Border border)
    {
        if (inChannels < 1 || outChannels < 1) throw new ArgumentException($"{name}: a convolution needs channels on both sides.");
        var down = Pairs(name, image.Height, kernel.Height, border);
        var across = Pairs(name, image.Width, kernel.Width, border);
        var (pixels, taps) = (image.Height * image.Width, kernel.Height * kernel.Width);
        return Pattern.Of(name, checked(outChannels * pixels), checked(inChannels * pixels), checked(outChannels * inChannels * taps),
            from o in Enumerable.Range(0, outChannels)
            from c in Enumerable.Range(0, inChannels)
            from y in down
            from x in across
            select ((o * inChannels + c) * taps + y.Tap * kernel.Width + x.Tap,
                o * pixels + y.Output * image.Width + x.Output, c * pixels + y.Input * image.Width + x.Input));
    }

    /// <summary>Which tap leads from which input to which output, along one axis.</summary>
    private static (int Tap, int Output, int Input)[] Pairs(string name, int size, int kernel, Border border)
    {
        if (size < 1 || kernel < 1) throw new ArgumentException($"{name}: image and kernel need positive sizes.");
        var before = (kernel - 1) / 2;
        if (border == Border.Circular && kernel > size)
            throw new ArgumentException(
                $"{name}: a kernel of {kernel} goes round an image of {size} more than once; take at most {size}, or zero padding.");
        if (border == Border.Zero && kernel - 1 - before >= size)
            throw new ArgumentException(
                $"{name}: a kernel of {kernel} has taps that never meet an image of {size}; take at most {2 * size - 1}.");
        return
        [
            .. from tap in Enumerable.Range(0, kernel)
               from output in Enumerable.Range(0, size)
               let input = output + tap - before
               where border == Border.Circular || (input >= 0 && input < size)
               select (tap, output, (input + size) % size),
        ];
    }

    private static string Word(Border border) => border == Border.Zero ? "zero" : "circular";
}
