using System.CommandLine;
using System.Globalization;
using TorchAlign.Alignment;
using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Experiments.Options;
using TorchAlign.Experiments.Runs;
using TorchAlign.Experiments.Settings;
using TorchAlign.Losses;
using TorchAlign.MaxMargin;
using TorchAlign.Networks;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Commands;

/// <summary>A network of <c>train</c> that was followed on from where it ended as found.</summary>
/// <param name="Seed">Of the run.</param>
/// <param name="Depth">L.</param>
/// <param name="End">How the run ended.</param>
/// <param name="CrossedAt">log10 R where 1 - cos first was at most EPS; NaN where it never was.</param>
/// <param name="EndedAt">log10 R at the end of the run.</param>
/// <param name="Beyond">How following it on ended; null where the run did not end as found.</param>
/// <param name="Excess">The largest 1 - cos on the way beyond, over EPS.</param>
internal sealed record FollowedRun(
    int Seed, int Depth, RunEnd End, double CrossedAt, double EndedAt, RunEnd? Beyond, double Excess)
{
    public bool IsFound => End.Name == DirectionVerdict.Found;

    public bool Left => Excess > 1;
}

/// <summary>
/// The hidden command <c>found</c>: makes runs of <c>train</c>, follows those that ended as found so many times further in log R, and
/// fails where 1 - cos ever leaves EPS again.
/// </summary>
internal static class FoundCheck
{
    /// <summary>Nobody waits for more.</summary>
    private const long MostSteps = 200_000;

    public static Command Build()
    {
        var seeds = Opt.Default("--seeds", 1, "Seeds 1 to N.");
        var times = Opt.Default("--times", 10.0, "How much further in log R.");
        var words = new Argument<string[]>("train") { Description = "The options of train, after --." };
        var command = new Command("found", "Follow runs of train that ended as found, and see that they stay so.") { Hidden = true };
        command.Add(seeds);
        command.Add(times);
        command.Add(words);
        command.SetAction((parsed, cancellation) => Task.FromResult(
            Tell(parsed.GetValue(words)!, parsed.GetValue(seeds), parsed.GetValue(times), cancellation)));
        return command;
    }

    /// <summary>Every network of a run of <c>train</c> with these options, followed on.</summary>
    public static IReadOnlyList<FollowedRun> Follow(IEnumerable<string> words, double times, CancellationToken cancellation)
    {
        var train = new TrainCommand();
        var parsed = new Command("torchalign") { train.Build() }.Parse(["train", .. words]);
        if (parsed.Errors.Count > 0) throw new CommandException(parsed.Errors[0].Message);
        var settings = train.Experiment(parsed)!.Settings;
        var bound = settings.Stop.OneMinusCosine ?? throw new CommandException("The direction is no goal of these runs (--to).");
        var problem = new DataCache().Load(settings, cancellation);
        return [.. settings.Networks.Select(network => Follow(settings, network, problem, bound, times, cancellation))];
    }

    private static FollowedRun Follow(
        RunSettings settings, NetworkSettings network, LinearProblem problem, double bound, double times, CancellationToken cancellation)
    {
        var run = new NetworkRun(settings, network, problem.Points, problem.Reference);
        run.Follow(new RunHooks(_ => { }, () => false, () => { }), cancellation);
        var last = run.Observations[^1];
        var crossing = DirectionVerdict.FirstCrossing(run.Observations, bound)?.Log10Risk ?? double.NaN;
        if (run.End!.Name != DirectionVerdict.Found)
            return new FollowedRun(settings.Seed, run.Shape.Depth, run.End, crossing, last.Log10Risk, null, 0);
        var loss = MarginLoss.All.Single(known => known.Name == settings.Loss);
        using var method = Methods.Build(settings.Method, run.Shape, problem.Points, loss);
        var w = method.System.Field.NewState();
        w.CopyFrom(run.Final);
        var largest = 0.0;
        var end = Trajectory.Follow(method.System, method.Stepper, new TrajectoryPoint(w), new RunPlan
        {
            Stops = [Stops.RiskBelow(times * Math.Min(last.Log10Risk, -1)), Stops.StepLimit(MostSteps)],
            Schedule = SampleSchedule.EveryStep,
            OnSample = point =>
            {
                var angle = DirectionAngle.Between(LinearProduct.Of(run.Shape, point.W.ToArray()), problem.Reference.Direction);
                largest = Math.Max(largest, angle.OneMinusCosine);
                return null;
            },
            Cancellation = cancellation,
        });
        return new FollowedRun(settings.Seed, run.Shape.Depth, run.End, crossing, last.Log10Risk, end, largest / bound);
    }

    private static int Tell(string[] words, int seeds, double times, CancellationToken cancellation)
    {
        var runs = Enumerable.Range(1, seeds).SelectMany(seed =>
            Follow([.. words, "--seed", seed.ToString(CultureInfo.InvariantCulture)], times, cancellation)).ToArray();
        var found = runs.Where(run => run.IsFound).ToArray();
        Console.Out.Write(RecordJson.Serialize(new
        {
            train = string.Join(' ', words),
            runs = runs.Length,
            ends = runs.CountBy(run => run.End.Name).ToDictionary(),
            reasons = found.CountBy(run => run.End.Message.Split('(')[^1].TrimEnd('.', ')')).ToDictionary(),
            beyond = found.CountBy(run => run.Beyond!.Name).ToDictionary(),
            largestExcess = found.Select(run => run.Excess).DefaultIfEmpty(0).Max(),
            medianDelay = Median(found.Select(run => run.EndedAt / run.CrossedAt)),
            left = found.Where(run => run.Left).Select(run => new { run.Seed, run.Depth, run.Excess, run.EndedAt, run.End.Message }),
            others = runs.Where(run => !run.IsFound).Take(10)
                .Select(run => new { run.Seed, run.Depth, run.End.Name, run.CrossedAt, run.EndedAt }),
        }));
        return found.Any(run => run.Left) ? CommandLine.Failure : CommandLine.Success;
    }

    private static double Median(IEnumerable<double> values) =>
        values.Order().ToArray() is { Length: > 0 } sorted ? sorted[sorted.Length / 2] : double.NaN;
}
