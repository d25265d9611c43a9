namespace TorchAlign.Data;

/// <summary>
/// One array of a .npz file: its shape and its entries in C order (last index fastest), whatever the order in the file.
/// </summary>
public sealed class NpyArray
{
    private readonly Array entries; // double[], long[], ulong[] or string[]

    internal NpyArray(string dtype, int[] shape, Array entries)
    {
        DType = dtype;
        Shape = shape;
        this.entries = entries;
    }

    /// <summary>The type as numpy writes it, such as "&lt;f8".</summary>
    public string DType { get; }

    /// <summary>The shape; empty for a scalar.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>The number of entries.</summary>
    public int Length => entries.Length;

    /// <summary>Whether the entries are texts.</summary>
    public bool IsText => entries is string[];

    /// <summary>The entries as float64; float16 and float32 exactly, integers rounded beyond 2^53.</summary>
    /// <exception cref="DataException">The entries are texts.</exception>
    public double[] ToDoubles() => entries switch
    {
        double[] values => (double[])values.Clone(),
        long[] values => Array.ConvertAll(values, v => (double)v),
        ulong[] values => Array.ConvertAll(values, v => (double)v),
        _ => throw new DataException($"The array has dtype {DType}, which is text; numbers are needed."),
    };

    /// <summary>The entries as int64.</summary>
    /// <exception cref="DataException">The entries are not integers, or beyond int64.</exception>
    public long[] ToInt64s() => entries switch
    {
        long[] values => (long[])values.Clone(),
        ulong[] values when Array.TrueForAll(values, v => v <= long.MaxValue) => Array.ConvertAll(values, v => (long)v),
        _ => throw new DataException($"The array has dtype {DType}; whole numbers within int64 are needed."),
    };

    /// <summary>The entries as texts.</summary>
    /// <exception cref="DataException">They are numbers.</exception>
    public string[] ToTexts() => entries is string[] texts
        ? (string[])texts.Clone()
        : throw new DataException($"The array has dtype {DType}; texts are needed.");

    /// <summary>The entries as labels: texts as they are, numbers in their shortest form.</summary>
    internal string[] ToLabels() => entries is string[] texts
        ? Array.ConvertAll(texts, CellText.Label)
        : Array.ConvertAll(ToDoubles(), CellText.Label);
}
