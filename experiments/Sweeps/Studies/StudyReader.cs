using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace TorchAlign.Experiments.Sweeps.Studies;

/// <summary>
/// Reads a study: <c>name</c>, <c>command</c>, <c>fixed</c> options, <c>grid</c> (a product), <c>zip</c> (lists of equal length that
/// go together), <c>seeds</c> and <c>slurm</c>. Everything wrong with it is told at once, by line and column.
/// </summary>
internal sealed partial class StudyReader
{
    private static readonly string[] Keys = ["name", "command", "fixed", "grid", "zip", "seeds", "slurm"];

    private readonly string _file;
    private readonly Complaints _complaints;
    private readonly Dictionary<string, Place> _set = [];

    private StudyReader(string file)
    {
        _file = file;
        _complaints = new Complaints(file);
    }

    /// <summary>Reads a file.</summary>
    /// <param name="file">The study's path, as messages name it.</param>
    /// <param name="root">The command line whose commands a study can run.</param>
    /// <exception cref="CommandException">The file cannot be read, or is not a study.</exception>
    public static Study ReadFile(string file, Command root)
    {
        try
        {
            return Read(file, File.ReadAllText(file), root);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"Cannot read the study '{file}': {error.Message}");
        }
    }

    /// <inheritdoc cref="ReadFile"/>
    public static Study Read(string file, string text, Command root) => new StudyReader(file).Read(text, root);

    private Study Read(string text, Command root)
    {
        var mapping = YamlText.Read(text, _complaints);
        _complaints.Throw();
        var fields = new YamlFields(mapping!, Keys, _complaints, "a study");
        var name = fields.Text("name");
        if (name is null) Complain(fields.Place, "a study needs a name: 'name: first'.");
        else if (!NamePattern().IsMatch(name.Text))
            Complain(name.Place, $"the name '{name.Text}' becomes a folder's: letters, digits, '-', '_' and '.', at most 60.");
        var (words, place, options) = CommandOf(fields, root);
        if (options is null || name is null)
        {
            _complaints.Throw();
            throw new InvalidOperationException("Nothing was wrong with a study that has no command.");
        }
        var axes = new List<StudyAxis>();
        var given = Fixed(fields.Mapping("fixed"), options);
        axes.AddRange(Grid(fields.Mapping("grid"), options));
        axes.AddRange(Zips(fields, options));
        if (Seeds(fields, options) is { } seeds) axes.Add(seeds);
        var study = new Study
        {
            File = _file,
            Name = name.Text,
            Command = words,
            CommandPlace = place,
            Fixed = given,
            Axes = axes,
            Slurm = SlurmReader.Read(fields.Mapping("slurm"), _complaints),
        };
        _complaints.Throw();
        return study;
    }

    private void Complain(Place place, string message) => _complaints.Add(place, message);

    private (string[] Words, Place Place, StudyOptions? Options) CommandOf(YamlFields fields, Command root)
    {
        string[] known = [.. Runnable(root, "").Order()];
        if (fields.Text("command") is not { } text)
        {
            Complain(fields.Place, $"a study needs a command: one of {string.Join(", ", known)}.");
            return ([], fields.Place, null);
        }
        string[] words = text.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (!known.Contains(string.Join(' ', words)))
        {
            Complain(text.Place, $"no command '{text.Text}' makes runs{Complaints.Nearest(text.Text, known)}");
            return (words, text.Place, null);
        }
        return (words, text.Place, StudyOptions.Of(words, root));
    }

    /// <summary>Commands that make a run can describe it.</summary>
    private static IEnumerable<string> Runnable(Command command, string path) => command.Subcommands.SelectMany(sub =>
        sub.Options.Any(option => option.Name == "--describe") ? [path + sub.Name] : Runnable(sub, path + sub.Name + " "));

    private List<StudySetting> Fixed(YamlMappingNode? mapping, StudyOptions options)
    {
        var settings = new List<StudySetting>();
        foreach (var (option, node) in Options(mapping, options))
            if (Value(option, node, options) is { } setting) settings.Add(setting);
        return settings;
    }

    private IEnumerable<StudyAxis> Grid(YamlMappingNode? mapping, StudyOptions options)
    {
        foreach (var (option, node) in Options(mapping, options))
            if (Values(option, node, options) is { Count: > 0 } values)
                yield return new StudyAxis([.. values.Select(value => (StudySetting[])[value])]);
    }

    private IEnumerable<StudyAxis> Zips(YamlFields fields, StudyOptions options)
    {
        foreach (var node in fields.List("zip"))
        {
            if (node is not YamlMappingNode group)
            {
                Complain(YamlText.PlaceOf(node), "each entry of zip is a mapping of lists, as in {depth: [2, 4], width: [16, 8]}.");
                continue;
            }
            var columns = Options(group, options).Select(entry => (entry.Node, Values: Values(entry.Option, entry.Node, options)))
                .Where(column => column.Values.Count > 0).ToArray();
            foreach (var (place, values) in columns.Skip(1))
                if (values.Count != columns[0].Values.Count)
                    Complain(YamlText.PlaceOf(place), $"{values[0].Option} has {values.Count} values and {columns[0].Values[0].Option}, "
                        + $"zipped with it, {columns[0].Values.Count}.");
            if (columns.Length > 0)
                yield return new StudyAxis([.. Enumerable.Range(0, columns.Min(column => column.Values.Count))
                    .Select(i => (StudySetting[])[.. columns.Select(column => column.Values[i])])]);
        }
    }

    private StudyAxis? Seeds(YamlFields fields, StudyOptions options)
    {
        if (fields.Node("seeds") is not { } node) return null;
        var place = YamlText.PlaceOf(node);
        if (!options.Has("seed")) Complain(place, "this command has no option seed.");
        else if (!_set.TryAdd("seed", place)) Complain(place, $"seed is set in line {_set["seed"].Line} already.");
        int? count, first = 1;
        if (node is YamlMappingNode mapping)
        {
            var inner = new YamlFields(mapping, ["count", "first"], _complaints, "seeds");
            count = inner.Whole("count", 1, StudyLimits.Values);
            first = inner.Whole("first", 0, int.MaxValue - StudyLimits.Values) ?? 1;
            if (inner.Node("count") is null) Complain(place, "seeds needs a count: '{count: 50, first: 1}'.");
        }
        else
        {
            count = fields.Whole("seeds", 1, StudyLimits.Values);
        }
        return count is null ? null : new StudyAxis([.. Enumerable.Range(first.Value, count.Value)
            .Select(seed => (StudySetting[])[new StudySetting("seed", seed.ToString(CultureInfo.InvariantCulture), place)])]);
    }

    /// <summary>The entries of a mapping whose keys are options, each of the study set once.</summary>
    private List<(string Option, YamlNode Node)> Options(YamlMappingNode? mapping, StudyOptions options)
    {
        var entries = new List<(string, YamlNode)>();
        foreach (var (key, node) in mapping?.Children.AsEnumerable() ?? [])
        {
            var place = YamlText.PlaceOf(key);
            var option = (key as YamlScalarNode)?.Value?.TrimStart('-') ?? "";
            if (options.ProblemWith(option) is { } problem) Complain(place, problem);
            else if (!_set.TryAdd(option, place)) Complain(place, $"{option} is set in line {_set[option].Line} already.");
            else entries.Add((option, node));
        }
        return entries;
    }

    private List<StudySetting> Values(string option, YamlNode node, StudyOptions options)
    {
        if (node is YamlMappingNode range)
            return [.. StudyRange.Values(option, range, options, _complaints)
                .Select(text => new StudySetting(option, text, YamlText.PlaceOf(range)))];
        var nodes = node is YamlSequenceNode list ? list.Children : [node];
        if (nodes.Count == 0) Complain(YamlText.PlaceOf(node), $"{option} has an empty list.");
        return [.. nodes.Select(value => Value(option, value, options)).OfType<StudySetting>()];
    }

    private StudySetting? Value(string option, YamlNode node, StudyOptions options)
    {
        var place = YamlText.PlaceOf(node);
        var problem = node switch
        {
            YamlScalarNode { Value: { Length: > 0 } text } => options.ProblemWith(option, text),
            YamlScalarNode => $"{option} has no value.",
            _ => $"{option} takes one value here; several numbers for one run are a text, as in \"1,4\".",
        };
        if (problem is null) return new StudySetting(option, ((YamlScalarNode)node).Value!, place);
        Complain(place, problem);
        return null;
    }

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9._-]{0,59}\z")]
    private static partial Regex NamePattern();
}
