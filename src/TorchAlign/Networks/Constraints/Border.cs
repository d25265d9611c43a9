namespace TorchAlign.Networks.Constraints;

/// <summary>What a convolution sees beyond the border.</summary>
public enum Border
{
    /// <summary>Zeros: taps near the corner of a kernel touch fewer pixels, so the A_a differ in norm.</summary>
    Zero,

    /// <summary>The opposite border: every tap touches every pixel, so all A_a have one norm.</summary>
    Circular,
}
