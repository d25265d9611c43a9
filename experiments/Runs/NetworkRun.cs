using System.Diagnostics;
using TorchAlign.Alignment;
using TorchAlign.Checkpoints;
using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Experiments.Commands;
using TorchAlign.Losses;
using TorchAlign.MaxMargin;
using TorchAlign.Networks;

namespace TorchAlign.Experiments.Runs;

/// <summary>One network followed from its start to a named end, in one process or in several.</summary>
internal sealed class NetworkRun : IResumable
{
    /// <summary>True steps that a fast-forward is compared with: under a second on small networks.</summary>
    private const long ComparedSteps = 1_000_000;

    /// <summary>--stagnation: the risk fell by less than this share, about what rounding leaves, while the steps doubled.</summary>
    private const double StagnantDecrease = 1e-12;

    /// <summary>Steps before which a run is not called stagnant: leaving a saddle takes hundreds.</summary>
    private const long StagnationFrom = 1000;

    /// <summary>Steps of the integrator in a fast-forward; 1e40 steps of descent take some thousands.</summary>
    private const long ForwardSteps = 100_000_000;

    private readonly RunSettings _settings;
    private readonly SignedPoints _points;
    private readonly MarginSolution _reference;
    private readonly MarginLoss _loss;
    private readonly Method _method;
    private readonly List<Observation> _observations = [];
    private volatile Observation? _latest;
    private Snapshot? _kept;

    /// <summary>Prepares everything that can be wrong with the settings; nothing is written before that.</summary>
    /// <exception cref="CommandException">The settings cannot be met.</exception>
    public NetworkRun(RunSettings settings, NetworkSettings network, SignedPoints points, MarginSolution reference)
    {
        _settings = settings;
        _points = points;
        _reference = reference;
        Network = network;
        Shape = new NetworkShape([points.Dimension, .. network.Hidden, 1]);
        _loss = MarginLoss.All.Single(known => known.Name == settings.Loss);
        try
        {
            Start = StartOf(network, Shape, settings.Seed);
            _method = Methods.Build(settings.Method, Shape, points, _loss);
        }
        catch (ArgumentException error)
        {
            // The library's word on a number that the user gave, without the name of its parameter.
            throw new CommandException(error.Message.Split(" (Parameter")[0]);
        }
        string?[] notes = [network.Start?.Note, MeetAssumption2()];
        StartNote = notes.Any(note => note is not null) ? string.Join(' ', notes.Where(note => note is not null)) : null;
        Final = Start;
    }

    public NetworkSettings Network { get; }

    public NetworkShape Shape { get; }

    /// <summary>W(0) (P), after rescaling.</summary>
    public double[] Start { get; private set; }

    /// <summary>The last good state (P).</summary>
    public double[] Final { get; private set; }

    public IReadOnlyList<Observation> Observations => _observations;

    /// <summary>The latest observation, for showing progress from another thread.</summary>
    public Observation? Latest => _latest;

    /// <summary>Where the run stands, for showing progress from another thread.</summary>
    public TrajectoryPoint? Point { get; private set; }

    public bool IsDescent => _settings.Method.Method == "descent";

    /// <summary>Null before the run; <see cref="RunEnd.Interrupted"/> where it is to go on.</summary>
    public RunEnd? End { get; private set; }

    /// <summary>Whether it has come to an end of its own.</summary>
    public bool HasEnded => End is not null && End != RunEnd.Interrupted;

    /// <summary>The accepted steps from which a run that was taken up goes on; null where it starts.</summary>
    public long? ResumedAt => _kept?.Part("point").ReadInt64s("counts", 3)[0];

    /// <summary>What a fast-forward assumed and how far it was off where it could be checked; null without one.</summary>
    public string? ForwardNote { get; private set; }

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

    /// <param name="onObservation">Told of every observation as it is made.</param>
    /// <param name="isDue">Whether the run is to be kept; asked at every step.</param>
    /// <param name="keep">Keeps it: called where that is due, and where the run is interrupted.</param>
    /// <param name="cancellation">Ends the run as <c>interrupted</c>.</param>
    public void Follow(Action<Observation> onObservation, Func<bool> isDue, Action keep, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var before = Seconds;
        var diagnostics = new AlignmentDiagnostics(Shape, _points, _loss, _reference, Start);
        var stops = SampleStops();
        var plan = new RunPlan
        {
            Stops = StepStops(),
            Schedule = IsDescent && !_settings.Method.FastForward
                ? SampleSchedule.LogSpacedSteps(_settings.SamplesPerDecade)
                : SampleSchedule.LogSpacedClock(_settings.SamplesPerDecade),
            Cancellation = cancellation,
            Resume = _kept,
            CheckpointDue = _ => isDue(),
            OnCheckpoint = (memory, end) =>
            {
                if (end is not null && end != RunEnd.Interrupted) return;
                (_kept, Seconds) = (memory, before + watch.Elapsed.TotalSeconds);
                keep();
            },
            OnSample = point =>
            {
                var seen = diagnostics.Observe(point);
                _observations.Add(seen);
                _latest = seen;
                onObservation(seen);
                return stops.Select(stop => stop(seen)).FirstOrDefault(end => end is not null);
            },
        };
        try
        {
            End = _settings.Method.FastForward ? FollowForward(plan) : FollowSteps(plan);
            Final = Point!.W.ToArray();
        }
        catch (OperationCanceledException)
        {
            // Before a fast-forward began: nothing was seen of this network yet.
            End = RunEnd.Interrupted;
            keep();
        }
        Seconds = before + watch.Elapsed.TotalSeconds;
    }

