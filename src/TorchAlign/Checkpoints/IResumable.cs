namespace TorchAlign.Checkpoints;

/// <summary>
/// A part of a run that remembers something between steps: a stepper, a step rule, a schedule, a stop, a random stream. A checkpoint
/// holds what the parts save, and a run that is taken up from it makes the same steps to the last bit.
/// </summary>
public interface IResumable
{
    /// <summary>Writes what the part remembers, and changes nothing.</summary>
    void Save(Snapshot memory);

    /// <summary>
    /// Takes back what <see cref="Save"/> wrote. The part has been started at the same point before, so it writes and reads no more
    /// than what its start cannot know.
    /// </summary>
    /// <exception cref="SnapshotException">An entry is missing or of another kind or length.</exception>
    void Restore(Snapshot memory);
}
