using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace TorchAlign.Experiments.Sweeps.Studies;

/// <summary>YAML as nodes that know their place.</summary>
internal static class YamlText
{
    /// <summary>Deeper than any study; the library reads nested nodes by recursion, which has to end.</summary>
    private const int Deepest = 20;

    /// <summary>The one mapping of a text; null, with a complaint, where it is something else.</summary>
    public static YamlMappingNode? Read(string text, Complaints complaints)
    {
        try
        {
            if (!Nests(text, complaints)) return null;
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents is [{ RootNode: YamlMappingNode root }]) return root;
            complaints.Add(new Place(1, 1), stream.Documents.Count > 1
                ? "a study is one YAML document; this file has several."
                : "a study is a YAML mapping that begins, for example, with 'name: first' and 'command: train'.");
        }
        catch (YamlException error)
        {
            complaints.Add(PlaceOf(error.Start), $"not YAML: {FirstLine(error.Message)}");
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or FormatException)
        {
            // What the library lets through on odd texts; it then does not say where.
            complaints.Add(new Place(1, 1), $"not YAML: {FirstLine(error.Message)}");
        }
        return null;
    }

    public static Place PlaceOf(YamlNode node) => PlaceOf(node.Start);

    private static Place PlaceOf(Mark mark) => new((int)Math.Max(1, mark.Line), (int)Math.Max(1, mark.Column));

    private static bool Nests(string text, Complaints complaints)
    {
        var parser = new Parser(new StringReader(text));
        var depth = 0;
        while (parser.MoveNext())
        {
            var problem = parser.Current switch
            {
                AnchorAlias => "aliases (*name) are not for studies: write the values out.",
                MappingStart or SequenceStart when ++depth > Deepest => $"nested more than {Deepest} deep.",
                _ => null,
            };
            if (parser.Current is MappingEnd or SequenceEnd) depth--;
            if (problem is null) continue;
            complaints.Add(PlaceOf(parser.Current!.Start), problem);
            return false;
        }
        return true;
    }

    private static string FirstLine(string message) => message.Split('\n')[0].Trim().TrimEnd('.') + ".";
}
