using System.Globalization;
using Spectre.Console;
using TorchAlign.Data;
using TorchAlign.Experiments.Margins;
using TorchAlign.MaxMargin;
using TorchAlign.Networks;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Runs;

/// <summary>What came out: written to the run's folder, and told in a few lines or as JSON.</summary>
internal sealed record ExperimentOutcome(
    string Command, string Title, RunSettings Settings, LabelledSet Data, MarginSolution Reference,
    IReadOnlyList<(string Name, NetworkRun Run)> Networks)
{
    /// <summary>|v|; NaN where it cannot be predicted.</summary>
    public double PredictedResidual { get; } = double.NaN;

    private bool HasReference => Reference.Separability != Separability.No;

    public void Save(RunFolder folder)
    {
        NpzWriter.Write(folder.PathOf(RunFolder.StateFile), [.. Networks.SelectMany(network => Layers(network.Name, network.Run))]);
        folder.Finish(Summary());
    }

    public void Print(string folder, bool json)
    {
        if (json)
        {
            Console.Out.WriteLine(Summary().ToJson());
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
        Row("1 - cos", network => Number(network.OneMinusCosine));
        Row("sin * norm", network => Number(network.AngleTimesNorm));
        Row("  predicted |v|", network => Number(network.PredictedAngleTimesNorm));
        Row("least ||W||_2 / ||W||_F", network => Gap(network.SpectralRatio));
        Row("least |<v_k+1, u_k>|", network => Gap(network.AdjacentAlignment));
        Row("balancedness drift / ||W||^2", network => Number(network.BalancednessDrift));
        Row("evaluations", network => network.Evaluations.ToString("N0", CultureInfo.InvariantCulture));
        Row("seconds", network => Number(network.Seconds));
        Row("result", network => network.Result);
        console.Write(table);
        foreach (var (name, run) in Networks)
        {
            if (run.Assumption2 is { Holds: false } broken) console.WriteLine($"{name}: {broken.Message}");
            if (run.End is { Reached: false } end) console.WriteLine($"{name}: {end.Message}");
        }
        console.WriteLine($"Written to {folder}");

        void Row(string name, Func<NetworkSummary, string> value) => table.AddRow([name, .. summaries.Select(value)]);
    }

    private Summary Summary() => new()
    {
        Command = Command,
        Seed = Settings.Seed,
        MaxMargin = HasReference ? MarginSummary.Of(Reference) : null,
        Networks =
        [
            .. Networks.Select(network => NetworkSummary.From(network.Run.Shape, network.Run.Observations[^1],
                PredictedResidual, network.Run.Seconds, network.Run.End?.Name ?? "interrupted")),
        ],
    };

    /// <summary>NAME_Wk_initial and NAME_Wk_final (d_k, d_{k-1}).</summary>
    private static IEnumerable<NpzArray> Layers(string name, NetworkRun run)
    {
        foreach (var (suffix, state) in ((string, double[])[])[("initial", run.Start), ("final", run.Final)])
            for (var k = 0; k < run.Shape.Depth; k++)
                yield return NpzArray.Float64($"{name}_W{k + 1}_{suffix}",
                    run.Shape.Layer(state.AsSpan(), k).ToArray(), run.Shape.Rows(k), run.Shape.Columns(k));
    }

    private static string Number(double value) => value.ToString("G4", CultureInfo.InvariantCulture);

    /// <summary>The least of some numbers that should be 1, as 1 minus what is missing.</summary>
    private static string Gap(IReadOnlyList<double> values) =>
        values.Count == 0 ? "" : values.Min() is var least && least > 0.99 ? $"1 - {Number(1 - least)}" : Number(least);
}
