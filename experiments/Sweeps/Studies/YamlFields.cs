using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace TorchAlign.Experiments.Sweeps.Studies;

/// <summary>The fields of a mapping by their names; a name that is not known, or a field of another kind, is complained about.</summary>
internal sealed class YamlFields
{
    /// <summary>A text and where it stands.</summary>
    public sealed record PlacedText(string Text, Place Place);

    private readonly Complaints _complaints;
    private readonly Dictionary<string, YamlNode> _fields = [];

    public YamlFields(YamlMappingNode mapping, IReadOnlyList<string> known, Complaints complaints, string what)
    {
        _complaints = complaints;
        Place = YamlText.PlaceOf(mapping);
        foreach (var (key, node) in mapping.Children)
        {
            var name = (key as YamlScalarNode)?.Value ?? "";
            if (known.Contains(name)) _fields[name] = node;
            else complaints.Add(YamlText.PlaceOf(key), $"{what} has no key '{name}'{Complaints.Nearest(name, known)}");
        }
    }

    public Place Place { get; }

    public YamlNode? Node(string name) => _fields.GetValueOrDefault(name);

    /// <summary>A text of one line; null where there is none.</summary>
    public PlacedText? Text(string name)
    {
        if (Node(name) is not { } node) return null;
        var place = YamlText.PlaceOf(node);
        if (node is YamlScalarNode { Value: { Length: > 0 } text } && !text.Any(char.IsControl)) return new PlacedText(text, place);
        _complaints.Add(place, $"{name} is a text of one line.");
        return null;
    }

    /// <summary>A whole number between two others; null where there is none.</summary>
    public int? Whole(string name, int least, int greatest)
    {
        if (Text(name) is not { } text) return null;
        if (int.TryParse(text.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= greatest) return number;
        _complaints.Add(text.Place, $"{name} is a whole number from {least} to {greatest}; got '{text.Text}'.");
        return null;
    }

    /// <summary>A mapping; null where there is none.</summary>
    public YamlMappingNode? Mapping(string name)
    {
        var node = Node(name);
        if (node is null or YamlMappingNode) return node as YamlMappingNode;
        _complaints.Add(YamlText.PlaceOf(node), $"{name} is a mapping, of lines 'option: value'.");
        return null;
    }

    /// <summary>A list; empty where there is none.</summary>
    public IEnumerable<YamlNode> List(string name)
    {
        var node = Node(name);
        if (node is null or YamlSequenceNode) return (node as YamlSequenceNode)?.Children ?? [];
        _complaints.Add(YamlText.PlaceOf(node), $"{name} is a list, of lines that begin with '- '.");
        return [];
    }
}
