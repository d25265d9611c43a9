using System.Diagnostics;
using System.Text.Json.Nodes;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Tests.Data;

namespace TorchAlign.Tests.Reporting;

/// <summary>The scripts of a page, run in node on the page's own data, with stand-ins for the browser and for vega; see page.cjs.</summary>
internal static class PageInNode
{
    /// <summary>Vega as an empty script: the stand-in for vegaEmbed takes the specifications.</summary>
    public static VegaAssets NoVega(string folder)
    {
        var stub = Path.Combine(folder, "vega.js");
        File.WriteAllText(stub, "0;\n");
        return new VegaAssets(stub, stub, stub);
    }

    /// <summary>What a page shows at first and after each of some actions.</summary>
    public static JsonNode[] Show(string page, params JsonNode[] actions)
    {
        var file = page + ".actions.json";
        File.WriteAllText(file, new JsonArray([.. actions]).ToJsonString());
        var harness = Path.Combine(RepositoryFiles.Root, "tests", "TorchAlign.Tests", "Reporting", "page.cjs");
        using var node = Process.Start(new ProcessStartInfo("node", [harness, page, file])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = node.StandardError.ReadToEndAsync();
        var output = node.StandardOutput.ReadToEnd();
        node.WaitForExit();
        Assert.True(node.ExitCode == 0, errors.Result);
        return [.. ((JsonArray)JsonNode.Parse(output)!).Select(state => state!)];
    }

    public static JsonNode Choose(string form, string label, string value) =>
        new JsonObject { ["choose"] = new JsonArray(form, label, value) };

    public static JsonNode Click(string chart, JsonNode datum) => new JsonObject { ["click"] = new JsonArray(chart, datum.DeepClone()) };

    public static JsonNode Width(int pixels) => new JsonObject { ["width"] = pixels };

    public static JsonNode Press(string button) => new JsonObject { ["press"] = button };

    public static JsonNode Dark(bool dark) => new JsonObject { ["dark"] = dark };
}
