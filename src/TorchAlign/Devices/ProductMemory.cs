using System.Globalization;
using TorchAlign.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Devices;

/// <summary>
/// What descent of one network on a loss of its product takes of a device's memory: the loss, the states (present, next, direction
/// and the selection between them), and the products of an evaluation.
/// </summary>
/// <param name="Shape">Widths of the network.</param>
/// <param name="LossNumbers">What the loss keeps and computes on the way, <see cref="Losses.IProductLoss.TensorNumbers"/>.</param>
/// <param name="DType">float64 or float32.</param>
public sealed record ProductMemory(NetworkShape Shape, double LossNumbers, ScalarType DType) : MemoryNeed
{
    private const int StateCopies = 4;

    /// <summary>The samples (n, d_0) that go through the layers in place of the unit vectors; null where none do.</summary>
    public int? Samples { get; init; }

    /// <summary>Numbers that constrained layers are given by, sum m_k; null where the layers are free.</summary>
    public int? Coordinates { get; init; }

    /// <summary>Nonzero entries of the bases of constrained layers.</summary>
    public double BasisEntries { get; init; }

    /// <summary>Of the loss, and of the samples.</summary>
    public double LossBytes => BytesOf(DType) * (LossNumbers + (Samples is { } n ? (double)n * Shape.Inputs : 0));

    /// <summary>Coordinates, and with them the operators and their gradient; or the layers themselves.</summary>
    public double StateBytes => BytesOf(DType) * (Coordinates is { } m
        ? StateCopies * (double)m + 2.0 * Shape.Length
        : StateCopies * (double)Shape.Length);

    /// <summary>An entry is kept by coordinate and by place, each time with its value and an index of 8 bytes.</summary>
    public double BasisBytes => 2 * (BytesOf(DType) + sizeof(long)) * BasisEntries;

    public double WorkBytes
    {
        get
        {
            var chain = Samples is { } n ? new NetworkShape([n, .. Shape.Widths.Skip(1)]) : Shape;
            var width = chain.Widths[ProductCut.Of(chain)];
            // Partial products on either side of the cut and what is carried back over them; P and its gradient.
            return BytesOf(DType) * ((double)width * (chain.Widths.Sum() + 2.0 * chain.Widths.Max()) + 3.0 * chain.Outputs * chain.Inputs);
        }
    }

    public override double TotalBytes => LossBytes + StateBytes + BasisBytes + WorkBytes;

    /// <summary>The greatest width of hidden layers, wider ones narrowed to it, that fits into so many bytes; 0 where none does.</summary>
    public int LargestHidden(double bytes)
    {
        var (fits, exceeds) = (0, Hidden.DefaultIfEmpty(0).Max() + 1);
        while (exceeds - fits > 1)
        {
            var middle = fits + (exceeds - fits) / 2;
            if (Narrowed(middle).TotalBytes <= bytes) fits = middle;
            else exceeds = middle;
        }
        return fits;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Text(TotalBytes)} ({Text(LossBytes)} loss, {Text(StateBytes)} states of {Coordinates ?? Shape.Length:N0} {Name(DType)} "
        + $"parameters, {(Coordinates is null ? "" : $"{Text(BasisBytes)} bases, ")}{Text(WorkBytes)} work arrays of {Shape})");

    public override string Advice(double bytes)
    {
        if (TotalBytes <= bytes) return "By itself it would fit: something else holds the memory.";
        List<string> ways = [];
        // What constrains a layer decides its widths.
        if (Coordinates is null && LargestHidden(bytes) is > 0 and var width && width < Hidden.Max())
            ways.Add(FormattableString.Invariant($"hidden layers of at most {width:N0}"));
        if (DType == ScalarType.Float64 && (this with { DType = ScalarType.Float32 }).TotalBytes <= bytes) ways.Add("float32");
        return ways.Count == 0 ? "Nothing of this network fits there." : $"What would fit: {string.Join(", or ", ways)}.";
    }

    private IEnumerable<int> Hidden => Shape.Widths.Skip(1).SkipLast(1);

    private ProductMemory Narrowed(int width) =>
        this with { Shape = new NetworkShape([Shape.Inputs, .. Hidden.Select(hidden => Math.Min(hidden, width)), Shape.Outputs]) };
}
