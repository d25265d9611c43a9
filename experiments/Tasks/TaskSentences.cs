using TorchAlign.Alignment;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Experiments.Settings;

namespace TorchAlign.Experiments.Tasks;

/// <summary>What a run of a task is and found, in words: for the terminal, the report and summary.json.</summary>
internal static class TaskSentences
{
    /// <summary>A product this near to the least loss, as a share of that of the zero network, is said to be at it.</summary>
    private const double AtLeast = 1e-6;

    /// <summary>Eigenvalues of the Hessian below minus this share of its largest are negative.</summary>
    private const double Negative = 1e-7;

    /// <summary>What became of a network.</summary>
    public static string Found(TaskPath path) => $"{path.Network.Label}: {(path.Last.Classes is { } classes
        ? $"{Percent(classes.Accuracy)} of the points classified, "
            + (classes.Margin > 0 ? $"margin of the direction {Numbers.Short(classes.DirectionMargin)}" : "not separated")
        : Position(path))} ({path.JobEnd.Name}).";

    /// <summary>Facts about data, networks and steps that a reader must know, each a name and a value.</summary>
    public static IReadOnlyList<(string Name, string Value)> Facts(
        RunSettings settings, TaskProblem problem, DataAlignment alignment, IReadOnlyList<TaskPath> paths) =>
    [
        ("data", $"{problem.Name}: n = {Numbers.Count(problem.Data.Count)}, d = {problem.Data.Inputs}, rank {problem.Moments.Rank}"),
        (problem.Classes is null ? "targets" : "classes", OutputsOf(problem)),
        ("preprocessing", string.Join(", ", problem.Preprocessing.Concat(problem.Scale == 1 ? []
            : [$"divided by the largest norm, {Numbers.Short(problem.Scale)}"]).DefaultIfEmpty("none"))),
        ("loss", LossOf(settings)),
        ("method", MethodOf(settings)),
        ("alignment", alignment.Holds
            ? "the data allow alignment to be an invariant under the squared loss [RNBU]"
            : $"the data allow no invariant alignment (no bases come nearer than {Numbers.Short(alignment.LeastObstruction)}; those found: "
                + $"{Numbers.Short(alignment.Obstruction)}) [RNBU]"),
        .. paths.SelectMany(path => Facts(path.Network)),
    ];

    private static IEnumerable<(string, string)> Facts(TaskNetwork network)
    {
        if (network.StepNote is { } step) yield return ($"step, {network.Label}", $"{Numbers.Short(network.Step)}: {step}");
        if (network.Note is { } note) yield return ($"start, {network.Label}", note);
        var narrow = network.Shape.Widths.Min();
        if (narrow < Math.Min(network.Shape.Inputs, network.Shape.Outputs))
            yield return ($"width, {network.Label}", $"the narrowest layer has {narrow} units: products have rank {narrow} at most");
    }

    /// <summary>Where a run under the squared loss ended: at the least loss, at a saddle, or on its way.</summary>
    public static string Kind(TaskPath path)
    {
        var distance = path.Last.Distance!;
        if (distance.ExcessShare <= AtLeast) return "least-loss";
        return path.End.Name != "stagnated" ? "on-its-way"
            : path.Curvature is { } ends && ends.Least < -Negative * ends.Largest ? "strict-saddle"
            : "flat-saddle";
    }

    private static string Position(TaskPath path)
    {
        var (distance, largest) = (path.Last.Distance!, path.Network.Distances!.LargestRank);
        return Kind(path) switch
        {
            "least-loss" => $"the least loss of rank {largest} is reached to a share of {Numbers.Short(distance.ExcessShare)}",
            "strict-saddle" => $"it stands at a strict saddle near the best product of rank {distance.NearestRank} of {largest}",
            "flat-saddle" => $"it stands near the best product of rank {distance.NearestRank} of {largest}, without negative curvature",
            _ => $"the loss is {Numbers.Short(distance.ExcessShare)} of the way above its least, nearest to the best product of rank "
                + $"{distance.NearestRank} of {largest}",
        };
    }

    private static string OutputsOf(TaskProblem problem)
    {
        const int shown = 20;
        var counts = new int[problem.Outputs.Count];
        if (problem.Classes is { } classes)
            foreach (var label in classes.Labels) counts[label]++;
        var names = problem.Outputs.Select((name, c) => problem.Classes is null ? name : $"{name} ({counts[c]})").ToArray();
        return string.Join(", ", names.Take(shown)) + (names.Length > shown ? $", and {names.Length - shown} more" : "");
    }

    private static string LossOf(RunSettings settings) => settings.Loss switch
    {
        "squared" => "½‖Y − W_L ⋯ W₁ X‖_F² [NRT]",
        "squared-mean" => "1/(2n) ‖Y − W_L ⋯ W₁ X‖_F² [RNBU]",
        _ => "softmax cross-entropy, the mean over the points",
    };

    private static string MethodOf(RunSettings settings)
    {
        var method = settings.Method;
        if (method.Method == "flow")
            return $"gradient flow by {method.Stepper}, clock {method.Clock}"
                + (method.Stepper == "euler"
                    ? $", step {Numbers.Short(method.Step)}"
                    : $", relative tolerance {Numbers.Short(method.Rtol)}");
        return $"gradient descent, step rule {method.Rule}"
            + (settings.Task!.Decay is { } decay ? $", decreasing as 1 / (1 + k / {Numbers.Short(decay)})" : "");
    }

    private static string Percent(double share) =>
        share == 1 ? "all" : $"{(100 * share).ToString("0.##", System.Globalization.CultureInfo.InvariantCulture)} %";
}
