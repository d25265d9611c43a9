using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using TorchAlign.Experiments;
using TorchAlign.Numerics;

namespace TorchAlign.Tests.Faults;

/// <summary>
/// Command lines drawn from what the commands say of themselves: their options, the words that these take, and values that nobody should
/// give. What is valid is small, so that a line takes a moment.
/// </summary>
/// <param name="files">What options that name files get.</param>
/// <param name="run">A finished run.</param>
/// <param name="folder">Where results go.</param>
/// <param name="random">Decides everything.</param>
/// <param name="alone">
/// Whether no other test runs beside: commands that start processes or change the working folder are drawn then too.
/// </param>
internal sealed class CommandGrammar(FuzzFiles files, string run, string folder, RandomStream random, bool alone)
{
    private static readonly string[] Numbers = ["1", "2", "3", "4", "5", "0.5", "0.1", "1e-3", "1e1", "+2", "02"];

    private static readonly string[] Hostile =
    [
        "0", "-1", "-0", "nan", "NaN", "inf", "-inf", "1e999", "1e-320", "2000000000", "2147483647", "2147483648", "1e12", "1e30", "1.5",
        "0x10", "1,5", "", " ", "x", "null", "{}", "--", "1,,2", "1-", "-", "99999999999999999999", "1e-17", "\u001b[31m", "é", "½",
    ];

    private static readonly string[] Texts =
    [
        "a", "b", "yes", "x", "kind", "1", "-1", "2-3", "x,y", "café", "utf-8", "latin-1", "klingon", "cpu", "cuda", "cuda:7", "a b", "'", "%s",
    ];

    private static readonly string[] Widths = ["1", "2", "1,2", "3-2", "2,2", "2,3", "1000000", "1-1000000-1000000"];

    private static readonly string[] Processes = ["sweep", "compare", "bench", "verify", "doctor"];

    private static readonly Command Root = CommandLine.Root();

    private int _out;
    private bool _calm;

    public string[] Next()
    {
        var words = new List<string>();
        var command = Root;
        while (command.Subcommands.Any(Drawn) && !Rarely(100))
        {
            // train has most of the options.
            var known = command.Subcommands.Where(Drawn).ToArray();
            command = command == Root && random.NextInt32(2) == 0 ? known.Single(one => one.Name == "train") : OneOf(known);
            words.Add(command.Name);
            if (command.Name == "sweep" && random.NextInt32(2) == 0) break;
        }
        if (Rarely(100)) words.Add(OneOf(Hostile));
        // Half of the lines are such as somebody could mean.
        _calm = random.NextInt32(2) == 0;
        foreach (var argument in command.Arguments)
            if (!Rarely(30)) words.Add(ArgumentOf(argument.Name));
        Option[] options = [.. command.Options.Where(option => option.Name.StartsWith("--", StringComparison.Ordinal) && !option.Hidden)];
        var (wanted, describe) = (random.NextInt32(_calm ? 4 : 6), random.NextInt32(4) < (alone ? 1 : 3));
        foreach (var option in options)
            if (random.NextInt32(options.Length) < wanted || IsLimit(options, option.Name) || (describe && option.Name == "--describe"))
                Add(words, option);
        if (options.Any(option => option.Name == "--dry-run") && words.Contains("sweep")) words.Add("--dry-run");
        return [.. words];
    }

    private bool Drawn(Command command) => !command.Hidden && !command.Name.StartsWith("sweep-", StringComparison.Ordinal)
        && (alone || !Processes.Contains(command.Name)) && command.Name is not ("resume" or "slurm-element" or "worker");

    private bool Rarely(int times) => random.NextInt32(times) == 0;

    private T OneOf<T>(IReadOnlyList<T> items) => items[random.NextInt32(items.Count)];

    /// <summary>What keeps a valid line short; where data are read, --points would refuse every file.</summary>
    private static bool IsLimit(Option[] options, string option) => option is "--steps" or "--out" or "--threads"
        || (option is "--points" or "--images" or "--dimension" or "--size" or "--seen" or "--starts" or "--seeds"
            && !options.Any(other => other.Name == "--label"));

    private void Add(List<string> words, Option option)
    {
        if (option.ValueType == typeof(bool))
        {
            words.Add(!_calm && Rarely(20) ? $"{option.Name}={OneOf(Hostile)}" : option.Name);
            return;
        }
        // In one piece: a value may begin with a dash.
        words.Add($"{option.Name}={(!_calm && Rarely(4) ? OneOf(Hostile) : ValueOf(option))}");
        if (Rarely(100)) words.Add(words[^1]);
    }

    private string ValueOf(Option option)
    {
        switch (option.Name)
        {
            case "--data": return SourceOf();
            case "--resume" when _calm: return run;
            case "--to" or "--align" or "--gap" or "--rtol" or "--margin" when _calm: return "0.1";
            case "--start" when option.ValueType == typeof(string) && !Words(option).Any(): return files.OfState();
            case "--mnist" or "--cifar": return files.OfImages();
            case "--resume": return files.OfRun(run);
            case "--out": return Path.Combine(folder, Rarely(5) ? $"{{{OneOf(Texts)}}}-{{seed}}{_out++}" : $"out{_out++}");
            case "--keep": return Path.Combine(folder, $"out{_out++}");
            case "--depth" or "--hidden" or "--tau" or "--modes": return OneOf(Widths);
            case "--threads": return "1";
            case "--checkpoint-every": return "0";
            case "--steps": return Small();
            case "--points" or "--images" or "--size" or "--seen": return Small();
        }
        string[] known = [.. Words(option)];
        return known.Length > 0 ? OneOf(known) : OneOf(option.ValueType == typeof(string) ? Texts : Numbers);
    }

    private string Small() => (1 + random.NextInt32(30)).ToString(CultureInfo.InvariantCulture);

    private static IEnumerable<string> Words(Option option) => option.GetCompletions(CompletionContext.Empty).Select(item => item.Label);

    private string SourceOf() => random.NextInt32(8) switch
    {
        0 => "planar",
        1 => "gaussian",
        2 => "iris",
        3 when !_calm => OneOf(Hostile),
        _ => files.OfData(),
    };

    private string ArgumentOf(string name) => !_calm && Rarely(6) ? OneOf(Hostile) : name switch
    {
        "data" => SourceOf(),
        "study" => files.OfStudy(),
        _ => files.OfRun(run),
    };
}
