using System.CommandLine;
using TorchAlign.Checkpoints;
using TorchAlign.Experiments.Settings;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Options;

/// <summary>Where a run's results go.</summary>
internal sealed class Output
{
    private readonly string _folder;
    private readonly bool _replace;
    private readonly TextWriter? _description;
    private bool _isNumbered;

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
    /// The folder given, or runs/NAME-DATA-seedN with a number appended while there is a folder of that name, so that nothing that
    /// somebody may want to keep is ever in the way.
    /// </summary>
    /// <exception cref="CommandException">The folder's name asks for what there is not.</exception>
    public static Output From(ParseResult parsed, RunOptions options, string name)
    {
        if (parsed.GetValue(options.Out) is { } given) return new Output(parsed, options, FolderTemplate.Expand(parsed, given));
        parsed.RefuseIdle((options.Replace, false, "with --out or --resume, for a run without them has a new folder"));
        var hasData = parsed.CommandResult.Command.Options.Any(option => option.Name == "--data");
        var folder = FolderTemplate.Expand(parsed, Path.Combine("runs", $"{name}{(hasData ? "-{data}" : "")}-seed{{seed}}"));
        return new Output(parsed, options, folder) { _isNumbered = true };
    }

    /// <summary>The folder of the run; null where the run was only to be described, which is done then.</summary>
    /// <exception cref="RecordingException">The folder is not to be had.</exception>
    public RunFolder? Open(RunDescription run) =>
        Open(run, resumes: false, note => Console.Error.WriteLine($"torchalign: {note}"), out _);

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
        Scratch.Require();
        if (_isNumbered) return OpenUnused(run, notice);
        return resumes && !_replace
            ? RunFolder.Resume(_folder, run, notice, out checkpoint)
            : RunFolder.Create(_folder, run, _replace);
    }

    /// <summary>The first folder that is not there yet; of several processes each gets its own.</summary>
    private RunFolder OpenUnused(RunDescription run, Action<string> notice)
    {
        var folder = _folder;
        for (var number = 2; !AtomicFile.TryMakeFolder(folder); number++) folder = $"{_folder}-{number}";
        if (folder != _folder) notice($"{_folder} is there already: this run goes to {folder}. --out names another folder.");
        try
        {
            return RunFolder.Create(folder, run);
        }
        catch
        {
            if (!Directory.EnumerateFileSystemEntries(folder).Any()) Directory.Delete(folder);
            throw;
        }
    }
}