    private RunEnd FollowSteps(RunPlan plan)
    {
        var w = _method.System.Field.NewState();
        w.CopyFrom(Start);
        Point = new TrajectoryPoint(w);
        return Trajectory.Follow(_method.System, _method.Stepper, Point, plan);
    }

    private RunEnd FollowForward(RunPlan plan)
    {
        var rule = new AssumptionFiveStep(_loss, Shape.Depth);
        var forward = FastForward.Run(_method.System.Field, rule, Start, _settings.Stop.Steps, ComparedSteps, _settings.Method.Rtol, plan);
        Point = forward.Point;
        ForwardNote = FormattableString.Invariant($"Fast-forward to {forward.Point.Clock:G4} steps along the flow, which ")
            + "tiny steps follow while the layer norms grow; over " + FormattableString.Invariant(
            $"{forward.ComparedSteps:N0} true steps the risk differed by at most a share of {forward.LogRiskDeviation:G2}.");
        return forward.End;
    }

    private static double[] StartOf(NetworkSettings network, NetworkShape shape, int seed)
    {
        if (network.Start is { } file) return StartOption.Load(file, shape.Widths);
        // Each depth has a stream of its own: adding a network to a run leaves the others' starts alone.
        var random = new RandomStream(seed * 1_000_003L + shape.Depth);
        return network.Init switch
        {
            "gaussian" => Initialization.Gaussian(shape, network.Scale, random),
            "zero-first" => Initialization.ZeroFirstLayer(shape, network.Scale, random),
            "balanced" => Initialization.Balanced(shape, network.Scale, random),
            "rank-one" => Initialization.RankOneAligned(shape, network.Scale, random),
            "equal-norms" => Initialization.EqualNorms(shape, network.Scale, random),
            _ => throw new CommandException($"Unknown start '{network.Init}'."),
        };
    }

    /// <summary>What was found or done; null where the start meets the assumption as it is.</summary>
    private string? MeetAssumption2()
    {
        var field = _method.System.Field;
        var check = AssumptionTwo.Check(field, _loss, Start);
        if (check.Holds) return null;
        switch (Network.Assumption2)
        {
            case "require":
                throw new CommandException($"L = {Shape.Depth}: {check.Message} --assumption2 rescale does so.");
            case "rescale":
                var factor = AssumptionTwo.Rescale(field, _loss, Shape, Start) ?? throw new CommandException(
                    $"L = {Shape.Depth}: {check.Message} No factor on the last layer helps: take another seed or --init.");
                return $"The last layer of the start was multiplied by {factor:R}, so that Assumption 2 holds.";
            default:
                return check.Message;
        }
    }

    private IReadOnlyList<IStop> StepStops()
    {
        var stop = _settings.Stop;
        var stops = new List<IStop>();
        if (stop.Log10Risk is { } risk) stops.Add(Stops.RiskBelow(risk));
        if (stop.Time is { } time) stops.Add(Stops.TimeReached(time));
        if (stop.Stagnation) stops.Add(Stops.Stagnation(StagnantDecrease, StagnationFrom));
        stops.Add(Stops.StepLimit(_settings.Method.FastForward ? ForwardSteps : (long)stop.Steps));
        if (stop.Seconds is { } seconds) stops.Add(Stops.WallTime(TimeSpan.FromSeconds(seconds)));
        return stops;
    }

    private IReadOnlyList<Func<Observation, RunEnd?>> SampleStops()
    {
        var stop = _settings.Stop;
        var stops = new List<Func<Observation, RunEnd?>>();
        if (stop.OneMinusCosine is { } bound) stops.Add(ObservationStops.CosineWithin(bound));
        if (stop.Alignment is { } alignment) stops.Add(ObservationStops.AlignedWithin(alignment));
        if (stop.MarginGap is { } gap) stops.Add(ObservationStops.MarginGapWithin(gap, _reference.Gamma));
        if (stop.Separated) stops.Add(ObservationStops.Separated());
        return stops;
    }
}
