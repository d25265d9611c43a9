using System.Diagnostics;
using System.Globalization;
using TorchAlign.MaxMargin;

namespace TorchAlign.Experiments.Margins;

/// <summary>
/// Says on standard error what is being done once it takes longer than a second: in one line that is written over on a terminal, in a line
/// now and then on a pipe.
/// </summary>
internal sealed class MarginProgressLine : IProgress<MarginProgress>, IDisposable
{
    /// <summary>Between two lines on a pipe.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly Timer _timer;
    private readonly object _lock = new();
    private string _what;
    private TimeSpan _next;
    private int _width;

    /// <param name="what">What is being done.</param>
    /// <param name="patience">How long nothing is said.</param>
    public MarginProgressLine(string what, TimeSpan patience)
    {
        (_what, _next) = (what, patience);
        _timer = new Timer(_ => Tell(), null, patience, TimeSpan.FromSeconds(1));
    }

    /// <summary>What is being done from here on.</summary>
    public void Turn(string what)
    {
        lock (_lock) _what = what;
    }

    void IProgress<MarginProgress>.Report(MarginProgress value) => Turn(string.Create(CultureInfo.InvariantCulture,
        $"looking for the maximum margin: {value.Iterations:N0} iterations, {value.ActivePoints:N0} active points"));

    public void Dispose()
    {
        _timer.Dispose();
        lock (_lock)
        {
            if (_width > 0) Console.Error.Write($"\r{new string(' ', _width)}\r");
            (_width, _next) = (0, TimeSpan.MaxValue);
        }
    }

    private void Tell()
    {
        lock (_lock)
        {
            if (_watch.Elapsed < _next) return;
            var text = string.Create(CultureInfo.InvariantCulture, $"torchalign: {_what} ({_watch.Elapsed.TotalSeconds:0} s)");
            if (Console.IsErrorRedirected)
            {
                Console.Error.WriteLine(text);
                _next = _watch.Elapsed + Interval;
                return;
            }
            Console.Error.Write($"\r{text.PadRight(_width)}");
            _width = text.Length;
        }
    }
}
