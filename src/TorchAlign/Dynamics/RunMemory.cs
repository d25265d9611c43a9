using TorchAlign.Checkpoints;

namespace TorchAlign.Dynamics;

/// <summary>
/// All that a run remembers between two steps: the point, the stepper, the schedule, the stops, and what was sampled last.
/// </summary>
internal sealed class RunMemory(
    FlowSystem system, IStepper stepper, TrajectoryPoint point, SampleSchedule schedule, IReadOnlyList<IStop> stops)
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

    public void RestoreAndStart(Snapshot memory)
    {
        Sampled = memory.ReadInt64(SampledEntry);
        point.Restore(memory.Part(PointPart));
        var evaluations = point.Evaluations;
        stepper.Start(system, point);
        // What the start evaluated, the run has counted before.
        (point.Evaluations, system.Evaluations) = (evaluations, evaluations);
        foreach (var (name, part) in Parts()) part.Restore(memory.Part(name));
    }

    private IEnumerable<(string Name, IResumable Part)> Parts()
    {
        yield return ("stepper", stepper as IResumable ?? throw new NotSupportedException(
            $"The stepper '{stepper.Name}' ({stepper.GetType().Name}) cannot be kept in a checkpoint: let it implement IResumable."));
        if (schedule is IResumable planned) yield return ("schedule", planned);
        for (var i = 0; i < stops.Count; i++)
            if (stops[i] is IResumable remembering) yield return ($"stop{i}", remembering);
    }
}
