using System.Diagnostics;
using System.Numerics.Tensors;
using TorchAlign.Alignment;
using TorchAlign.Checkpoints;
using TorchAlign.Data;
using TorchAlign.Devices;
using TorchAlign.Dynamics;
using TorchAlign.Experiments.Settings;
using TorchAlign.Losses;
using TorchAlign.MaxMargin;
using TorchAlign.Networks;

namespace TorchAlign.Experiments.Runs;

/// <summary>Who is told of a network that is followed.</summary>
/// <param name="OnObservation">Told of every observation as it is made.</param>
/// <param name="IsDue">Whether the run is to be kept; asked at every step.</param>
/// <param name="Keep">Keeps it: called where that is due, and where the run is interrupted.</param>
internal sealed record RunHooks(Action<Observation> OnObservation, Func<bool> IsDue, Action Keep);

/// <summary>One network followed from its start to a named end, in one process or in several.</summary>
internal sealed class NetworkRun : IResumable
{
    /// <summary>True steps that a fast-forward is compared with: under a second on small networks.</summary>
    private const long ComparedSteps = 1_000_000;

    /// <summary>By so much, relative, rounding may have moved the risk of a descent that stands at a saddle.</summary>
    private const double RisenRisk = 1e-6;

    private readonly RunSettings _settings;
    private readonly SignedPoints _points;
    private readonly MarginSolution _reference;
    private readonly MarginLoss _loss;
    private readonly DirectionVerdict? _verdict;

    // Loss-scaled steps grow until the risk would rise: w_prod keeps swinging about its limit, and being there says nothing.
    private readonly bool _settles;

    private readonly Lazy<(ResidualPrediction Limit, CarriedPart? Carried)> _prediction;
    private readonly List<Observation> _observations = [];
    private volatile Observation? _latest;
    private volatile TrajectoryPoint? _point;
    private Method? _method;
    private Snapshot? _kept;

    /// <summary>Finds everything that can be wrong with the settings; nothing is written, and nothing put on a device, before that.</summary>
    /// <exception cref="CommandException">The settings cannot be met.</exception>
    public NetworkRun(RunSettings settings, NetworkSettings network, SignedPoints points, MarginSolution reference)
    {
        _settings = settings;
        _points = points;
        _reference = reference;
        Shape = Sizes.Checked(() => new NetworkShape([points.Dimension, .. network.Hidden, 1]));
        _loss = MarginLoss.All.Single(known => known.Name == settings.Loss);
        try
        {
            Methods.Check(settings.Method, Shape, _loss);
            (Start, StartNote) = NetworkStart.Of(settings, network, Shape, points, _loss);
        }
        catch (ArgumentException error)
        {
            // The library's word on a number that the user gave, without the name of its parameter.
            throw new CommandException(error.Message.Split(" (Parameter")[0]);
        }
        Final = Start;
        _settles = settings.Method is not { Method: "descent", Rule: "loss-scaled" };
        _prediction = new(() => ResidualPrediction.Of(points, reference) is { Complete: true } limit
            ? (limit, new CarriedPart(Shape, new SupportSpan(points, reference), Start))
            : default);
        if (settings.Stop.OneMinusCosine is { } bound)
            _verdict = new DirectionVerdict(Shape, points, _loss, reference, bound, isFlow: !IsDescent);
    }

    public NetworkShape Shape { get; }

    /// <summary>Whether this process has moved it.</summary>
    public bool HasBegun => _point is not null;

    /// <summary>What networks that are followed together have in common: widths and number of points.</summary>
    public string Size => $"{Shape} on {_points.Count}";

    /// <summary>W(0) (P), after rescaling.</summary>
    public double[] Start { get; }

    /// <summary>The last good state (P).</summary>
    public double[] Final { get; private set; }

    public IReadOnlyList<Observation> Observations => _observations;

    /// <summary>The latest observation, for showing progress from another thread.</summary>
    public Observation? Latest => _latest;

    /// <summary>How far this process has come with it, for showing it from another thread; null before it begins.</summary>
    public TrajectoryProgress? Progress => _point?.Progress;

    public bool IsDescent => _settings.Method.Method == "descent";

    /// <summary>Null before the run; <see cref="RunEnd.Interrupted"/> where it is to go on.</summary>
    public RunEnd? End { get; private set; }

    /// <summary>Where 1 - cos first was at most what was asked for; null where it never was, or nobody asked.</summary>
    public Observation? CrossedAt =>
        _settings.Stop.OneMinusCosine is { } bound ? DirectionVerdict.FirstCrossing(_observations, bound) : null;

