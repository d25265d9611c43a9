using System.Globalization;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace TorchAlign.Experiments.Sweeps.Studies;

/// <summary>Reads the <c>slurm</c> part of a study.</summary>
internal static partial class SlurmReader
{
    private static readonly string[] Keys =
        ["partition", "time", "memory", "gpus", "throttle", "runs_per_element", "environment", "options"];

    /// <summary>What the array's script says itself.</summary>
    private static readonly string[] Taken =
    [
        "array", "partition", "time", "mem", "gpus", "job-name", "output", "error", "signal", "requeue", "no-requeue", "dependency",
        "open-mode",
    ];

    /// <summary>
    /// A limit must exceed this: elements are signalled <see cref="Notice"/> before their limit, and Slurm may do that a minute early, so
    /// a shorter one would go back into the queue for ever without having made a step.
    /// </summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(Notice + 60);

    /// <summary>Seconds before the time limit at which an element is told to checkpoint.</summary>
    public const int Notice = 60;

    public static SlurmSettings Read(YamlMappingNode? mapping, Complaints complaints)
    {
        if (mapping is null) return new SlurmSettings();
        var fields = new YamlFields(mapping, Keys, complaints, "slurm");
        return new SlurmSettings
        {
            Partition = Matching("partition", WordPattern(), "a name, or several with commas"),
            Time = Time(),
            Memory = Matching("memory", MemoryPattern(), "a size such as 2G or 500M"),
            Gpus = Matching("gpus", GpusPattern(), "a number or type:number"),
            Throttle = fields.Whole("throttle", 1, StudyLimits.Runs),
            RunsPerElement = fields.Whole("runs_per_element", 1, StudyLimits.Runs) ?? 1,
            Environment = [.. fields.List("environment").Select(node => Line(node, complaints)).OfType<string>()],
            Options = [.. Options(fields.Mapping("options"), complaints)],
        };

        string? Time()
        {
            var text = Matching("time", TimePattern(), "Slurm's minutes, hours:minutes:seconds or days-hours");
            // Slurm takes 0 for no limit.
            if (text is null || LimitOf(text) is var limit && (limit == TimeSpan.Zero || limit > Shortest)) return text;
            complaints.Add(fields.Text("time")!.Place, $"time is more than {Shortest.TotalMinutes:0} minutes: an element is told to "
                + $"checkpoint {Notice} s, and by Slurm's clock up to {Shortest.TotalSeconds:0} s, before it; got '{text}'.");
            return null;
        }

        string? Matching(string name, Regex pattern, string what)
        {
            if (fields.Text(name) is not { } text) return null;
            if (pattern.IsMatch(text.Text)) return text.Text;
            complaints.Add(text.Place, $"{name} is {what}; got '{text.Text}'.");
            return null;
        }
    }

    /// <summary>The time limit that Slurm reads in minutes[:seconds], hours:minutes:seconds or days-hours[:minutes[:seconds]].</summary>
    internal static TimeSpan LimitOf(string text)
    {
        var days = text.Split('-');
        double[] parts = [.. days[^1].Split(':').Select(part => double.Parse(part, CultureInfo.InvariantCulture))];
        // Without days, one or two parts begin with minutes.
        double[] units = days.Length == 1 && parts.Length < 3 ? [60, 1] : [3600, 60, 1];
        var seconds = parts.Zip(units, (part, unit) => part * unit).Sum()
            + (days.Length > 1 ? 86400 * double.Parse(days[0], CultureInfo.InvariantCulture) : 0);
        return TimeSpan.FromSeconds(Math.Min(seconds, TimeSpan.MaxValue.TotalSeconds / 2));
    }

    private static string? Line(YamlNode node, Complaints complaints)
    {
        if (node is YamlScalarNode { Value: { } text } && !text.Any(char.IsControl)) return text;
        complaints.Add(YamlText.PlaceOf(node), "environment is a list of lines of shell.");
        return null;
    }

    private static IEnumerable<KeyValuePair<string, string>> Options(YamlMappingNode? mapping, Complaints complaints)
    {
        foreach (var (key, value) in mapping?.Children.AsEnumerable() ?? [])
        {
            var name = (key as YamlScalarNode)?.Value?.TrimStart('-') ?? "";
            if (Taken.Contains(name))
                complaints.Add(YamlText.PlaceOf(key), $"the array says '{name}' itself: use the keys of slurm, or leave it out.");
            else if (!OptionPattern().IsMatch(name))
                complaints.Add(YamlText.PlaceOf(key), $"'{name}' is no long name of an option of sbatch.");
            else if (value is YamlScalarNode { Value: { } text } && !text.Any(char.IsControl))
                yield return KeyValuePair.Create(name, text);
            else
                complaints.Add(YamlText.PlaceOf(value), $"{name} takes one value.");
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9_.,-]+\z")]
    private static partial Regex WordPattern();

    [GeneratedRegex(@"^(\d+-\d+(:\d+){0,2}|\d+(:\d+){0,2})\z")]
    private static partial Regex TimePattern();

    [GeneratedRegex(@"^\d+[KMGT]?\z")]
    private static partial Regex MemoryPattern();

    [GeneratedRegex(@"^([A-Za-z0-9_.-]+:)?\d+\z")]
    private static partial Regex GpusPattern();

    [GeneratedRegex(@"^[a-z][a-z0-9-]*\z")]
    private static partial Regex OptionPattern();
}
