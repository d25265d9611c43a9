using System.Text.RegularExpressions;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Reporting;

/// <summary>How the scripts that draw the charts come into a page: inside it, or from a folder that the pages of a sweep share.</summary>
public sealed partial class PageScripts
{
    /// <summary>Beside the folder of a sweep's runs: 832 kB once, not in each of a thousand reports.</summary>
    private const string SharedFolder = "report-scripts";

    private static readonly string[] SharedFiles = ["vega.min.js", "vega-lite.min.js", "vega-embed.min.js"];

    private PageScripts(string elements, bool areShared) => (Elements, AreShared) = (elements, areShared);

    /// <summary>The script elements.</summary>
    public string Elements { get; }

    public bool AreShared { get; }

    /// <summary>What a content policy has to allow: the folder's disk, or the server that shows it.</summary>
    public string Origins => AreShared ? " 'self' file:" : "";

    public static PageScripts Inside(VegaAssets assets) => new(
        string.Concat(assets.Files.Select(path => $"<script>\n{Inline(File.ReadAllText(path))}</script>\n")), false);

    /// <summary>The scripts that the run in a folder shares with the other runs of a sweep; null where it is not one of a sweep.</summary>
    public static PageScripts? SharedWith(string runFolder)
    {
        var folder = Path.Combine(runFolder, "..", "..", SharedFolder);
        return SharedFiles.All(file => File.Exists(Path.Combine(folder, file)))
            ? new PageScripts(string.Concat(SharedFiles.Select(file => $"<script src=\"../../{SharedFolder}/{file}\"></script>\n")), true)
            : null;
    }

    /// <summary>Puts the scripts where the runs of a sweep find them.</summary>
    /// <exception cref="RecordingException">The disk refused.</exception>
    public static void Share(VegaAssets assets, string sweepFolder)
    {
        var folder = Path.Combine(sweepFolder, SharedFolder);
        Directory.CreateDirectory(folder);
        foreach (var (source, file) in assets.Files.Zip(SharedFiles))
            if (!File.Exists(Path.Combine(folder, file))) AtomicFile.Write(Path.Combine(folder, file), File.ReadAllText(source));
    }

    /// <summary>A script inside a page must not end the element it is in, nor name a map that is not there.</summary>
    private static string Inline(string script) =>
        SourceMap().Replace(script, "").Replace("</script", "<\\/script", StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex("//# sourceMappingURL=.*")]
    private static partial Regex SourceMap();
}
