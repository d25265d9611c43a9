using TorchAlign.Experiments.Reporting;

namespace TorchAlign.Experiments.Runs;

/// <summary>Several runs as one: their networks side by side in every chart.</summary>
internal static class Overlay
{
    /// <param name="runs">Under names that tell them apart.</param>
    public static ReportModel Of(IReadOnlyList<(string Name, ReportModel Model)> runs)
    {
        var first = runs[0].Model;
        var (sameData, methods) = (runs.All(run => run.Model.DataHash == first.DataHash), runs.Select(run => run.Model.Method).ToArray());
        return new ReportModel
        {
            Title = $"{runs.Count} runs",
            Claim = $"The networks of {string.Join(", ", runs.Select(run => run.Name))}, laid over each other"
                + (sameData ? "." : ". Their data differ, and so do their maximum-margin directions: each is held against its own."),
            Seed = first.Seed,
            Networks = [.. runs.SelectMany(run => run.Model.Networks.Select(n => n with { Label = $"{run.Name}: {n.Label}" }))],
            Method = new MethodReport
            {
                // Steps of descent are no common measure with a flow.
                IsDescent = methods.All(method => method.IsDescent && method.IsForward == methods[0].IsForward),
                IsForward = methods.All(method => method.IsForward),
                Text = string.Join("; ", methods.Select(method => method.Text).Distinct()),
                Loss = string.Join("; ", methods.Select(method => method.Loss).Distinct()),
            },
            Reference = sameData ? first.Reference : null,
            Data = sameData ? first.Data : null,
            DataHash = sameData ? first.DataHash : "",
            Configuration = runs.ToDictionary(run => run.Name, run => run.Model.Configuration),
        };
    }
}
