using System.CommandLine;
using System.Globalization;
using TorchAlign.Experiments.Options;

namespace TorchAlign.Experiments.Papers;

/// <summary>The option --hidden: widths between input and output, as in 1024-64.</summary>
internal sealed class HiddenWidths(string unlessGiven)
{
    private readonly Option<string> _widths = Opt.Default("--hidden", unlessGiven, "Hidden widths, as in 1024-64.", "W[-W...]");

    public void AddTo(Command command) => command.Add(_widths);

    /// <exception cref="CommandException">Something is no positive number.</exception>
    public int[] Of(ParseResult parsed) =>
    [
        .. parsed.GetValue(_widths)!.Split('-').Select(part =>
            int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var width) && width > 0
                ? width
                : throw new CommandException($"--hidden takes positive numbers, as in 1024-64; '{part}' is none.")),
    ];
}
