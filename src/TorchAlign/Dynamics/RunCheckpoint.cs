using TorchAlign.Checkpoints;

namespace TorchAlign.Dynamics;

/// <summary>
/// All that a run remembers between two steps: the point, the stepper, the schedule, the stops, and what was sampled last.
/// </summary>
internal sealed class RunCheckpoint(TrajectoryPoint point, IResumable stepper, SampleSchedule schedule, IReadOnlyList<IStop> stops)
{
    private const string PointPart = "point";
    private const string SampledEntry = "sampled";

    /// <summary>The step sampled last; -1 for none.</summary>
    public long Sampled { get; set; } = -1;

    public Snapshot Save()
    {
        var memory = new Snapshot();
        memory.Write(SampledEntry, Sampled);
        point.Save(memory.Part(PointPart));
        foreach (var (name, part) in Parts()) part.Save(memory.Part(name));
        return memory;
    }

    /// <summary>Puts the point where it was kept; the stepper then starts there.</summary>
    public void RestorePoint(Snapshot memory)
    {
        Sampled = memory.ReadInt64(SampledEntry);
        point.Restore(memory.Part(PointPart));
    }

    /// <summary>Gives the parts back what they remembered, once the stepper has started.</summary>
    public void RestoreParts(Snapshot memory)
    {
        foreach (var (name, part) in Parts()) part.Restore(memory.Part(name));
    }

    private IEnumerable<(string Name, IResumable Part)> Parts()
    {
        yield return ("stepper", stepper);
        if (schedule is IResumable planned) yield return ("schedule", planned);
        for (var i = 0; i < stops.Count; i++)
            if (stops[i] is IResumable remembering) yield return ($"stop{i}", remembering);
    }
}
