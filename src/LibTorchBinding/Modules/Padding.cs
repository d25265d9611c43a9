namespace TorchSharp;

/// <summary>How much a convolution pads.</summary>
public enum Padding
{
    /// <summary>Nothing.</summary>
    Valid = 0,

    /// <summary>What keeps the size, with the odd one at the end.</summary>
    Same = 1,
}

/// <summary>What stands in the padding.</summary>
public enum PaddingModes
{
    Zeros = 0,
    Reflect = 1,
    Replicate = 2,

    /// <summary>The other end of the input: the input is a torus.</summary>
    Circular = 3,
    Constant = 4,
}
