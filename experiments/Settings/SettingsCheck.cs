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
    public static readonly string[] Radii = ["smallest", "increment", "factor"];
    public static readonly string[] Fields = ["fused", "torch", "autograd", "sequential"];
    public static readonly string[] Dtypes = ["float64", "float32"];

    /// <summary>Layers of more entries than this are no deep linear network that anybody runs here.</summary>
    private const long MostEntries = 1L << 30;

    /// <exception cref="CommandException">A word is unknown, or a number cannot be.</exception>
    /// <exception cref="DeviceException">The device cannot be had.</exception>
    public static void Require(RunSettings settings)
    {
        var (method, stop) = (settings.Method, settings.Stop);
        Word("loss", settings.Loss, Losses);
        Word("method", method.Method, Kinds);
        Word("stepper", method.Stepper, Steppers);
        Word("clock", method.Clock, Clocks);
        Word("rule", method.Rule, Rules);
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
            if (network.Start is null) Word("init", network.Init, Inits);
            Word("assumption2", network.Assumption2, Assumption2);
            if (network.Hidden.Any(width => width < 1) || Entries(network.Hidden) > MostEntries)
                throw new CommandException($"The hidden widths {string.Join('-', network.Hidden)} are not those of a network.");
        }
        if (settings.SamplesPerDecade < 1) throw new CommandException($"--samples must be at least 1; got {settings.SamplesPerDecade}.");
        ThreadCount.Require(method.Threads);
        var most = method.FastForward ? double.MaxValue : 1e18;
        if (!(stop.Steps >= 1 && stop.Steps <= most))
            throw new CommandException($"--steps must lie between 1 and {most:R}; got {stop.Steps:R}."
                + (most < double.MaxValue ? " Only --fast-forward goes further." : ""));
        if (stop.Seconds is { } seconds && !(seconds >= 0 && seconds < TimeSpan.MaxValue.TotalSeconds))
            throw new CommandException($"--seconds must be 0 or more; got {seconds:R}.");
        if (method is { FastForward: true } and not { Method: "descent", Rule: "assumption5", Radius: "smallest", Field: "fused" })
            throw new CommandException(
                "--fast-forward knows the step count of --method descent --rule assumption5 --radius smallest alone "
                + "(with the fused field).");
    }

    private static void Word(string what, string word, string[] known)
    {
        if (!known.Contains(word)) throw new CommandException($"'{word}' is no {what}; known are {string.Join(", ", known)}.");
    }

    private static double Entries(IReadOnlyList<int> hidden) =>
        hidden.Zip(hidden.Skip(1), (a, b) => (double)a * b).Sum() + hidden.Sum(w => (double)w);
}