    /// <summary>What sin(angle) ||w_prod|| tends to at the size that the layers have reached; NaN where it is not known.</summary>
    public double PredictedNorm => _prediction.Value is ({ Complete: true } prediction, { } carried)
        ? double.Hypot(prediction.Norm, TensorPrimitives.Norm<double>(carried.At(Final)))
        : double.NaN;

    /// <summary>Whether it has come to an end of its own.</summary>
    public bool HasEnded => End is not null && End != RunEnd.Interrupted;

    /// <summary>The accepted steps from which a run that was taken up goes on; null where it starts.</summary>
    public long? ResumedAt => _kept?.Part("point").ReadInt64s("counts", 3)[0];

    /// <summary>What a fast-forward assumed and how far it was off where it could be checked; null without one.</summary>
    public string? ForwardNote { get; private set; }

    /// <summary>Networks that were followed as one batched problem with this one and it; 1: it was alone.</summary>
    public int Together { get; private set; } = 1;

    /// <summary>Wall time of the integration, observations included, over all processes.</summary>
    public double Seconds { get; private set; }

    /// <summary>What was found or done about the start: how its file was read, what Assumption 2 needed; null for nothing.</summary>
    public string? StartNote { get; }

    /// <summary>How the run ended, or where it is under way: what a checkpoint holds of it.</summary>
    public void Save(Snapshot memory)
    {
        memory.Write("seconds", Seconds);
        if (HasEnded)
        {
            memory.Write("end", End!.Name);
            memory.Write("end_reached", End.Reached ? 1 : 0);
            memory.Write("end_message", End.Message);
            memory.Write("forward_note", ForwardNote ?? "");
            memory.Write("final", Final);
            memory.Write("together", Together);
        }
        else if (_kept is not null)
        {
            memory.Write("trajectory", _kept);
        }
    }

    public void Restore(Snapshot memory)
    {
        Seconds = memory.ReadDouble("seconds");
        if (memory.Has("end"))
        {
            End = new RunEnd(memory.ReadText("end"), memory.ReadInt64("end_reached") == 1, memory.ReadText("end_message"));
            ForwardNote = memory.ReadText("forward_note") is { Length: > 0 } note ? note : null;
            Final = memory.ReadDoubles("final", Shape.Length);
            Together = memory.Has("together") ? (int)memory.ReadInt64("together") : 1;
        }
        else
        {
            _kept = memory.Copy("trajectory");
        }
    }

    /// <summary>As <see cref="Restore(Snapshot)"/>, with what was observed up to there.</summary>
    public void Restore(Snapshot memory, IEnumerable<Observation> observations)
    {
        Restore(memory);
        _observations.AddRange(observations);
        _latest = _observations.LastOrDefault();
    }

    /// <summary>What a folder tells of a run that is not to be moved any more.</summary>
    /// <param name="end">How it ended, and its wall time; null where that is not known.</param>
    /// <param name="final">W (P).</param>
    /// <param name="observations">In order.</param>
    public void Recall(RecordedEnd? end, double[] final, IEnumerable<Observation> observations)
    {
        if (end is not null)
            End = end.Result == RunEnd.Interrupted.Name ? RunEnd.Interrupted
                : new RunEnd(end.Result, !RunEnd.IsFailure(end.Result), end.Message);
        (Seconds, Final) = (end?.Seconds ?? double.NaN, final);
        _observations.AddRange(observations);
        _latest = _observations.LastOrDefault();
    }

    /// <summary>Puts the data on their device, where it is not yet decided that they fit.</summary>
    /// <exception cref="DeviceMemoryException">They do not.</exception>
    public void Prepare() => _method ??= Methods.Build(_settings.Method, Shape, _points, _loss);

    /// <summary>Follows the network to its end, or until it is interrupted.</summary>
    /// <param name="hooks">Who is told.</param>
    /// <param name="cancellation">Ends the run as <c>interrupted</c>.</param>
    public void Follow(RunHooks hooks, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var before = Seconds;
        var plan = PlanOf(hooks, () => before + watch.Elapsed.TotalSeconds, cancellation);
        Prepare();
        try
        {
            var end = _settings.Method.FastForward ? FollowForward(plan) : FollowSteps(plan);
            Arrive(end, before + watch.Elapsed.TotalSeconds);
        }
        catch (OperationCanceledException)
        {
            // Before a fast-forward began: nothing was seen of this network yet.
            (End, Seconds) = (RunEnd.Interrupted, before + watch.Elapsed.TotalSeconds);
            hooks.Keep();
        }
        finally
        {
            // The networks of a run take turns on the device.
            _method!.Dispose();
            _method = null;
        }
    }

