using TorchAlign.Checkpoints;

namespace TorchAlign.Dynamics;

/// <summary>Moves S networks at once on a device, each from where it stands; what <see cref="EnsembleTrajectory"/> asks of it.</summary>
internal interface IEnsembleStepper : IDisposable
{
    /// <summary>Where all members stand: one read-back.</summary>
    IReadOnlyList<EnsembleMember> Members { get; }

    /// <summary>
    /// So many steps are tried by each member that has not ended and is not held back: by a step or a clock value of its own (S each),
    /// from which on it stands still, or as <see cref="Hold"/> says. Then where all stand, read back once.
    /// </summary>
    IReadOnlyList<EnsembleMember> Try(long attempts, double[] steps, double[] clocks, CancellationToken cancellation = default);

    /// <summary>Each member lands on a clock value of its own and does not go on from a log R of its own.</summary>
    void Hold(double[] clockLimits, double[] logRiskBounds);

    /// <summary>The states of some members, (k, P), one after the other: one read-back.</summary>
    double[] StatesOf(IReadOnlyList<int> members);

    /// <summary>
    /// Writes what a stepper of one network on the host would remember where a member stands: either goes on from the other's.
    /// </summary>
    void Save(EnsembleMember stand, Snapshot memory);

    /// <summary>Gives a member that back, and returns where it stands now.</summary>
    /// <exception cref="SnapshotException">The snapshot is of a stepper of another kind.</exception>
    EnsembleMember Restore(int member, EnsembleMember stand, Snapshot memory);
}
