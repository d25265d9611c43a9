using TorchAlign.Devices;
using TorchSharp;

namespace TorchAlign.Experiments.Settings;

/// <summary>The words and ranges that <see cref="RunSettings"/> may hold, whoever wrote them.</summary>
internal static class SettingsCheck
{
    public static readonly string[] Inits = ["gaussian", "equal-norms", "zero-first", "balanced", "rank-one"];
    public static readonly string[] Assumption2 = ["rescale", "require", "ignore"];
    public static readonly string[] Losses = ["exponential", "logistic"];
    public static readonly string[] Kinds = ["flow", "descent"];
    public static readonly string[] Steppers = ["seulex", "dopri5", "euler"];
    public static readonly string[] Clocks = ["log-risk", "arc-length", "time"];
    public static readonly string[] Rules = ["assumption5", "constant", "loss-scaled"];
    public static readonly string[] Tasks = ["classify", "regress"];
    public static readonly string[] TaskInits = [.. Inits, "aligned"];
    public static readonly string[] TaskRules = ["explicit", "constant", "loss-scaled", "nrt"];
    public static readonly string[] TaskSteppers = ["dopri5", "euler"];
    public static readonly string[] Guarantees = ["published", "sharpened"];
    public static readonly string[] Radii = ["smallest", "increment", "factor"];
    public static readonly string[] Fields = ["fused", "torch", "autograd", "sequential"];
    public static readonly string[] Dtypes = ["float64", "float32"];

    /// <summary>Of a decade.</summary>
    public static readonly NumberRange Samples = NumberRange.Between(1, 1_000_000);

    /// <summary>A layer is looked at by the squares of its widths too, W^T W and W W^T.</summary>
    public const int MostWidth = 32_768;

    public const int MostLayers = 1000;

    /// <summary>Layers of more entries than this are no deep linear network that anybody runs here.</summary>
    private const long MostEntries = 1L << 30;

    /// <exception cref="CommandException">A word is unknown, or a number cannot be.</exception>
    /// <exception cref="DeviceException">The device cannot be had.</exception>
    public static void Require(RunSettings settings)
    {
        var (method, stop) = (settings.Method, settings.Stop);
        var task = settings.Task is not null;
        if (settings.Task is { } named) Word("task", named.Name, Tasks);
        Word("loss", settings.Loss, LossesOf(settings.Task?.Name));
        Word("method", method.Method, Kinds);
        Word("stepper", method.Stepper, task ? TaskSteppers : Steppers);
        Word("clock", method.Clock, Clocks);
        Word("rule", method.Rule, task ? TaskRules : Rules);
        Word("radius", method.Radius, Radii);
        Word("field", method.Field, Fields);
        Word("dtype", method.Dtype, Dtypes);
        var device = DeviceChoice.Resolve(method.Device);
        if (device.type != DeviceType.CPU && method.Field == "fused")
            throw new CommandException($"--field fused computes on the CPU alone; with --device {method.Device} leave --field away: "
                + "torch, the closed form on tensors, is the one there.");
        if (method is { Dtype: "float32", Field: not "torch" })
            throw new CommandException($"--field {method.Field} computes in float64; --dtype float32 goes with --field torch.");
        if (settings.Networks.Count == 0) throw new CommandException("There is no network.");
        foreach (var network in settings.Networks)
        {
            if (network.Start is null) Word("init", network.Init, task ? TaskInits : Inits);
            Word("assumption2", network.Assumption2, Assumption2);
            NumberRange.Positive.Require("--scale", network.Scale);
            if (network.Hidden.Count >= MostLayers || network.Hidden.Any(width => width is < 1 or > MostWidth) || Entries(network.Hidden) > MostEntries)
                throw new CommandException($"The hidden widths {string.Join('-', network.Hidden)} are not those of a network.");
        }
        Samples.Require("--samples", settings.SamplesPerDecade);
        NumberRange.Threads.Require("--threads", method.Threads);
        NumberRange.Positive.Require("--step", method.Step);
        NumberRange.Share.Require("--rtol", method.Rtol);
        if (stop.Steps > 1e18 && !method.FastForward)
            throw new CommandException($"--steps must be at most 1e18; got {stop.Steps:R}. Only --fast-forward goes further.");
        NumberRange.Steps.Require("--steps", stop.Steps);
        NumberRange.Seconds.Require("--seconds", stop.Seconds);
        NumberRange.Share.Require("--to", stop.OneMinusCosine);
        NumberRange.Share.Require("--align", stop.Alignment);
        NumberRange.Share.Require("--gap", stop.MarginGap);
        NumberRange.Finite.Require("--risk", stop.Log10Risk);
        NumberRange.Positive.Require("--time", stop.Time);
        if (method is { FastForward: true } and not { Method: "descent", Rule: "assumption5", Radius: "smallest", Field: "fused" })
            throw new CommandException(
                "--fast-forward knows the step count of --method descent --rule assumption5 --radius smallest alone "
                + "(with the fused field).");
    }

    /// <summary>The losses of a task, the one unless another is given first; null for one output.</summary>
    public static string[] LossesOf(string? task) => task switch
    {
        "classify" => ["cross-entropy"],
        "regress" => ["squared", "squared-mean"],
        _ => Losses,
    };

    private static void Word(string what, string word, string[] known)
    {
        if (!known.Contains(word)) throw new CommandException($"'{word}' is no {what}; known are {string.Join(", ", known)}.");
    }

    private static double Entries(IReadOnlyList<int> hidden) =>
        hidden.Zip(hidden.Skip(1), (a, b) => (double)a * b).Sum() + hidden.Sum(w => (double)w);
}
