using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using TorchAlign.Experiments.Reporting.Charting;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Reporting;

/// <summary>Draws all charts of a report in one node process.</summary>
internal static class SvgRenderer
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The SVG of each chart by name; charts that could not be drawn are missing and <paramref name="warnings"/> says why.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Render(
        IReadOnlyList<Chart> charts, VegaAssets assets, ICollection<string> warnings, CancellationToken cancellation)
    {
        var pictures = new Dictionary<string, string>();
        if (charts.Count == 0) return pictures;
        try
        {
            cancellation.ThrowIfCancellationRequested();
            using var folder = Leftovers.Folder("torchalign-charts-");
            var job = Path.Combine(folder.Path, "job.json");
            File.WriteAllText(job, new JsonObject
            {
                ["vega"] = assets.Vega,
                ["vegaLite"] = assets.VegaLite,
                ["hover"] = VegaLite.Hover,
                ["charts"] = new JsonArray([.. charts.Select(c => new JsonObject { ["name"] = c.Name, ["spec"] = c.Spec.DeepClone() })]),
            }.ToJsonString());
            foreach (var line in Run(job, cancellation).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                var answer = JsonNode.Parse(line)!;
                var name = (string)answer["name"]!;
                if (answer["svg"] is { } svg) pictures[name] = (string)svg!;
                else warnings.Add($"Chart {name} was not drawn: {(string?)answer["error"]}");
            }
        }
        catch (Exception e) when (e is Win32Exception or IOException or UnauthorizedAccessException or JsonException or TimeoutException)
        {
            warnings.Add($"No SVG files: {e.Message}");
        }
        catch (OperationCanceledException)
        {
            warnings.Add("No SVG files: interrupted. The page draws its charts itself.");
        }
        return pictures;
    }

    private static string Run(string job, CancellationToken cancellation)
    {
        using var node = new Process
        {
            StartInfo = new ProcessStartInfo("node", ["-", job])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                StandardInputEncoding = new UTF8Encoding(false),
                StandardOutputEncoding = Encoding.UTF8,
            },
        };
        node.Start();
        using var child = Leftovers.Child(node);
        var output = node.StandardOutput.ReadToEndAsync();
        var errors = node.StandardError.ReadToEndAsync();
        node.StandardInput.Write(Resources.Read("render.cjs"));
        node.StandardInput.Close();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        end.CancelAfter(Patience);
        try
        {
            node.WaitForExitAsync(end.Token).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"node did not answer within {Patience.TotalSeconds:0} s.");
        }
        if (node.ExitCode != 0)
            throw new IOException($"node ended with {node.ExitCode}: {errors.Result.Trim().Split('\n')[^1]}");
        return output.Result;
    }
}