    /// <summary>
    /// Follows networks of one shape, by descent or by dopri5, as one batched problem; each ends as it would by itself, but for the last
    /// digits of batched products, and counts the time of all as its own.
    /// </summary>
    /// <param name="networks">Of equal methods and numbers of points.</param>
    /// <param name="ended">Told of a network that came to its end, by its index.</param>
    /// <param name="cancellation">Ends those that are under way as <c>interrupted</c>.</param>
    /// <exception cref="DeviceMemoryException">They do not fit together; none has begun.</exception>
    public static void FollowTogether(
        IReadOnlyList<(NetworkRun Run, RunHooks Hooks)> networks, Action<int> ended, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var first = networks[0].Run;
        var method = first._settings.Method;
        var flow = Methods.FlowOf(method);
        var legs = networks.Select(network =>
        {
            var (run, before) = (network.Run, network.Run.Seconds);
            return (run, seconds: new Func<double>(() => before + watch.Elapsed.TotalSeconds), network.Hooks);
        }).ToArray();
        using var trajectory = new EnsembleTrajectory(
            first.Shape, first._loss,
            [
                .. legs.Select(leg => new EnsembleRun(leg.run._points, leg.run.Start,
                    flow is null ? Methods.RuleOf(leg.run._settings.Method, leg.run.Shape, leg.run._loss) : null,
                    leg.run.PlanOf(leg.Hooks, leg.seconds, cancellation))),
            ],
            DeviceName.Resolve(method.Device), Methods.DtypeOf(method), flow);
        for (var i = 0; i < legs.Length; i++) (legs[i].run._point, legs[i].run.Together) = (trajectory.Points[i], legs.Length);
        trajectory.Follow((i, end) =>
        {
            legs[i].run.Arrive(end, legs[i].seconds());
            ended(i);
        });
    }

    private void Arrive(RunEnd end, double seconds)
    {
        var (first, last) = (_observations.FirstOrDefault()?.LogRisk, _observations.LastOrDefault()?.LogRisk);
        if (IsDescent && end.IsLimit && last > first + RisenRisk) end = RunEnd.Diverged;
        (End, Seconds) = (_verdict?.OfLimit(end, _observations) ?? end, seconds);
        Final = _point!.W.ToArray();
    }

    private RunPlan PlanOf(RunHooks hooks, Func<double> seconds, CancellationToken cancellation)
    {
        var diagnostics = new AlignmentDiagnostics(Shape, _points, _loss, _reference, Start);
        var stops = RunStops.AtSamples(_settings.Stop, _reference.Gamma);
        return new RunPlan
        {
            Stops = RunStops.AtSteps(_settings),
            Schedule = IsDescent && !_settings.Method.FastForward
                ? SampleSchedule.LogSpacedSteps(_settings.SamplesPerDecade)
                : SampleSchedule.LogSpacedClock(_settings.SamplesPerDecade),
            Cancellation = cancellation,
            Resume = _kept,
            CheckpointDue = _ => hooks.IsDue(),
            OnCheckpoint = (memory, end) =>
            {
                if (end is not null && end != RunEnd.Interrupted) return;
                (_kept, Seconds) = (memory, seconds());
                hooks.Keep();
            },
            OnSample = point =>
            {
                var seen = diagnostics.Observe(point);
                _observations.Add(seen);
                _latest = seen;
                hooks.OnObservation(seen);
                return (_settles ? _verdict?.Look(point, seen) : null) ?? stops.Select(stop => stop(seen)).FirstOrDefault(end => end is not null);
            },
        };
    }

    private RunEnd FollowSteps(RunPlan plan)
    {
        var w = _method!.System.Field.NewState();
        w.CopyFrom(Start);
        var point = new TrajectoryPoint(w);
        _point = point;
        return Trajectory.Follow(_method.System, _method.Stepper, point, plan);
    }

    private RunEnd FollowForward(RunPlan plan)
    {
        var rule = new AssumptionFiveStep(_loss, Shape.Depth);
        var forward = FastForward.Run(_method!.System.Field, rule, Start, _settings.Stop.Steps, ComparedSteps, _settings.Method.Rtol, plan);
        _point = forward.Point;
        ForwardNote = FormattableString.Invariant($"Fast-forward to {forward.Point.Clock:G4} steps along the flow, which tiny steps ")
            + "follow; " + (forward.LogRiskDeviation is { } deviation
                ? FormattableString.Invariant(
                    $"over {forward.ComparedSteps:N0} true steps the risk differed by at most a share of {deviation:G2}.")
                : "no true steps were made to compare it with.");
        return forward.End;
    }
}
