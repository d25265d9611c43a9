using System.Globalization;
using TorchAlign.Alignment;
using TorchAlign.Data;
using TorchAlign.Experiments.Python;
using TorchAlign.Experiments.Runs;
using TorchAlign.Losses;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Compare;

/// <summary>Runs both sides of each comparison and holds them against each other.</summary>
internal sealed class ComparePytorch(CompareSettings settings, CancellationToken cancellation)
{
    /// <summary>Numbers kept of each side; a longer or larger run is recorded at fewer steps.</summary>
    private const long MostNumbers = 10_000_000;

    /// <summary>Points at which the diagnostics are compared: each costs L decompositions on either side.</summary>
    private const int MostObservations = 50;

    /// <summary>The risk falls to about e^-15: what an explicit method reaches in seconds.</summary>
    private const double ClockLimit = 15;

    private int _count;

    /// <summary>The torch of the twin, as it says itself; null before a twin has run.</summary>
    public string? TwinTorch { get; private set; }

    /// <summary>The library file that the twin has loaded; empty where it cannot say.</summary>
    public string TwinLibtorch { get; private set; } = "";

    /// <summary>Both sides run on one library file, so the same operations give the same bits.</summary>
    public bool SameLibtorch => TwinLibtorch.Length > 0 && TwinLibtorch == settings.OurLibtorch;

    /// <summary>Each step rule, on the loss that it is for.</summary>
    public async Task<IReadOnlyList<Comparison>> EveryRule(ComparedNetwork network)
    {
        var method = network.Settings.Method;
        var comparisons = new List<Comparison>();
        foreach (var (rule, loss) in ((string, string)[])
                 [("constant", "exponential"), ("assumption5", "logistic"), ("loss-scaled", "exponential")])
            comparisons.AddRange(await Descent(network.With(loss, method with { Method = "descent", Rule = rule })));
        return comparisons;
    }

    /// <summary>The network's own step rule: three fields beside two forms of the twin, then the diagnostics.</summary>
    public async Task<IReadOnlyList<Comparison>> Descent(ComparedNetwork network)
    {
        var every = Math.Max(1, (settings.Steps + 1) * network.Shape.Length / MostNumbers);
        var method = network.Settings.Method;
        var name = method.Rule;
        if (name != "assumption5") name += method.Step.ToString(" 0.####", CultureInfo.InvariantCulture);
        var eager = await Twin("eager");
        var collapsed = await Twin("collapsed");
        var observations = new List<Observation>();
        var between = Math.Max(1, settings.Steps / MostObservations);
        return
        [
            Against("sequential", eager, "eager", exact: true),
            Against("autograd", collapsed, "collapsed", exact: true),
            method.Rule == "loss-scaled" ? FieldAlone(eager) : Against("fused", eager, "eager", exact: false),
            await Diagnostics(network, name, settings.Steps, Descend("fused", between, observations.Add), observations),
        ];

        async Task<RecordedPoints> Twin(string form)
        {
            settings.Progress($"{network.Name}, {name}: {settings.Steps} steps of train.py --form {form}");
            var arrays = await RunTwin(network, "train.py",
            [
                "--steps", $"{settings.Steps}", "--every", $"{every}", "--form", form, "--threads", $"{settings.Threads}",
            ], []);
            (TwinTorch, TwinLibtorch) = (arrays["torch"].ToTexts()[0], arrays["libtorch"].ToTexts()[0]);
            return StatesOf(arrays, "step");
        }

        RecordedPoints Descend(string field, long recordEvery, Action<Observation>? observe) =>
            OurSide.Descend(network, field, settings.Steps, recordEvery, observe, cancellation);

        Comparison FieldAlone(RecordedPoints twin)
        {
            var (ours, theirs) = OurSide.At(network, twin);
            var deviations = Deviations.Of(network.Shape, ours, theirs, Tolerance.AtTwinStates);
            return Result(network, name, "fused", "train.py --form eager", settings.Steps, ours, Tolerance.AtTwinStates,
                [.. deviations.Where(deviation => deviation.Quantity != "weights")]);
        }

        Comparison Against(string field, RecordedPoints theirs, string form, bool exact)
        {
            settings.Progress($"{network.Name}, {name}: our field {field}");
            var ours = Descend(field, every, null);
            var bitwise = exact && SameLibtorch;
            var tolerance = bitwise ? Tolerance.Bits : Tolerance.Rounding;
            var deviations = Deviations.Of(network.Shape, ours, theirs, tolerance);
            var result = Result(
                network, name, field, $"train.py --form {form}", settings.Steps, ours, tolerance, deviations);
            return result with { Bitwise = bitwise };
        }
    }

