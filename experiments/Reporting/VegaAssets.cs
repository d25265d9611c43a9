namespace TorchAlign.Experiments.Reporting;

/// <summary>The three scripts that draw the charts, as npm installs them.</summary>
public sealed record VegaAssets(string Vega, string VegaLite, string VegaEmbed)
{
    /// <summary>In the order in which a page loads them.</summary>
    public IReadOnlyList<string> Files => [Vega, VegaLite, VegaEmbed];

    /// <summary>How to get what <see cref="Find"/> did not find.</summary>
    public const string Remedy =
        "run `npm ci` in experiments/report, or name a folder with vega, vega-lite and vega-embed in TORCHALIGN_VEGA";

    /// <summary>
    /// Looks for a node_modules folder with all three: TORCHALIGN_VEGA if it is set, else experiments/report of the repository
    /// that holds the working folder or the application. Null if there is none.
    /// </summary>
    public static VegaAssets? Find()
    {
        if (Environment.GetEnvironmentVariable("TORCHALIGN_VEGA") is { Length: > 0 } named)
            return In(named) ?? In(Path.Combine(named, "node_modules"));
        foreach (var start in (string[])[AppContext.BaseDirectory, Environment.CurrentDirectory])
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
                if (In(Path.Combine(folder.FullName, "experiments", "report", "node_modules")) is { } assets)
                    return assets;
        return null;
    }

    private static VegaAssets? In(string modules)
    {
        string Script(string package) => Path.GetFullPath(Path.Combine(modules, package, "build", package + ".min.js"));
        var assets = new VegaAssets(Script("vega"), Script("vega-lite"), Script("vega-embed"));
        return File.Exists(assets.Vega) && File.Exists(assets.VegaLite) && File.Exists(assets.VegaEmbed) ? assets : null;
    }
}
