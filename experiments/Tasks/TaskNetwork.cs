using TorchAlign.Alignment;
using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Experiments.Papers;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Experiments.Runs;
using TorchAlign.Experiments.Settings;
using TorchAlign.Fields;
using TorchAlign.Landscape;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;

namespace TorchAlign.Experiments.Tasks;

/// <summary>A network of a task before its run: start, step and field.</summary>
internal sealed class TaskNetwork
{
    private readonly RunSettings _settings;
    private readonly AlignedBases? _bases;

    /// <param name="name">As in every table.</param>
    /// <param name="settings">Of the run.</param>
    /// <param name="network">Widths and start.</param>
    /// <param name="problem">The data.</param>
    /// <exception cref="CommandException">The settings cannot be met.</exception>
    public TaskNetwork(string name, RunSettings settings, NetworkSettings network, TaskProblem problem)
    {
        (Name, _settings, Problem) = (name, settings, problem);
        Shape = ShapeOf(network, problem);
        try
        {
            (Start, _bases) = StartOf(network);
            RequireMovableStart();
            Note = network.Start?.Note;
            if (settings.Method.Method == "descent") (Step, Constants, StepNote) = StepOf(settings.Method.Rule);
            if (problem.Classes is null) Distances = new RankDistances(Shape, problem.NewSquaredLoss(settings));
            (Stepper() as IDisposable)?.Dispose();
        }
        catch (ArgumentException error)
        {
            // The library's word on a number that the user gave, without the name of its parameter.
            throw new CommandException($"{name}: {error.Message.Split(" (Parameter")[0]}");
        }
        if (Distances is { } distances && !(distances.LeastLosses[0] > distances.LeastLosses[^1]))
            throw new CommandException($"{problem.Name}: no linear map lowers the loss below that of the zero network.");
    }

    public string Name { get; }

    public NetworkShape Shape { get; }

    public TaskProblem Problem { get; }

    /// <summary>W(0) (P).</summary>
    public double[] Start { get; }

    /// <summary>How the file of the start was read; null for nothing to tell.</summary>
    public string? Note { get; }

    /// <summary>eta, or of loss-scaled its first factor; NaN for a flow.</summary>
    public double Step { get; } = double.NaN;

    /// <summary>Where the step comes from; null for a flow.</summary>
    public string? StepNote { get; }

    /// <summary>Of [NRT], where its step is taken; else null.</summary>
    public NguegnangConstants? Constants { get; }

    /// <summary>The landscape of the squared loss; null where classes are learned.</summary>
    public RankDistances? Distances { get; }

    /// <summary>"L4" as "L = 4", "L4_2" as "L = 4 (2)".</summary>
    public string Label => Name[1..].Split('_') is [var depth, var number] ? $"L = {depth} ({number})" : $"L = {Name[1..]}";

    public bool IsDescent => _settings.Method.Method == "descent";

    public ProductDiagnostics Diagnostics(DataAlignment data) => new(Shape, data, Start, _bases);

    /// <summary>The clock of a flow.</summary>
    public Clock Clock => IsDescent ? Clock.Time : Clock.All.Single(known => known.Name == _settings.Method.Clock);

    /// <summary>The gradient, of which log R is kept in the log domain where that is the CPU's closed form of cross-entropy.</summary>
    public IVectorField Field() => Field(onTensors: _settings.Method.Field == "torch");

    private IVectorField Field(bool onTensors)
    {
        var source = onTensors
            ? GradientSource.Tensors(DeviceChoice.Resolve(_settings.Method.Device))
            : GradientSource.Managed;
        if (Problem.Classes is not { } classes)
            return source.OfSamples(Shape, Problem.Data, data => TaskProblem.Squared(
                _settings, ReferenceEquals(data, Problem.Data) ? Problem.Moments : SecondMoments.Of(data)));
        if (onTensors) return source.OfSamples(Shape, Problem.Data, data => new CrossEntropyLoss(data));
        if (classes.Count >= classes.Dimension) return new LogRiskField(new ProductField(Shape, new LogCrossEntropyLoss(classes)));
        var map = new SampleMap(Shape, Problem.Data);
        var seen = new ClassifiedSet(classes.Name, map.Seen.X, classes.Labels, classes.ClassNames);
        return new LogRiskField(new PulledBackField(new LogCrossEntropyLoss(seen), map));
    }

    /// <summary>What moves it.</summary>
    public IStepper Stepper()
    {
        var method = _settings.Method;
        if (!IsDescent) return method.Stepper == "euler" ? new Euler(method.Step) : new DormandPrince54(method.Rtol);
        IStepRule rule = method.Rule == "loss-scaled" ? new LossScaledStep(Step)
            : _settings.Task!.Decay is { } scale ? ScheduledStep.Harmonic(Step, scale)
            : new ConstantStep(Step);
        // Steps that may be taken back are judged one by one.
        return method.Field == "torch" && !rule.CanReject ? new QueuedDescent(rule) : new GradientDescent(rule);
    }

    /// <summary>A start from which no step can be made is the user's to hear of before anything is written.</summary>
    private void RequireMovableStart()
    {
        var field = Field(onTensors: false);
        using var start = field.NewState();
        using var direction = field.NewState();
        start.CopyFrom(Start);
        var value = field.Evaluate(start, direction);
        if (!(value.LogRisk < double.PositiveInfinity) || !double.IsFinite(direction.Norm()))
            throw new CommandException($"{Label}: the risk at the start, or its gradient, is no float64. Start smaller (--scale, or the "
                + "weights of --start), or bring the data to a common size (--standardize).");
        if (direction.Norm() == 0)
            throw new CommandException($"{Label}: the gradient at the start is 0, so nothing moves it. Take another start, or a larger one "
                + "(--scale).");
    }

    private static NetworkShape ShapeOf(NetworkSettings network, TaskProblem problem)
    {
        int[] widths = [problem.Data.Inputs, .. network.Hidden, problem.Data.Outputs];
        if (widths.Zip(widths.Skip(1), (a, b) => (double)a * b).Sum() > int.MaxValue)
            throw new CommandException($"A network {string.Join('-', widths)} has more than 2^31 parameters. Take narrower layers.");
        return new NetworkShape(widths);
    }

    private (double[] Start, AlignedBases? Bases) StartOf(NetworkSettings network)
    {
        if (network.Start is not null || network.Init != "aligned") return (NetworkStart.Made(network, Shape, _settings.Seed), null);
        var bases = AlignedBases.FromData(Shape, Problem.Moments, RandomStream.Named(_settings.Seed, "start", Shape.Depth));
        if (!(network.Scale > 0 && double.IsFinite(network.Scale)))
            throw new ArgumentException("The scale of a start must be positive and finite.");
        return (bases.State(network.Scale), bases);
    }

    private (double Step, NguegnangConstants? Constants, string Note) StepOf(string rule)
    {
        var moments = Problem.Moments;
        switch (rule)
        {
            case "explicit" when Problem.Classes is not null:
                var smooth = ExplicitRate.CrossEntropy(moments);
                return (smooth.Eta, null, $"2n / ‖X‖₂² with ‖X‖₂² = {Numbers.Short(smooth.Curvature)}, the inverse smoothness in the "
                    + "product; the theory gives no rate here");
            case "explicit":
                var rate = ExplicitRate.Squared(moments, Shape, Start);
                var (eta, sum) = _settings.Loss == "squared" ? (rate.Eta / moments.Count, "1") : (rate.Eta, "n");
                return (eta, null, $"explicit rate {sum} / (L b s^(2L−2)) with b = ‖X‖₂² = {Numbers.Short(rate.Curvature)}, "
                    + $"s = {Numbers.Short(rate.LayerNorm)}");
            case "nrt":
                var task = _settings.Task!;
                var constants = NguegnangConstants.ForLongestStep(Problem.NewSquaredLoss(_settings), Shape, Start,
                    task.Guarantee == "sharpened" ? StepGuarantee.Sharpened : StepGuarantee.Published);
                return (task.AboveBound * constants.StepBound, constants,
                    task.AboveBound == 1 ? $"the guaranteed step, {task.Guarantee} constants"
                        : $"{Numbers.Short(task.AboveBound)} times the guaranteed step, {task.Guarantee} constants");
            default:
                return (_settings.Method.Step, null, rule == "constant" ? "as given" : "over the risk, adapted as [LL] do");
        }
    }
}
