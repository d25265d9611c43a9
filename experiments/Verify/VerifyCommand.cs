using Spectre.Console;
using TorchAlign.Claims;
using TorchAlign.Data;

namespace TorchAlign.Experiments.Verify;

/// <summary>`torchalign verify --paper jt`: runs what a paper's statements speak of and holds every statement against it.</summary>
public static class VerifyCommand
{
    private delegate SuiteReport Suite(int seed, CancellationToken cancellation, IProgress<SuiteProgress>? progress);

    private static readonly (string Paper, Suite Run)[] Suites =
    [
        ("jt", (seed, cancellation, progress) => JiTelgarskySuite.Run(seed, Sets(), cancellation, progress)),
        ("nrt", NguegnangSuite.Run),
    ];

    /// <summary>What <c>--paper</c> may name.</summary>
    public static IReadOnlyList<string> Papers { get; } = [.. Suites.Select(suite => suite.Paper)];

    /// <summary>Prints the claims to standard output. Returns 0, or 1 if a claim fails.</summary>
    /// <exception cref="CommandException">The paper is unknown.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing was printed to standard output.</exception>
    public static int Run(string paper, int seed, bool json, CancellationToken cancellation)
    {
        if (Suites.FirstOrDefault(suite => suite.Paper == paper).Run is not { } run)
            throw new CommandException($"There are no claims of a paper '{paper}'; known: {string.Join(", ", Papers)}.");
        var report = WithProgress(progress => run(seed, cancellation, progress));
        if (json) Console.Out.WriteLine(new VerifySummary(paper, seed, report).ToJson());
        else VerifyTable.Write(report, Terminal.Out);
        return ExitCode(report);
    }

    internal static int ExitCode(SuiteReport report) => report.AnyFails ? CommandLine.Failure : CommandLine.Success;

    /// <summary>The data that ship beside the program: iris, setosa against the rest, centred.</summary>
    private static LabelledSet[] Sets() =>
    [
        DataFile.Read(Path.Combine(AppContext.BaseDirectory, "data", "iris.csv"), new ReadOptions { Positive = "setosa", Center = true }),
    ];

    private static SuiteReport WithProgress(Func<IProgress<SuiteProgress>?, SuiteReport> run)
    {
        if (Console.IsErrorRedirected) return run(null);
        return Terminal.Error.Status().Start("", context => run(new Shown(context)));
    }

    private sealed class Shown(StatusContext context) : IProgress<SuiteProgress>
    {
        public void Report(SuiteProgress value) =>
            context.Status = Markup.Escape($"run {value.Index + 1} of {value.Count}: {value.Run}");
    }
}
