using System.Globalization;
using Spectre.Console;
using TorchAlign.Data;
using TorchAlign.Experiments.Margins;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Experiments.Settings;
using TorchAlign.MaxMargin;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Runs;

/// <summary>What came out: written to the run's folder, and told in a few lines or as JSON.</summary>
internal sealed record ExperimentOutcome(
    string Command, string Title, string Claim, RunSettings Settings, LinearProblem Problem,
    IReadOnlyList<(string Name, NetworkRun Run)> Networks)
{
    private readonly ResidualPrediction _prediction = ResidualPrediction.Of(Problem.Points, Problem.Reference);

    /// <summary>Entries of the data up to which libsvm is asked; it then takes well under a second.</summary>
    private const long LargestWitnessed = 500_000;

    private ShownData Data => Problem.Data;

    private SignedPoints Points => Problem.Points;

    private MarginSolution Reference => Problem.Reference;

    private bool HasReference => Reference.Separability != Separability.No;

    /// <param name="folder">Of the run.</param>
    /// <param name="interrupted">The run is to be taken up again.</param>
    /// <param name="cancellation">Leaves pictures of the charts away.</param>
    public void Save(RunFolder folder, bool interrupted, CancellationToken cancellation)
    {
        folder.WriteState([.. Networks.Select(network => new NetworkState(network.Name, network.Run.Start, network.Run.Final))]);
        folder.WriteTrajectory([.. Networks.Select(network => (network.Name, network.Run.Observations))]);
        var failed = Networks.Any(network => network.Run.End is { Failed: true });
        foreach (var warning in Report.WriteWanted(
            folder.Path, () => MaxMarginPage.From(ReportModel(interrupted)), failed, cancellation))
            Terminal.Error.WriteLine($"torchalign: {warning}");
        folder.Finish(Summary(), keepCheckpoint: interrupted);
    }

    /// <param name="folder">Of the run.</param>
    /// <param name="json">Whether summary.json is all that is printed to standard output.</param>
    /// <param name="interrupted">The run is to be taken up again.</param>
    public void Print(string folder, bool json, bool interrupted)
    {
        var goOn = interrupted ? $"Interrupted. To go on: torchalign {Command} --resume {folder}" : null;
        if (json)
        {
            Console.Out.WriteLine(Summary().ToJson());
            if (goOn is not null) Console.Error.WriteLine($"torchalign: {goOn}");
            return;
        }
        var console = Terminal.Out;
        console.MarkupLineInterpolated($"[bold]{Title}[/]  {Data.Name}, n = {Data.Count}, d = {Data.Dimension}");
        console.WriteLine(HasReference
            ? $"gamma = {Number(Reference.Gamma)}, certified to a relative gap of {Number(Reference.RelativeGap)}, "
                + $"{Reference.SupportVectors.Length} support vectors"
            : Reference.Message);
        var table = new Table().RoundedBorder().AddColumn("");
        var summaries = Summary().Networks;
        foreach (var network in summaries) table.AddColumn(new TableColumn($"L = {network.Depth}").RightAligned());
        Row("widths", network => string.Join('-', network.Widths));
        Row("log10 risk", network => Number(network.Log10Risk));
        if (HasReference)
        {
            Row("1 - cos", network => Number(network.OneMinusCosine));
            Row("sin * norm", network => Number(network.AngleTimesNorm));
            Row("  predicted", network => Number(network.PredictedAngleTimesNorm));
        }
        Row("least ||W||_2 / ||W||_F", network => Gap(network.SpectralRatio));
        Row("least |<v_k+1, u_k>|", network => Gap(network.AdjacentAlignment));
        Row("balancedness drift / ||W||^2", network => Number(network.BalancednessDrift));
        Row("evaluations", network => network.Evaluations.ToString("N0", CultureInfo.InvariantCulture));
        Row("seconds", network => Number(network.Seconds));
        Row("result", network => network.Result);
        console.Write(table);
        foreach (var fact in Facts()) console.WriteLine($"{fact.Name}: {fact.Value}");
        console.WriteLine($"Written to {folder}");
        if (goOn is not null) console.WriteLine(goOn);

        void Row(string name, Func<NetworkSummary, string> value) => table.AddRow([name, .. summaries.Select(value)]);
    }

    private Summary Summary() => new()
    {
        Command = Command,
        Seed = Settings.Seed,
        MaxMargin = HasReference ? MarginSummary.Of(Reference, Points.Scale) : null,
        Data = Data.Summary,
        Facts = Facts(),
        Networks =
        [
            .. Networks.Select(network => NetworkSummary.From(network.Run.Shape, network.Run.Observations[^1],
                network.Run.PredictedNorm, network.Run.Seconds, network.Run.End?.Name ?? "interrupted", network.Run.Together) with
            {
                Message = network.Run.End?.Message,
                CrossedAtLog10Risk = network.Run.CrossedAt?.Log10Risk ?? double.NaN,
            }),
        ],
    };

    private Fact[] Facts() =>
    [
        .. RunFacts.OfData(Data.Summary, Reference),
        .. RunFacts.OfPrediction(_prediction, Reference),
        .. Networks.SelectMany(network => RunFacts.OfNetwork(Label(network.Name), network.Run, _prediction, Settings.Stop)),
    ];

    /// <param name="interrupted">The run is to be taken up again.</param>
    public ReportModel ReportModel(bool interrupted) => new()
    {
        Title = Title,
        Claim = interrupted ? ReportPage.NothingClaimed
            : HasReference ? Claim
            : $"Each network is followed from its start. There is no maximum-margin direction. {Reference.Message}",
        Facts = Facts(),
        Seed = Settings.Seed,
        Method = MethodWords.Of(Settings),
        Networks =
        [
            .. Networks.Select(network => new NetworkReport
            {
                Label = Label(network.Name),
                Shape = network.Run.Shape,
                Observations = network.Run.Observations,
                Result = network.Run.End?.Name ?? "interrupted",
                PredictedNorm = network.Run.PredictedNorm,
                Seconds = network.Run.Seconds,
                Evaluations = network.Run.Observations[^1].Evaluations,
            }),
        ],
        Reference = HasReference
            ? new ReferenceReport
            {
                Gamma = Reference.Gamma,
                Direction = Reference.Direction,
                Lower = Reference.Lower,
                Upper = Reference.Upper,
                RelativeGap = Reference.RelativeGap,
                SupportVectors = Reference.SupportVectors,
                // One line across all networks: only where all have the same limit, which does not move.
                PredictedResidualNorm =
                    Networks.All(network => network.Run.PredictedNorm == _prediction.Norm) ? _prediction.Norm : double.NaN,
                Libsvm = interrupted ? "not asked: the run was interrupted" : Witness(),
            }
            : null,
        Data = Data.Report,
        DataHash = Data.Hash,
        Configuration = Settings,
    };

    /// <summary>What libsvm says of the direction, or why it says nothing.</summary>
    private string Witness()
    {
        // Its nodes take twice the memory of the data and its time grows with n^2 d: a report should not wait for that.
        if ((long)Points.Count * Points.Dimension > LargestWitnessed) return "not asked for data of this size; torchalign margin asks it";
        return LibSvmWitness.Ask(Points, Reference, LibSvmMethod.OneClass, out var reason) is { } libsvm
            ? $"angle to ū {Numbers.Short(libsvm.Angle)} rad; its float32 kernel leads one to expect {Numbers.Short(libsvm.ExpectedAngle)} "
                + $"(version {LibSvmWitness.Version})"
            : reason!;
    }

    /// <summary>"L4" as "L = 4", "L4_2" as "L = 4 (2)".</summary>
    private static string Label(string name) =>
        name[1..].Split('_') is [var depth, var number] ? $"L = {depth} ({number})" : $"L = {name[1..]}";

    /// <summary>Empty where there is none.</summary>
    private static string Number(double value) => double.IsNaN(value) ? "" : value.ToString("G4", CultureInfo.InvariantCulture);

    /// <summary>The least of some numbers that should be 1, as 1 minus what is missing.</summary>
    private static string Gap(IReadOnlyList<double> values) =>
        values.Count == 0 ? "" : values.Min() is var least && least > 0.99 ? $"1 - {Number(Math.Max(0, 1 - least))}" : Number(least);
}
