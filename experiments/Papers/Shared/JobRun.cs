using System.Diagnostics;
using TorchAlign.Checkpoints;
using TorchAlign.Dynamics;
using TorchAlign.Fields;

namespace TorchAlign.Experiments.Papers;

/// <summary>What a job is given while it is made: whom to tell, when to stop, and what an earlier process kept of it.</summary>
internal sealed class JobRun
{
    private const string PathPart = "path";
    private const string SamplesEntry = "samples";

    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly Action<string, double> _tell;
    private readonly Func<bool> _isDue;
    private readonly Action<Snapshot> _keep;
    private readonly Dictionary<string, string> _parts = [];
    private readonly Snapshot? _kept;
    private readonly double _before;

    /// <param name="kept">What <paramref name="keep"/> was given in an earlier process; null where the job starts.</param>
    /// <param name="tell">Told what is being done, and the share that is.</param>
    /// <param name="isDue">Whether the job is to be kept; asked at every step.</param>
    /// <param name="keep">Takes what the job needs to go on.</param>
    /// <param name="cancellation">Ends the job in good order.</param>
    public JobRun(
        Snapshot? kept, Action<string, double> tell, Func<bool> isDue, Action<Snapshot> keep, CancellationToken cancellation)
    {
        (_kept, _tell, _isDue, _keep, Cancellation) = (kept, tell, isDue, keep, cancellation);
        _before = kept?.ReadDouble("seconds") ?? 0;
        if (kept is not null) _parts = ExactJson.Read<Dictionary<string, string>>(kept.ReadText("parts"));
    }

    /// <summary>For a job that nobody keeps.</summary>
    public static JobRun Alone(CancellationToken cancellation = default) => new(null, (_, _) => { }, () => false, _ => { }, cancellation);

    public CancellationToken Cancellation { get; }

    /// <summary>Wall time of the job over all processes.</summary>
    public double Seconds => _before + _watch.Elapsed.TotalSeconds;

    /// <summary>Says how far the job is, 0 to 1; cheap, from any thread.</summary>
    public void Tell(double share) => _tell("", share);

    /// <inheritdoc cref="Tell(double)"/>
    public void Tell(string what, double share) => _tell(what, share);

    /// <summary>
    /// Makes a part of the job, of those that follow each other, or takes what it left in an earlier process. A part that was stopped
    /// is none.
    /// </summary>
    /// <param name="name">Different for each part.</param>
    /// <param name="make">Its result reads back from JSON.</param>
    public T Once<T>(string name, Func<T> make)
    {
        if (_parts.TryGetValue(name, out var text)) return ExactJson.Read<T>(text);
        var made = make();
        if (!Cancellation.IsCancellationRequested) _parts[name] = ExactJson.Write(made);
        return made;
    }

    /// <summary>
    /// Something that moves step by step: what it kept of itself in an earlier process, where it is the part of the job that was under
    /// way; else null.
    /// </summary>
    /// <param name="name">Different for each such part of a job.</param>
    public Snapshot? KeptOf(string name) => _kept?.Copy(name);

    /// <summary>Asked at every step: whether <see cref="Keep"/> is to be called.</summary>
    public bool IsDue => _isDue();

    /// <summary>Keeps the part that is under way, to be called where that is due and where the job is interrupted.</summary>
    /// <param name="name">As <see cref="KeptOf"/> is asked for it.</param>
    /// <param name="part">Not empty.</param>
    public void Keep(string name, Snapshot part)
    {
        var memory = new Snapshot();
        memory.Write("seconds", Seconds);
        memory.Write("parts", ExactJson.Write(_parts));
        memory.Write(name, part);
        _keep(memory);
    }

    /// <summary>Follows a stepper on a field from a start, or from where an earlier process kept it, and frees both.</summary>
    /// <param name="plan">Without a sampling, a cancellation and checkpoints, which are the job's.</param>
    /// <param name="look">Makes a sample, which reads back from JSON.</param>
    /// <param name="name">Different for each path of a job.</param>
    /// <param name="clock">Of the flow; plain time unless given.</param>
    /// <param name="stop">Ends the path at a sample.</param>
    public FollowedPath<TSample> Follow<TSample>(
        IVectorField field, ReadOnlySpan<double> start, IStepper stepper, RunPlan plan, Func<TrajectoryPoint, TSample> look,
        string name = PathPart, Clock? clock = null, Func<TSample, RunEnd?>? stop = null)
    {
        var kept = KeptOf(name);
        var samples = kept is null ? [] : ExactJson.Read<List<TSample>>(kept.ReadText(SamplesEntry));
        var path = GradientSource.Follow(field, start, stepper, plan with
        {
            OnSample = point =>
            {
                var sample = look(point);
                samples.Add(sample);
                return stop?.Invoke(sample);
            },
            Cancellation = Cancellation,
            Resume = kept?.Copy("trajectory"),
            CheckpointDue = _ => IsDue,
            OnCheckpoint = (memory, end) =>
            {
                if (end is not null && end != RunEnd.Interrupted) return;
                var part = new Snapshot();
                part.Write("trajectory", memory);
                part.Write(SamplesEntry, ExactJson.Write(samples));
                Keep(name, part);
            },
        }, clock);
        return new FollowedPath<TSample>(path.End, samples, path.Final, path.Steps);
    }
}

/// <param name="End">How it ended.</param>
/// <param name="Samples">In order; first and last point included.</param>
/// <param name="Final">The last good state.</param>
/// <param name="Steps">Taken.</param>
internal sealed record FollowedPath<TSample>(RunEnd End, IReadOnlyList<TSample> Samples, double[] Final, long Steps);
