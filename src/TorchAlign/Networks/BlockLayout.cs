namespace TorchAlign.Networks;

/// <summary>How a flat vector is cut into consecutive blocks: one block a layer, or one a parameter of a module.</summary>
public sealed class BlockLayout
{
    private readonly int[] _offsets;

    public BlockLayout(params ReadOnlySpan<int> lengths)
    {
        if (lengths.Length == 0) throw new ArgumentException("A layout needs at least one block.", nameof(lengths));
        _offsets = new int[lengths.Length + 1];
        for (var k = 0; k < lengths.Length; k++) _offsets[k + 1] = checked(_offsets[k] + lengths[k]);
    }

    public int Count => _offsets.Length - 1;

    public int Length => _offsets[^1];

    public int Offset(int block) => _offsets[block];

    public int LengthOf(int block) => _offsets[block + 1] - _offsets[block];
}
