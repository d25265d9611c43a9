namespace TorchAlign.Checkpoints;

/// <summary>
/// What a run remembers, as named numbers and texts: the parts write into it (<see cref="IResumable"/>), a file keeps it
/// (<see cref="Recording.CheckpointFile"/>). Doubles keep their bits.
/// </summary>
public sealed class Snapshot
{
    private readonly Dictionary<string, Array> _entries;
    private readonly string _prefix;

    public Snapshot() : this(new Dictionary<string, Array>(StringComparer.Ordinal), "")
    {
    }

    private Snapshot(Dictionary<string, Array> entries, string prefix) => (_entries, _prefix) = (entries, prefix);

    /// <summary>All entries, each a <c>double[]</c>, a <c>long[]</c> or a <c>string[]</c>, by name: "stepper.step_size".</summary>
    public IReadOnlyDictionary<string, Array> Entries => _entries;

    /// <summary>The same snapshot, its names seen from a part: what a part writes as "h" is "NAME.h".</summary>
    public Snapshot Part(string name) => new(_entries, $"{_prefix}{name}.");

    public bool Has(string name) => _entries.ContainsKey(_prefix + name);

    /// <summary>Values of an entry; 0 where there is none.</summary>
    public int LengthOf(string name) => _entries.TryGetValue(_prefix + name, out var found) ? found.Length : 0;

    public void Write(string name, double value) => Add(name, new[] { value });

    public void Write(string name, long value) => Add(name, new[] { value });

    public void Write(string name, string text) => Add(name, new[] { text });

    public void Write(string name, ReadOnlySpan<double> values) => Add(name, values.ToArray());

    public void Write(string name, ReadOnlySpan<long> values) => Add(name, values.ToArray());

    /// <summary>The entries of a part, as a snapshot of their own; null where there are none.</summary>
    public Snapshot? Copy(string part)
    {
        var (copy, prefix) = (new Snapshot(), $"{_prefix}{part}.");
        foreach (var (name, values) in _entries)
            if (name.StartsWith(prefix, StringComparison.Ordinal)) copy._entries.Add(name[prefix.Length..], values);
        return copy._entries.Count > 0 ? copy : null;
    }

    /// <summary>Takes all entries of another snapshot as a part.</summary>
    public void Write(string name, Snapshot part)
    {
        foreach (var (entry, values) in part._entries) Add($"{name}.{entry}", values);
    }

    /// <exception cref="SnapshotException">There is no single number of that name.</exception>
    public double ReadDouble(string name) => Read<double>(name, 1)[0];

    /// <exception cref="SnapshotException">There is no single whole number of that name.</exception>
    public long ReadInt64(string name) => Read<long>(name, 1)[0];

    /// <exception cref="SnapshotException">There is no single text of that name.</exception>
    public string ReadText(string name) => Read<string>(name, 1)[0];

    /// <exception cref="SnapshotException">There are no <paramref name="count"/> numbers of that name.</exception>
    public double[] ReadDoubles(string name, int count) => Read<double>(name, count);

    /// <exception cref="SnapshotException">There are no <paramref name="count"/> whole numbers of that name.</exception>
    public long[] ReadInt64s(string name, int count) => Read<long>(name, count);

    /// <summary>Puts back an entry that a file kept.</summary>
    internal void Add(string name, Array values)
    {
        if (!_entries.TryAdd(_prefix + name, values))
            throw new ArgumentException($"The snapshot has '{_prefix}{name}' already.", nameof(name));
    }

    private T[] Read<T>(string name, int count)
    {
        if (!_entries.TryGetValue(_prefix + name, out var found))
            throw new SnapshotException($"it has no entry '{_prefix}{name}'");
        if (found is T[] values && values.Length == count) return values;
        throw new SnapshotException(
            $"its entry '{_prefix}{name}' is {found.Length} x {found.GetType().GetElementType()!.Name}, not {count} x {typeof(T).Name}");
    }
}
