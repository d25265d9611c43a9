using Spectre.Console;

namespace TorchAlign.Experiments;

/// <summary>Standard output and standard error as consoles: colours and box lines on a terminal, plain text on a pipe.</summary>
internal static class Terminal
{
    /// <summary>A pipe has no width; this one keeps tables on one line a row.</summary>
    private const int PipeWidth = 160;

    public static IAnsiConsole Out { get; } = Make(Console.Out, Console.IsOutputRedirected);

    public static IAnsiConsole Error { get; } = Make(Console.Error, Console.IsErrorRedirected);

    private static IAnsiConsole Make(TextWriter writer, bool redirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = redirected ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
        });
        if (redirected) console.Profile.Width = PipeWidth;
        return console;
    }
}
