using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using TorchAlign.Data;
using TorchAlign.Networks;

namespace TorchAlign.Experiments.Python;

/// <summary>
/// pytorch/descent.py as a child process that lives as long as a case: it runs steps when told and says how long they took
/// by its own clock, so that starting Python and importing torch do not count.
/// </summary>
internal sealed class PythonTwin : IDisposable
{
    public const string Eager = "eager";
    public const string Collapsed = "collapsed";

    public const string Remedy =
        "Install python3 with torch (Debian: sudo apt-get install python3-torch python3-numpy); TorchAlign needs it for nothing else.";

    private const int KeptErrorLines = 5;
    private const int Attempts = 2;

    private readonly Process _process;
    private readonly Queue<string> _errors = [];

    private readonly IDisposable _held;

    private PythonTwin(Process process) => (_process, _held) = (process, Leftovers.Child(process));

    /// <summary>The Python that has torch.</summary>
    /// <exception cref="TwinException">There is none.</exception>
    public static PythonTwinFacts Find() => PythonTwinFacts.Find() is { Path: not null } facts
        ? facts
        : throw new TwinException($"No python3 with torch was found, so there is nothing to compare with.");

    /// <summary>Starts the twin on a problem.</summary>
    /// <exception cref="TwinException">No Python with torch, or it does not start.</exception>
    /// <param name="problem">The .npz file with z (n, d) and w1 (d_1, d), w2 (d_2, d_1), ....</param>
    /// <param name="loss">The name of the loss.</param>
    /// <param name="step">Of descent.</param>
    /// <param name="threads">Of torch and its BLAS.</param>
    /// <param name="more">Further arguments.</param>
    public static PythonTwin Start(string problem, string loss, double step, int threads, params IEnumerable<string> more)
    {
        var python = Find();
        var start = new ProcessStartInfo(python.Path!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])
            [
                "-B", Path.Combine(AppContext.BaseDirectory, "Python", "pytorch", "descent.py"), problem, "--serve",
                "--loss", loss, "--lr", step.ToString("R", CultureInfo.InvariantCulture),
                "--threads", threads.ToString(CultureInfo.InvariantCulture), .. more,
            ])
            start.ArgumentList.Add(argument);
        // torch.set_num_threads does not reach an OpenBLAS with threads of its own.
        foreach (var variable in (string[])["OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"])
            start.Environment[variable] = threads.ToString(CultureInfo.InvariantCulture);
        var process = Process.Start(start) ?? throw new TwinException($"{python.Path} does not start.");
        var twin = new PythonTwin(process);
        process.ErrorDataReceived += (_, line) => twin.Keep(line.Data);
        process.BeginErrorReadLine();
        return twin;
    }

    public async Task<TwinFacts> Facts(CancellationToken cancellation)
    {
        var facts = await Ask("facts", cancellation);
        return new TwinFacts(Text("python"), Text("torch"), Text("numpy"), facts.GetProperty("threads").GetInt32(),
            [.. facts.GetProperty("blas").EnumerateArray().Select(file => file.GetString()!)]);

        string Text(string name) => facts.GetProperty(name).GetString()!;
    }

    /// <summary>Seconds of so many steps from the start.</summary>
    public async Task<double> Run(string form, long steps, CancellationToken cancellation)
    {
        var answer = await Ask($"run {form} {steps}", cancellation);
        if (answer.GetProperty("risk").ValueKind != JsonValueKind.Number)
            throw new TwinException($"The risk of the {form} Python twin is not finite after {steps} steps.");
        return answer.GetProperty("seconds").GetDouble();
    }

    /// <summary>
    /// Sets torch's own threads to 1 or <paramref name="most"/>, whichever takes these steps faster, and returns them with
    /// the seconds of a step. More are not always better: they are in the way of those of an OpenBLAS that has its own.
    /// </summary>
    public async Task<(int Threads, double SecondsPerStep)> ChooseThreads(
        string form, long steps, int most, CancellationToken cancellation)
    {
        var best = (Threads: most, Seconds: double.PositiveInfinity);
        for (var attempt = 0; attempt < Attempts; attempt++)
            foreach (var threads in (int[])[most, 1])
            {
                await SetThreads(threads, cancellation);
                var seconds = await Run(form, steps, cancellation) / steps;
                if (seconds < best.Seconds) best = (threads, seconds);
            }
        await SetThreads(best.Threads, cancellation);
        return best;
    }

    public Task SetThreads(int threads, CancellationToken cancellation) => Ask($"threads {threads}", cancellation);

    /// <summary>The weights (P) after the last run.</summary>
    public async Task<double[]> Weights(string form, NetworkShape shape, CancellationToken cancellation)
    {
        var answer = await Ask($"weights {form}", cancellation);
        var arrays = NpzReader.Read(answer.GetProperty("path").GetString()!);
        return [.. Enumerable.Range(1, shape.Depth).SelectMany(layer => arrays[$"w{layer}"].ToDoubles())];
    }

    /// <summary>A run from the start, looked at every so many steps: seconds so far and w_prod (d).</summary>
    public async Task<IReadOnlyList<(double Seconds, double[] Product)>> Follow(
        string form, long steps, long lookEvery, CancellationToken cancellation)
    {
        var answer = await Ask($"follow {form} {steps} {lookEvery}", cancellation);
        return
        [
            .. answer.GetProperty("seconds").EnumerateArray().Zip(answer.GetProperty("products").EnumerateArray(),
                (seconds, product) => (seconds.GetDouble(), product.EnumerateArray().Select(value => value.GetDouble()).ToArray())),
        ];
    }

    public void Dispose()
    {
        try
        {
            _held.Dispose();
            _process.WaitForExit();
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
        _process.Dispose();
    }

    private async Task<JsonElement> Ask(string request, CancellationToken cancellation)
    {
        string? answer;
        try
        {
            await _process.StandardInput.WriteLineAsync(request.AsMemory(), cancellation);
            await _process.StandardInput.FlushAsync(cancellation);
            answer = await _process.StandardOutput.ReadLineAsync(CancellationToken.None).AsTask().WaitAsync(cancellation);
        }
        catch (IOException)
        {
            answer = null;
        }
        if (answer is null)
        {
            await _process.WaitForExitAsync(cancellation);
            lock (_errors)
                throw new TwinException($"The Python twin ended with status {_process.ExitCode}. {string.Join('\n', _errors)}");
        }
        using var json = JsonDocument.Parse(answer);
        if (json.RootElement.TryGetProperty("error", out var error))
            throw new TwinException($"The Python twin could not do '{request}': {error.GetString()}");
        return json.RootElement.Clone();
    }

    private void Keep(string? line)
    {
        if (line is null) return;
        lock (_errors)
        {
            _errors.Enqueue(line);
            if (_errors.Count > KeptErrorLines) _errors.Dequeue();
        }
    }
}

/// <summary>What the twin says of itself.</summary>
/// <param name="Version">Of Python.</param>
/// <param name="Torch">Of its torch.</param>
/// <param name="Numpy">Of its numpy.</param>
/// <param name="Threads">That its torch computes with.</param>
/// <param name="Blas">The BLAS libraries it has loaded.</param>
public sealed record TwinFacts(string Version, string Torch, string Numpy, int Threads, IReadOnlyList<string> Blas);
