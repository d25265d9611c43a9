using TorchAlign.Recording;

namespace TorchAlign.Experiments.Papers;

/// <summary>The tables of <c>paper nrt saddles</c>.</summary>
internal static class SaddleTables
{
    private const string ModesFile = "modes.csv";
    private const string TimesFile = "times.csv";
    private const string DifferencesFile = "flow.csv";

    public static TableDescription Times { get; } = new(TimesFile,
    [
        new("depth", "N"),
        new("start", "aligned or gaussian"),
        new("mode", "q, a singular value of the target"),
        new("predicted_time", "t at which the law says that the mode passes q/2; NaN where no law is known"),
        new("descent_time", "t = eta k at which it did; NaN if it did not"),
        new("flow_time", "the same along the flow"),
    ]);

    public static TableDescription Differences { get; } = new(DifferencesFile,
    [
        new("depth", "N"),
        new("start", "aligned or gaussian"),
        new("step", "k of descent"),
        new("time", "t"),
        new("distance", "||W_descent - W_flow|| at the same t"),
        new("state_norm", "||W_flow||"),
    ]);

    public static TableDescription Modes(int count) => new(ModesFile,
    [
        new("depth", "N"),
        new("start", "aligned or gaussian"),
        new("method", "descent or flow"),
        new("step", "steps of the method"),
        new("time", "t"),
        new("loss", "L(W)"),
        .. Enumerable.Range(1, count).Select(i => new Column($"mode_{i}",
        $"u_{i}^T W_N ... W_1 v_{i} in the singular vectors of the target")),
    ]);

    public static void Write(PaperRun run, SaddleRun one)
    {
        var (depth, kind) = (Cell.Of(one.Network.Shape.Depth), one.Network.Kind);
        foreach (var (method, samples) in ((string, IReadOnlyList<ModeSample>)[])[("descent", one.Descent.Samples),
            ("flow", one.Flow.Samples)])
            foreach (var s in samples)
                run.Table(ModesFile).Append(
                    [depth, kind, method, Cell.Of(s.Step), Cell.Of(s.Time), Cell.Of(s.Loss), .. s.Strengths.Select(Cell.Of)]);
        foreach (var mode in one.Modes)
            run.Table(TimesFile).Append([depth, kind, Cell.Of(mode.Target), Cell.Of(mode.Predicted), Cell.Of(mode.Descent),
                Cell.Of(mode.Flow)]);
        foreach (var d in one.Differences)
            run.Table(DifferencesFile).Append([depth, kind, Cell.Of(d.Step), Cell.Of(d.Time), Cell.Of(d.Distance), Cell.Of(d.StateNorm)]);
    }
}
