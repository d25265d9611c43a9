using System.CommandLine;
using System.Diagnostics;
using System.Numerics.Tensors;
using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Experiments.Options;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Experiments.Reporting.Charting;
using TorchAlign.Landscape;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Papers;

/// <summary>
/// Completing a matrix of low rank from some of its entries by descent on a product of N full-size factors from a small start: nothing
/// in the loss asks for a low rank, the depth does. The completion of least nuclear norm is the reference. (S. Arora, N. Cohen,
/// W. Hu, Y. Luo, Implicit regularization in deep matrix factorization, NeurIPS 2019, study the same.)
/// </summary>
internal sealed class Completion
{
    private const string Name = "completion";
    private const string TableFile = "completion.csv";

    private readonly RunOptions _run = new(defaultSeed: 7, onDevice: "Where descent is computed; singular values are the host's");
    private readonly Option<int> _size = Opt.Default("--size", 100, "Rows and columns of the matrix, and the width of every factor.");
    private readonly Option<int> _rank = Opt.Default("--rank", 5, "Of the matrix.");
    private readonly Option<int> _seen = Opt.Default("--seen", 2000, "Entries that descent sees.");
    private readonly Option<string> _depths = Opt.Default("--depth", "1,2,3,4", "Depths N.");
    private readonly Option<double> _steps = Opt.Default("--steps", 10_000.0, "Steps of each network; 1e6 is understood.");
    private readonly Option<double> _small = Opt.Default("--small", 1e-3, "Singular values of the product at the start.");

    private readonly Option<double> _rate = Opt.Default(
        "--lr", 0.5, "N times the step: the curvature at the solution grows about like N.", "RATE");

    private readonly Option<double> _gap = Opt.Default("--gap", 1e-4, "Certified relative gap of the least nuclear norm.");

