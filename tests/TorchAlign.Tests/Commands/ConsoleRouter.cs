using System.Runtime.CompilerServices;
using System.Text;

namespace TorchAlign.Tests.Commands;

/// <summary>Sends what is written to the console to the test that caused it, whatever else runs at the same time.</summary>
internal static class ConsoleRouter
{
    private static readonly AsyncLocal<Captured?> Current = new();

    /// <summary>Before anything keeps a reference to the console's writers.</summary>
    [ModuleInitializer]
    internal static void Install()
    {
        Console.SetOut(new Routed(Console.Out, captured => captured.OutputWriter));
        Console.SetError(new Routed(Console.Error, captured => captured.ErrorWriter));
    }

    /// <summary>What this test, and the tasks and threads that it starts, write from here on.</summary>
    public static Captured Capture() => Current.Value = new Captured();

    internal sealed class Captured : IDisposable
    {
        private readonly StringWriter _output = new(), _error = new();

        internal Captured() =>
            (OutputWriter, ErrorWriter) = (TextWriter.Synchronized(_output), TextWriter.Synchronized(_error));

        internal TextWriter OutputWriter { get; }

        internal TextWriter ErrorWriter { get; }

        public string Output => _output.ToString();

        public string Error => _error.ToString();

        public void Dispose() => Current.Value = null;
    }

    private sealed class Routed(TextWriter console, Func<Captured, TextWriter> writer) : TextWriter
    {
        public override Encoding Encoding => console.Encoding;

        private TextWriter Target => Current.Value is { } captured ? writer(captured) : console;

        public override void Write(char value) => Target.Write(value);

        public override void Write(string? value) => Target.Write(value);

        public override void Write(char[] buffer, int index, int count) => Target.Write(buffer, index, count);

        public override void Flush() => Target.Flush();
    }
}
