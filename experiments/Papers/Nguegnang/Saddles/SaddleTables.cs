using TorchAlign.Dynamics;

namespace TorchAlign.Experiments.Papers;

/// <summary>The tables of <c>paper nrt saddles</c>.</summary>
internal static class SaddleTables
{
    /// <param name="modes">How many the target has.</param>
    public static IReadOnlyList<JobTable<SaddleRun>> Of(int modes) =>
    [
        JobTable<SaddleRun>.Of<(SaddleRun Run, string Method, ModeSample At)>("modes.csv",
            run => run.Descent.Samples.Select(at => (run, "descent", at)).Concat(run.Flow.Samples.Select(at => (run, "flow", at))),
            [
                .. Start<(SaddleRun Run, string Method, ModeSample At)>(row => row.Run),
                new("method", "descent or flow", row => row.Method),
                new("step", "steps of the method", row => row.At.Step),
                new("time", "t", row => row.At.Time),
                new("loss", "L(W)", row => row.At.Loss),
                .. Enumerable.Range(0, modes).Select(i => new Column<(SaddleRun Run, string Method, ModeSample At)>($"mode_{i + 1}",
                    $"u_{i + 1}^T W_N ... W_1 v_{i + 1} in the singular vectors of the target", row => row.At.Strengths[i])),
            ]),
        JobTable<SaddleRun>.Of<(SaddleRun Run, LearnedMode Mode)>("times.csv", run => run.Modes.Select(mode => (run, mode)),
            [
                .. Start<(SaddleRun Run, LearnedMode Mode)>(row => row.Run),
                new("mode", "q, a singular value of the target", row => row.Mode.Target),
                new("predicted_time", "t at which the law says that the mode passes q/2; NaN where no law is known",
                    row => row.Mode.Predicted),
                new("descent_time", "t = eta k at which it did; NaN if it did not", row => row.Mode.Descent),
                new("flow_time", "the same along the flow", row => row.Mode.Flow),
            ]),
        JobTable<SaddleRun>.Of<(SaddleRun Run, FlowDifference At)>("flow.csv", run => run.Differences.Select(at => (run, at)),
            [
                .. Start<(SaddleRun Run, FlowDifference At)>(row => row.Run),
                new("step", "k of descent", row => row.At.Step),
                new("time", "t", row => row.At.Time),
                new("distance", "||W_descent - W_flow|| at the same t", row => row.At.Distance),
                new("state_norm", "||W_flow||", row => row.At.StateNorm),
            ]),
        ConstantsTable.Of<SaddleRun>(run => (run.Network.Label, run.Network.Constants)),
    ];

    private static IEnumerable<Column<TRow>> Start<TRow>(Func<TRow, SaddleRun> run) =>
    [
        new("depth", "N", row => run(row).Network.Shape.Depth),
        new("start", "aligned or gaussian", row => run(row).Network.Kind),
    ];
}
