using System.CommandLine;
using TorchAlign.Experiments.Options;
using TorchAlign.Experiments.Runs;

namespace TorchAlign.Experiments.Compare;

/// <summary><c>compare</c>: TorchAlign beside what its users already have.</summary>
internal static class CompareCommand
{
    public static Command Build() => new("compare", """
        Hold TorchAlign against other programs on the same data.

        Example: torchalign compare sklearn iris --positive setosa --center
        """)
    {
        new PytorchCommand().Build(),
        Sklearn(),
    };

    private static Command Sklearn()
    {
        var source = new Argument<string>("data") { Description = DataOptions.SourceHelp };
        var data = new DataOptions();
        var seed = Opt.Default("--seed", 7, "Seed of the generators.");
        var json = Opt.Flag("--json", "Print JSON.");
        var command = new Command("sklearn", """
            The maximum margin by TorchAlign, libsvm and scikit-learn, each judged by the certificate of the data.

            Example: torchalign compare sklearn digits --positive 3 --negative 5
            """) { source };
        data.AddTo(command);
        command.Add(seed);
        command.Add(json);
        command.SetAction((parsed, cancellation) =>
        {
            var settings = data.Read(parsed, parsed.GetRequiredValue(source));
            var set = Aside.Run(() => DataLoading.Load(settings, parsed.GetValue(seed)), cancellation);
            return SklearnCompare.Run(set, parsed.GetValue(json), cancellation);
        });
        return command;
    }
}
