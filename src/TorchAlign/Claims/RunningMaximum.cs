namespace TorchAlign.Claims;

/// <summary>Keeps the largest of the values offered and where it was; a NaN is the worst of all and stays.</summary>
internal struct RunningMaximum()
{
    public int Index { get; private set; } = -1;

    public double Value { get; private set; } = double.NegativeInfinity;

    public readonly bool Any => Index >= 0;

    /// <summary>True if this value is the worst so far.</summary>
    public bool Offer(int index, double value)
    {
        if (Any && (double.IsNaN(Value) || value <= Value)) return false;
        (Index, Value) = (index, value);
        return true;
    }
}
