using System.Globalization;
using TorchAlign.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Devices;

/// <summary>
/// What S one-output networks on an <c>EnsembleField</c> take of a device's memory: the data, the states (for descent
/// the present, the next and the selection between them; for a flow its stages too) and the work arrays of one evaluation.
/// </summary>
/// <param name="Shape">Widths of the networks.</param>
/// <param name="Count">n, points of a data set.</param>
/// <param name="DType">float64 or float32.</param>
/// <param name="Members">S.</param>
/// <param name="SharedData">One data set for all, instead of one each.</param>
public sealed record MemoryEstimate(NetworkShape Shape, long Count, ScalarType DType, int Members = 1, bool SharedData = true)
    : MemoryNeed
{
    /// <summary>States at a time: four for descent.</summary>
    internal int StateCopies { get; init; } = 4;

    /// <summary>Margins, weights, and what the loss computes on the way.</summary>
    private const int PointArrays = 5;

    /// <summary>Products and factors, their concatenations and their selections.</summary>
    private const int FactorArrays = 6;

    private double EntryBytes => BytesOf(DType);

    /// <summary>n d, for each data set.</summary>
    public double DataBytes => EntryBytes * Count * Shape.Inputs * (SharedData ? 1 : Members);

    /// <summary>P numbers a network and copy.</summary>
    public double StateBytes => EntryBytes * StateCopies * Members * Shape.Length;

    public double WorkBytes => EntryBytes * Members * ((double)PointArrays * Count + (double)FactorArrays * Shape.Widths.Sum());

    public override double TotalBytes => DataBytes + StateBytes + WorkBytes;

    /// <summary>The largest n that <paramref name="bytes"/> hold with everything else as it is; 0 where none does.</summary>
    public long LargestCount(double bytes)
    {
        var fixedBytes = (this with { Count = 0 }).TotalBytes;
        var perPoint = (this with { Count = 1 }).TotalBytes - fixedBytes;
        return (long)Math.Max(0, Math.Floor((bytes - fixedBytes) / perPoint));
    }

    /// <summary>The largest S that <paramref name="bytes"/> hold with everything else as it is; 0 where none does.</summary>
    public long LargestMembers(double bytes)
    {
        var fixedBytes = (this with { Members = 0 }).TotalBytes;
        var perMember = (this with { Members = 1 }).TotalBytes - fixedBytes;
        return (long)Math.Max(0, Math.Floor((bytes - fixedBytes) / perMember));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Text(TotalBytes)} ({Text(DataBytes)} data of {Count:N0} x {Shape.Inputs}{(SharedData ? "" : $" x {Members:N0}")} {Name(DType)}, "
        + $"{Text(StateBytes)} states of {Members:N0} x {Shape.Length:N0} parameters, {Text(WorkBytes)} work arrays)");

    public override string Advice(double bytes)
    {
        if (TotalBytes <= bytes) return "By itself it would fit: something else holds the memory.";
        List<string> ways = [];
        if (LargestCount(bytes) is > 0 and var points && points < Count) ways.Add(FormattableString.Invariant($"n = {points:N0} points"));
        if (LargestMembers(bytes) is > 0 and var members && members < Members)
            ways.Add(FormattableString.Invariant($"{members:N0} networks at a time"));
        if (DType == ScalarType.Float64 && (this with { DType = ScalarType.Float32 }).TotalBytes <= bytes) ways.Add("float32");
        return ways.Count == 0 ? "Nothing of this network fits there." : $"What would fit: {string.Join(", or ", ways)}.";
    }
}