    public Command Build()
    {
        var command = new Command(Name, """
            Matrix completion by deep factorisation from a small start, against the completion of least nuclear norm.

            Example: torchalign paper nrt completion --seen 3000 --depth 2,3
            """);
        foreach (var option in (Option[])[_size, _rank, _seen, _depths, _steps, _small, _rate, _gap]) command.Add(option);
        _run.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(parsed, cancellation)));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        var size = Require.AtLeast(1, "--size", parsed.GetValue(_size));
        var settings = new Settings(
            size,
            Require.AtLeast(1, "--rank", parsed.GetValue(_rank)),
            Require.AtLeast(1, "--seen", parsed.GetValue(_seen)),
            Require.Depths(parsed.GetValue(_depths)!, least: 1),
            Require.Steps(parsed.GetValue(_steps)),
            Require.Positive("--small", parsed.GetValue(_small)),
            Require.Positive("--lr", parsed.GetValue(_rate)),
            Require.Positive("--gap", parsed.GetValue(_gap)),
            parsed.GetValue(_run.Seed),
            _run.ThreadsOf(parsed),
            parsed.GetValue(_run.Device)!);
        if (settings.Rank > size) throw new CommandException($"--rank {settings.Rank} is larger than --size {size}.");
        if (settings.Seen >= (long)size * size)
            throw new CommandException($"--seen {settings.Seen} leaves nothing to complete in a {size} x {size} matrix; give fewer.");
        var gradients = GradientSource.On(settings.Device);
        var (problem, target) = CompletionProblem.Random(size, settings.Rank, settings.Seen, new RandomStream(settings.Seed));
        var plan = new PaperPlan($"paper nrt {Name}", settings, settings.Seed, Threads: 1, gradients.Device,
            new DataIdentity($"{settings.Seen} entries of a {size} x {size} matrix of rank {settings.Rank}, seed {settings.Seed}",
                new RegressionSet("target", target, target).Hash),
            new TableDescription(TableFile,
            [
                new("depth", "N"),
                new("step", "k"),
                new("loss", "1/2 sum over the seen entries of (P_ij - T_ij)^2"),
                new("error", "||P - T||_F / ||T||_F"),
                new("effective_rank", "exp of the entropy of the singular values of P over their sum"),
                new("nuclear_norm", "||P||_*"),
            ]));
        return PaperRun.Execute(plan, Output.From(parsed, _run, $"nrt-{Name}"), cancellation,
            (run, stop) => Work(run, settings, gradients, problem, target, stop));
    }

    private static PaperResult Work(
        PaperRun run, Settings settings, GradientSource gradients, CompletionProblem problem, Matrix target,
        CancellationToken cancellation)
    {
        NuclearNormCompletion? reference = null;
        // Depth 0 stands for the reference.
        int[] jobs = [.. settings.Depths.Reverse(), 0];
        var followed = Jobs.Run(run, "completing", jobs, settings.Threads, (depth, progress) =>
        {
            if (depth > 0) return Follow(settings, gradients, problem, target, depth, progress, cancellation);
            try
            {
                reference = NuclearNormCompletion.Solve(problem, settings.Gap, maxIterations: 20_000, cancellation);
            }
            catch (OperationCanceledException)
            {
                // The runs say that it was interrupted; the reference is missing then.
            }
            return null;
        });
        var runs = followed.OfType<Completed>().OrderBy(one => one.Depth).ToArray();
        foreach (var one in runs)
            foreach (var s in one.Samples)
                run.Table(TableFile).Append(
                    [Cell.Of(one.Depth), Cell.Of(s.Step), Cell.Of(s.Loss), Cell.Of(s.Error), Cell.Of(s.EffectiveRank),
                        Cell.Of(s.NuclearNorm)]);
        var ends = runs.Select(one => one.End).ToArray();
        var result = ends.Contains(RunEnd.Interrupted) || reference is null ? "interrupted"
            : ends.FirstOrDefault(end => end.Name == "non-finite")?.Name ?? "step-limit";
        var least = reference is null ? null : Look(0, 0, reference.Completion, target);
        var original = Look(0, 0, target, target);
        return new PaperResult(
            new
            {
                Runs = runs.Select(one => new
                {
                    one.Depth,
                    Result = one.End.Name,
                    one.Eta,
                    one.Last.Step,
                    one.Last.Loss,
                    one.Last.Error,
                    one.Last.EffectiveRank,
                    one.Last.NuclearNorm,
                    one.Seconds,
                }),
                NuclearNorm = reference is null ? null : new
                {
                    least!.Error,
                    least.EffectiveRank,
                    reference.NuclearNorm,
                    reference.LowerBound,
                    reference.RelativeGap,
                    reference.Iterations,
                },
                Target = new { original.EffectiveRank, original.NuclearNorm },
            },
            result, Page(settings, runs, reference, least, original));
    }

    private static Completed Follow(
        Settings settings, GradientSource gradients, CompletionProblem problem, Matrix target, int depth, Action<double> progress,
        CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var shape = new NetworkShape([.. Enumerable.Repeat(settings.Size, depth + 1)]);
        var start = Initialization.Balanced(shape, Math.Pow(settings.Small, 1.0 / depth), new RandomStream(settings.Seed + depth));
        var samples = new List<CompletionSample>();
        var eta = settings.Rate / depth;
        var field = gradients.OfProduct(shape, new MaskedLoss(problem));
        var path = GradientSource.Follow(field, start, gradients.Descent(new ConstantStep(eta)), new RunPlan
        {
            Stops = [new StepProgress(settings.Steps, progress), Stops.StepLimit(settings.Steps)],
            Schedule = SampleSchedule.LogSpacedSteps(20),
            OnSample = at =>
            {
                var product = LinearProduct.Matrix(shape, at.W.ToArray());
                samples.Add(Look(at.Steps, Math.Exp(at.Value.LogRisk), product, target));
                return null;
            },
            Cancellation = cancellation,
        });
        return new Completed(depth, eta, path.End, samples, watch.Elapsed.TotalSeconds);
    }

    private static CompletionSample Look(long step, double loss, Matrix product, Matrix target)
    {
        var singular = Svd.Of(product).S;
        var sum = TensorPrimitives.Sum<double>(singular);
        var entropy = -singular.Where(s => s > 0).Sum(s => s / sum * Math.Log(s / sum));
        return new CompletionSample(step, loss, (product - target).FrobeniusNorm / target.FrobeniusNorm, Math.Exp(entropy), sum);
    }

    private static ReportPage Page(
        Settings settings, Completed[] runs, NuclearNormCompletion? reference, CompletionSample? least, CompletionSample original)
    {
        List<IReadOnlyList<string>> rows =
        [
            .. runs.Select(one => (IReadOnlyList<string>)
            [
                $"N = {one.Depth}", Numbers.Short(one.Last.Loss), Numbers.Short(one.Last.Error), Numbers.Short(one.Last.EffectiveRank),
                Numbers.Short(one.Last.NuclearNorm), Numbers.Short(one.Eta), Numbers.Count(one.Last.Step), one.End.Name,
            ]),
        ];
        if (reference is not null)
            rows.Add(["least nuclear norm", "0", Numbers.Short(least!.Error), Numbers.Short(least.EffectiveRank),
                Numbers.Short(reference.NuclearNorm), "",
                Numbers.Count(reference.Iterations), $"gap {Numbers.Short(reference.RelativeGap)}"]);
        rows.Add(["the matrix itself", "0", "0", Numbers.Short(original.EffectiveRank), Numbers.Short(original.NuclearNorm), "", "", ""]);
        var best = runs.MinBy(one => one.Last.Error)!;
        return new ReportPage
        {
            Title = "Completing a matrix by deep factorisation",
            Claim = $"From {Numbers.Count(settings.Seen)} of {Numbers.Count((long)settings.Size * settings.Size)} entries of a matrix of "
                + $"rank {settings.Rank}, descent from a small start "
                + $"recovers it to a relative error of {string.Join(", ",
                runs.Select(one => $"{Numbers.Short(one.Last.Error)} at N = {one.Depth}"))}"
                + (least is null ? "." : $"; the completion of least nuclear norm to {Numbers.Short(least.Error)}.")
                + $" The effective rank ends at {Numbers.Short(best.Last.EffectiveRank)} for N = {best.Depth}, where the matrix has "
                + $"{Numbers.Short(original.EffectiveRank)}.",
            Tables =
            [
                new ReportTable("Completions", ["by", "loss", "relative error", "effective rank", "nuclear norm", "η", "steps", "end"],
                    rows)
                {
                    Note = "Relative error over all entries, Frobenius. Effective rank: exp of the entropy of the singular values over "
                        + "their sum. The least nuclear norm is "
                        + "certified by a feasible point of the dual: the gap bounds how far it can lie above the minimum.",
                },
            ],
            Charts =
            [
                .. ((Chart?[])
                [
                    Line("error", "Reconstruction error", "‖P − T‖_F / ‖T‖_F over all entries, seen or not.",
                        new Axis("relative error", ScaleKind.Log),
                        s => s.Error, least?.Error),
                    Line("loss", "Loss on the seen entries", "What descent minimises; it says nothing about the entries that are not seen.",
                        new Axis("loss", ScaleKind.Log) { Floor = 1e-20 }, s => s.Loss, null),
                    Line("effective-rank", "Effective rank", "exp of the entropy of the singular values over their sum.",
                        new Axis("effective rank", ScaleKind.Log), s => s.EffectiveRank, least?.EffectiveRank),
                    Line("nuclear-norm", "Nuclear norm", "Sum of the singular values.",
                        new Axis("‖P‖ nuclear"), s => s.NuclearNorm, reference?.NuclearNorm),
                ]).OfType<Chart>(),
            ],
            ChartNote = "Level line: the completion of least nuclear norm.",
        };

        Chart? Line(string name, string title, string caption, Axis y, Func<CompletionSample, double> value, double? level) =>
            Charts.Line(new LinePlot
            {
                Name = name,
                Title = title,
                Caption = caption,
                X = new Axis("step", ScaleKind.Log) { Tight = true },
                Y = y,
                Series = runs.Select((one, i) => new Series($"N = {one.Depth}", Palette.Network(i),
                    one.Samples.Select(s => new Sample(s.Step, value(s), s.Step)))),
                Rules = level is { } at ? [new Rule(at, "least nuclear norm", Palette.Ink) { Below = name == "nuclear-norm" }] : [],
            });
    }

    /// <summary>Every option in force.</summary>
    private sealed record Settings(
        int Size, int Rank, int Seen, int[] Depths, long Steps, double Small, double Rate, double Gap,
        int Seed, int Threads, string Device);

    private sealed record CompletionSample(long Step, double Loss, double Error, double EffectiveRank, double NuclearNorm);

    private sealed record Completed(int Depth, double Eta, RunEnd End, IReadOnlyList<CompletionSample> Samples, double Seconds)
    {
        public CompletionSample Last => Samples[^1];
    }
}
