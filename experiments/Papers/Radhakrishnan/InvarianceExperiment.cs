using System.CommandLine;
using TorchAlign.Experiments.Options;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Papers;

/// <summary>What an experiment is made of, once its options are known.</summary>
internal sealed record InvarianceSetup
{
    public required string Title { get; init; }

    /// <summary>What is compared, in a sentence or two.</summary>
    public required string Statement { get; init; }

    public required DataIdentity Data { get; init; }

    /// <summary>The options of this experiment alone, for run.json.</summary>
    public required object Options { get; init; }

    /// <summary>The network that the experiment is about, then its companions.</summary>
    public required IReadOnlyList<Subject> Subjects { get; init; }

    /// <summary>Facts about data and steps, each a name and a value.</summary>
    public required IReadOnlyList<(string Name, string Value)> Facts { get; init; }

    /// <summary>The experiment's own part of the results in summary.json, besides its networks.</summary>
    public object? Measured { get; init; }

    /// <summary>A sentence or two of what was found, from the runs of all subjects.</summary>
    public required Func<IReadOnlyList<SubjectRun>, string> Found { get; init; }
}

/// <summary>
/// An experiment of [RNBU]: networks descend one after another to a loss, and the log shows whether they keep the singular
/// vectors they started with.
/// </summary>
/// <param name="name">As in <c>paper rnbu NAME</c>.</param>
/// <param name="description">For --help, with an example.</param>
/// <param name="steps">The cap unless the user gives one.</param>
internal abstract class InvarianceExperiment(string name, string description, long steps)
{
    private readonly DescentOptions _descent = new(steps);

    public Command Build()
    {
        var command = new Command(name, description);
        AddTo(command);
        _descent.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            var (setup, settings) = Read(parsed);
            return Task.FromResult(Execute(setup, settings, Output.From(parsed, _descent.Run, $"rnbu-{name}"), cancellation));
        });
        return command;
    }

    /// <summary>The experiment that the options ask for; nothing is written yet.</summary>
    /// <exception cref="CommandException">An option is out of range.</exception>
    /// <exception cref="Data.DataException">The data cannot be read.</exception>
    public (InvarianceSetup Setup, DescentSettings Settings) Read(ParseResult parsed)
    {
        var settings = _descent.Of(parsed);
        return (Prepare(parsed, settings), settings);
    }

    /// <summary>Adds the experiment's own options.</summary>
    protected abstract void AddTo(Command command);

    /// <summary>Everything that can be wrong with the options is found here, before anything is written.</summary>
    protected abstract InvarianceSetup Prepare(ParseResult parsed, DescentSettings settings);

    private int Execute(InvarianceSetup setup, DescentSettings settings, Output output, CancellationToken cancellation)
    {
        var gradients = GradientSource.On(settings.Device);
        var depth = setup.Subjects[0].Shape.Depth;
        var plan = new PaperPlan(
            $"paper rnbu {name}", new { Experiment = name, Options = setup.Options, Descent = settings }, settings.Seed, settings.Threads,
            gradients.Device, setup.Data, InvarianceTables.Descent(depth), InvarianceTables.SingularValues);
        return PaperRun.Execute(plan, output, cancellation, (run, stop) =>
        {
            var tables = new InvarianceTables(run, depth);
            var runs = new List<SubjectRun>();
            foreach (var subject in setup.Subjects)
            {
                var done = runs.Count;
                runs.Add(SubjectRun.Follow(subject, settings, gradients, sample =>
                {
                    tables.Append(subject.Name, sample);
                    run.Tell($"{subject.Name}: step {sample.Step}, loss {Numbers.Short(sample.Loss)}",
                        (done + Share(sample, settings)) / setup.Subjects.Count);
                }, stop));
                if (stop.IsCancellationRequested) break;
            }
            InvarianceTables.WriteState(run.PathOf(RunFolder.StateFile), runs);
            var found = runs.Count == setup.Subjects.Count ? setup.Found(runs) : "The experiment was interrupted.";
            return new PaperResult(
                new { Found = found, setup.Measured, Networks = runs.Select(InvarianceTables.Summary) },
                stop.IsCancellationRequested ? Dynamics.RunEnd.Interrupted.Name : runs[0].End.Name,
                InvariancePage.Of(setup, runs, found));
        });
    }

    /// <summary>Of the way to the loss, counted in its logarithm, or of the steps, whichever is further.</summary>
    private static double Share(DescentSample sample, DescentSettings settings)
    {
        var steps = (double)sample.Step / settings.Steps;
        var loss = Math.Log(sample.Loss) / Math.Log(settings.Target);
        return Math.Clamp(Math.Max(steps, double.IsFinite(loss) ? loss : 0), 0, 1);
    }
}
