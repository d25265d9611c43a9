using System.CommandLine;
using TorchAlign.Experiments.Margins;
using TorchAlign.Experiments.Options;
using TorchAlign.Experiments.Runs;

namespace TorchAlign.Experiments.Commands;

/// <summary><c>margin</c>: the maximum margin of a data set with its certificate and libsvm's opinion.</summary>
internal sealed class MarginCommand
{
    private readonly Argument<string> _source = new("data") { Description = DataOptions.SourceHelp };
    private readonly DataOptions _data = new();
    private readonly Option<int> _seed = Opt.Default("--seed", 7, "Seed of the generators.");
    private readonly Option<bool> _json = Opt.Flag("--json", "Print JSON.");

    public Command Build()
    {
        var command = new Command("margin", """
            The maximum margin of a data set, certified, with libsvm as independent witness.

            Example: torchalign margin digits --positive 3 --negative 5
            """);
        command.Add(_source);
        _data.AddTo(command);
        command.Add(_seed);
        command.Add(_json);
        command.SetAction((parsed, cancellation) =>
        {
            var settings = _data.Read(parsed, parsed.GetRequiredValue(_source));
            var set = Aside.Run(() => DataLoading.Load(settings, parsed.GetValue(_seed)), cancellation);
            return Task.FromResult(MarginReport.Run(set, parsed.GetValue(_json), cancellation));
        });
        return command;
    }
}