    /// <summary>The flow of figure 1 beside an explicit integrator in numpy, then the diagnostics.</summary>
    public async Task<IReadOnlyList<Comparison>> Flow(ComparedNetwork network)
    {
        settings.Progress($"{network.Name}, flow: ours to clock {ClockLimit}");
        var observations = new List<Observation>();
        var ours = OurSide.Flow(network, ClockLimit, observations.Add, cancellation);
        settings.Progress($"{network.Name}, flow: figure1.py through the same {ours.Count} points");
        var theirs = StatesOf(await RunTwin(network, "figure1.py", [], [NpzArray.Float64("clock", ours.At)]), "clock");
        var name = "flow, seulex";
        return
        [
            Result(network, name, "fused", "figure1.py", ours.Count, ours, Tolerance.Integrators,
                Deviations.Of(network.Shape, ours, theirs, Tolerance.Integrators)),
            await Diagnostics(network, name, ours.Count, ours, observations),
        ];
    }

    private async Task<Comparison> Diagnostics(
        ComparedNetwork network, string method, long steps, RecordedPoints ours, IReadOnlyList<Observation> observations)
    {
        settings.Progress($"{network.Name}, {method}: diagnostics.py on our states");
        var theirs = await RunTwin(network, "diagnostics.py", [],
            [NpzArray.Float64("w", ours.W, ours.Count, network.Shape.Length)]);
        return Result(
            network, $"diagnostics of {method}", "fused", "diagnostics.py", steps, ours, Tolerance.Diagnostics,
            DiagnosticsCompare.Of(observations, ours.At, theirs, Tolerance.Diagnostics));
    }

    private async Task<IReadOnlyDictionary<string, NpyArray>> RunTwin(
        ComparedNetwork network, string script, IReadOnlyList<string> arguments, IReadOnlyList<NpzArray> more)
    {
        var name = $"{++_count:00}-{network.Name}-{Path.GetFileNameWithoutExtension(script)}";
        var folder = Path.Combine(settings.Folder, name);
        network.Write(folder, more);
        return await TwinScript.Run(script, folder, settings.Threads, arguments, cancellation);
    }

    private static Comparison Result(
        ComparedNetwork network, string method, string ours, string twin, long steps, RecordedPoints states,
        Tolerance tolerance, IReadOnlyList<Deviation> deviations) => new()
        {
            Network = network.Name,
            Widths = network.Shape.Widths,
            Loss = network.Settings.Loss,
            Method = method,
            Ours = ours,
            Twin = twin,
            Steps = steps,
            Points = states.Count,
            LogRiskFirst = states.LogRisk[0],
            LogRiskLast = states.LogRisk[^1],
            Bitwise = false,
            Tolerance = tolerance.Reason,
            Deviations = deviations,
        };

    private static RecordedPoints StatesOf(IReadOnlyDictionary<string, NpyArray> arrays, string at)
    {
        return new RecordedPoints(Of(at), Of("w"), Of("log_risk"), Of("direction"));

        double[] Of(string name) => arrays[name].ToDoubles();
    }
}

/// <summary>What holds for all comparisons.</summary>
/// <param name="Steps">Of descent.</param>
/// <param name="Threads">Of both sides.</param>
/// <param name="Folder">Where the files for the twins go.</param>
/// <param name="OurLibtorch">The library file that we have loaded; null where that is not known.</param>
/// <param name="Progress">Told what is being done.</param>
internal sealed record CompareSettings(
    long Steps, int Threads, string Folder, string? OurLibtorch, Action<string> Progress);
