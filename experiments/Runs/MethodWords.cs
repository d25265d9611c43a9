using TorchAlign.Experiments.Reporting;
using TorchAlign.Experiments.Settings;

namespace TorchAlign.Experiments.Runs;

/// <summary>Method and loss in the words of a report's first screen.</summary>
internal static class MethodWords
{
    public static MethodReport Of(RunSettings settings)
    {
        var method = settings.Method;
        var descends = method.Method == "descent";
        return new MethodReport
        {
            IsDescent = descends,
            IsForward = descends && method.FastForward,
            Text = (descends ? Descent(method) : Flow(method)) + Where(method),
            Loss = settings.Loss,
        };
    }

    private static string Flow(MethodSettings method) => method.Stepper == "euler"
        ? $"gradient flow by euler with step {Numbers.Short(method.Step)} of the clock {method.Clock}"
        : $"gradient flow by {method.Stepper}, relative tolerance {Numbers.Short(method.Rtol)}, clock {method.Clock}";

    private static string Descent(MethodSettings method) => "gradient descent, " + method.Rule switch
    {
        "assumption5" => $"steps by Assumption 5 of [JT], radius {method.Radius}"
            + (method.FastForward ? "; the steps are not made but counted along the flow" : ""),
        "loss-scaled" => $"steps η = a / R, a at first {Numbers.Short(method.Step)}",
        _ => $"constant step η = {Numbers.Short(method.Step)}",
    };

    private static string Where(MethodSettings method) =>
        (method.Dtype == "float64" ? "" : $", in {method.Dtype}") + (method.Device == "cpu" ? "" : $", on {method.Device}");
}
