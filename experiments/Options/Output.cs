using System.CommandLine;
using System.Globalization;
using TorchAlign.Checkpoints;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Options;

/// <summary>Where a run's results go.</summary>
internal sealed class Output
{
    private readonly string _folder;
    private readonly bool _replace;
    private readonly TextWriter? _description;

    public Output(string folder, bool replace, bool json) => (_folder, _replace, Json) = (folder, replace, json);

    /// <summary>A folder, and what the command line says of it.</summary>
    public Output(ParseResult parsed, RunOptions options, string folder)
        : this(folder, parsed.GetValue(options.Replace), parsed.GetValue(options.Json))
    {
        CommandLine = ["torchalign", .. parsed.Tokens.Select(token => token.Value)];
        if (parsed.GetValue(options.Describe)) _description = parsed.InvocationConfiguration.Output;
    }

    /// <summary>Whether summary.json is all that goes to standard output.</summary>
    public bool Json { get; }

    /// <summary>Whether the run is only to be described.</summary>
    public bool Describes => _description is not null;

    /// <summary>The command line as it was parsed, program name first.</summary>
    public IReadOnlyList<string> CommandLine { get; } = ["torchalign"];

    /// <summary>
    /// The folder given, or runs/NAME-seedN with a number appended while a folder of that name exists, so that nothing that
    /// somebody may want to keep is ever in the way.
    /// </summary>
    public static Output From(ParseResult parsed, RunOptions options, string name)
    {
        var seed = parsed.GetValue(options.Seed).ToString(CultureInfo.InvariantCulture);
        return new Output(parsed, options, parsed.GetValue(options.Out) ?? Unused(Path.Combine("runs", $"{name}-seed{seed}")));
    }

    /// <summary>The folder of the run; null where the run was only to be described, which is done then.</summary>
    /// <exception cref="RecordingException">The folder is not to be had.</exception>
    public RunFolder? Open(RunDescription run) => Open(run, resumes: false, _ => { }, out _);

    /// <inheritdoc cref="Open(RunDescription)"/>
    /// <param name="resumes">Whether the folder's unfinished run is to be taken up, unless it is to be replaced.</param>
    /// <param name="notice">Told what was found amiss and passed over.</param>
    /// <param name="checkpoint">Where the run goes on; null for its start.</param>
    public RunFolder? Open(RunDescription run, bool resumes, Action<string> notice, out Snapshot? checkpoint)
    {
        checkpoint = null;
        if (_description is not null)
        {
            _description.Write(RecordJson.Serialize(new { run.Configuration, run.Data }));
            return null;
        }
        return resumes && !_replace
            ? RunFolder.Resume(_folder, run, notice, out checkpoint)
            : RunFolder.Create(_folder, run, _replace);
    }

    private static string Unused(string path)
    {
        if (!Directory.Exists(path)) return path;
        for (var number = 2; ; number++)
            if (!Directory.Exists($"{path}-{number}")) return $"{path}-{number}";
    }
}
