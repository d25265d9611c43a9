using System.Diagnostics;
using System.Globalization;
using TorchAlign.Data;
using TorchAlign.Experiments.Python;
using TorchAlign.MaxMargin;

namespace TorchAlign.Experiments.Compare;

/// <summary>
/// <c>compare sklearn</c>: every solver's direction held against the certified bounds of the margin. For a unit u of
/// margin m and any certified upper bound g, cos(u, u_bar) &gt;= m / g; so a margin says how wrong a direction can be
/// without anybody being trusted, and a larger margin settles any disagreement.
/// </summary>
internal static class SklearnCompare
{
    /// <summary>Another margin counts as larger from here on: less is the rounding of either direction.</summary>
    private const double RoundingOfMargins = 16 * MarginCertificate.UnitRoundoff;

    /// <summary>Exit code 1 if another solver's margin is larger than ours.</summary>
    /// <exception cref="CommandException">The points are not proved separable, or there is no scikit-learn.</exception>
    public static async Task<int> Run(LabelledSet data, bool json, CancellationToken cancellation)
    {
        if (SklearnProcess.Python is null) throw new CommandException(SklearnProcess.Remedy);
        var points = data.ToSignedPoints();
        HardMargin.Solve(new SignedPoints([1, 0, 0, 1], 2, 2), cancellation); // its compilation does not count
        var clock = Stopwatch.StartNew();
        var ours = HardMargin.Solve(points, cancellation);
        var seconds = clock.Elapsed.TotalSeconds;
        if (ours.Separability != Separability.Yes)
            throw new CommandException($"There is no maximum margin to compare. {ours.Message}");
        var answers = await SklearnProcess.Ask(data, points, ours, cancellation);

        var torchAlign = SklearnCandidate.Judge(
            "TorchAlign", ours.Direction, points, ours, seconds, $"{ours.Iterations} points entered");
        var (libsvm, reason) = Aside.Run(() => (LibSvm(points, ours, out var why), why), cancellation);
        IReadOnlyList<SklearnCandidate> candidates =
        [
            torchAlign,
            .. libsvm is null ? [] : (SklearnCandidate[])[libsvm],
            .. answers.Solvers.Select(answer => SklearnCandidate.Judge(
                answer.Name, answer.Direction, points, ours, answer.Seconds, NoteOf(answer, ours))),
        ];
        var best = Best(candidates);
        var report = new SklearnReport(data, ours, answers, candidates, best, reason);
        if (json) Console.Out.WriteLine(report.ToJson());
        else report.Print(Terminal.Out);
        return best == torchAlign ? CommandLine.Success : CommandLine.Failure;
    }

    /// <summary>The largest margin; the first candidate's where the rest is rounding.</summary>
    internal static SklearnCandidate Best(IReadOnlyList<SklearnCandidate> candidates)
    {
        var largest = candidates.MaxBy(candidate => candidate.Margin)!;
        return largest.Margin > candidates[0].Margin + RoundingOfMargins ? largest : candidates[0];
    }

    private static SklearnCandidate? LibSvm(SignedPoints points, MarginSolution ours, out string? reason)
    {
        var clock = Stopwatch.StartNew();
        var result = LibSvmWitness.Ask(points, ours, LibSvmMethod.OneClass, out reason);
        return result is null ? null : SklearnCandidate.Judge("libsvm", result.Direction, points, ours,
            clock.Elapsed.TotalSeconds, string.Create(CultureInfo.InvariantCulture,
                $"{result.Iterations} iterations; expects {result.ExpectedAngle:G2} rad of its float32 kernel"));
    }

    private static string NoteOf(SklearnAnswer answer, MarginSolution ours)
    {
        var note = string.Create(CultureInfo.InvariantCulture,
            $"{(answer.StoppedEarly ? "ConvergenceWarning after " : "")}{answer.Iterations} iterations");
        // A bias that is not small beside the margin means another problem than the one through the origin.
        return answer.Bias <= 1e-3 * ours.Gamma
            ? note
            : string.Create(CultureInfo.InvariantCulture, $"{note}; bias {answer.Bias:G2} ||w||");
    }
}
