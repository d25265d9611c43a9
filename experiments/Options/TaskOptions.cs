using System.CommandLine;
using System.CommandLine.Parsing;
using TorchAlign.Experiments.Settings;

namespace TorchAlign.Experiments.Options;

/// <summary>
/// <c>--task</c> and what goes with it: what is given is read, what belongs to another task or method is refused, and the rest gets the
/// task's defaults.
/// </summary>
internal sealed class TaskOptions
{
    private const string Binary = "binary";
    private const string Classify = "classify";

    /// <summary>log10 of the risk at which classification ends when no other goal is given, as in [RNBU].</summary>
    private const double DefaultLog10Risk = -4;

    private const double DefaultExcess = 1e-12;
    private const double DefaultDescentSteps = 100_000;
    private const double DefaultFlowSteps = 20_000;

    /// <summary>What the options speak of that no network of several outputs has.</summary>
    private static readonly string[] OfOneOutput =
        ["--positive", "--negative", "--assumption2", "--to", "--align", "--gap", "--radius", "--fast-forward"];

    private static readonly string[] OfRegress = ["--targets", "--excess", "--guarantee", "--above-bound"];
    private static readonly string[] OfDescent = ["--rule", "--decay", "--guarantee", "--above-bound"];
    private static readonly string[] OfFlow = ["--stepper", "--clock", "--rtol"];

    private readonly Option<string> _task = Opt.Choice(
        "--task", "What is learned: one output whose sign is the class, an output for each class (softmax cross-entropy), or real targets "
        + "(squared loss).", [Binary, .. SettingsCheck.Tasks]);

    private readonly Option<string?> _targets = Opt.Maybe<string>(
        "--targets", "regress: the columns to be learned, by name or by number from 1. [the label's]", "COLUMN[,COLUMN...]");

    private readonly Option<double?> _excess = Opt.Maybe<double?>(
        "--excess", "regress: stop when the loss is above its least by at most a share EPS of what the zero network's is. "
        + $"[{DefaultExcess:R} when no other stop is given]", "EPS", NumberRange.Positive);

    private readonly Option<string> _guarantee = Opt.Choice(
        "--guarantee", "regress, --rule nrt: constants of the bound, the paper's, or smaller ones by the same argument.",
        SettingsCheck.Guarantees);

    private readonly Option<double> _aboveBound = Opt.Default(
        "--above-bound", 1.0, "regress, --rule nrt: times the step that is guaranteed; above 1 the guarantee is gone.", "FACTOR",
        NumberRange.Positive);

    private readonly Option<double?> _decay = Opt.Maybe<double?>(
        "--decay", "Tasks of several outputs: decreasing steps eta / (1 + k / K) in place of constant ones.", "K", NumberRange.Positive);

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_task, _targets, _excess, _guarantee, _aboveBound, _decay]) command.Add(option);
    }

    public bool IsOfOneOutput(ParseResult parsed) => parsed.GetValue(_task) == Binary;

    /// <summary>The settings of a command line, given those it would have as a run of one output.</summary>
    /// <exception cref="CommandException">An option is of another task or method, or a number is out of range.</exception>
    public RunSettings Apply(ParseResult parsed, RunSettings settings)
    {
        var given = parsed.CommandResult.Children.OfType<OptionResult>()
            .Where(option => !option.Implicit).Select(option => option.Option.Name).ToHashSet();
        var name = parsed.GetValue(_task)!;
        if (name == Binary)
        {
            Refuse([.. OfRegress, _decay.Name], "for --task classify or regress");
            if (!SettingsCheck.Losses.Contains(settings.Loss) || !SettingsCheck.Rules.Contains(settings.Method.Rule))
                throw new CommandException($"--loss {settings.Loss} and --rule {settings.Method.Rule}: one of them is of --task classify "
                    + $"or regress; one output has the losses {string.Join(", ", SettingsCheck.Losses)} and the rules "
                    + $"{string.Join(", ", SettingsCheck.Rules)}.");
            return settings;
        }
        Refuse(OfOneOutput, "for one output and two classes");
        if (name == Classify) Refuse(OfRegress, "for --task regress");
        else Refuse(["--separated"], "for classes");
        if (settings.Method.Method == "descent") Refuse(OfFlow, "for --method flow");
        else Refuse(OfDescent, "for --method descent");
        if (given.Contains("--step") && settings.Method is { Method: "flow", Stepper: not "euler" })
            throw new CommandException("--step is that of descent and of --stepper euler; the other integrators choose their own.");
        var task = new TaskSettings
        {
            Name = name,
            Targets = parsed.GetValue(_targets),
            Guarantee = parsed.GetValue(_guarantee)!,
            AboveBound = parsed.GetValue(_aboveBound),
            Decay = parsed.GetValue(_decay),
            Excess = parsed.GetValue(_excess),
        };
        var method = MethodOf(settings.Method, name, given);
        if (method.Rule != "nrt") Refuse(["--guarantee", "--above-bound"], "for --rule nrt");
        // Nobody can have asked for the direction, so where it stands no other stop was given.
        var goal = settings.Stop.OneMinusCosine is not null && task.Excess is null;
        return settings with
        {
            Task = goal && name != Classify ? task with { Excess = DefaultExcess } : task,
            Loss = given.Contains("--loss") ? settings.Loss : SettingsCheck.LossesOf(name)[0],
            Method = method,
            Networks = [.. settings.Networks.Select(network => network with { Assumption2 = "ignore" })],
            Stop = settings.Stop with
            {
                OneMinusCosine = null,
                Log10Risk = settings.Stop.Log10Risk ?? (goal && name == Classify ? DefaultLog10Risk : null),
                // The log-risk clock leaves saddles at its own pace, so where the risk stands still it has come to its least.
                Stagnation = settings.Stop.Stagnation || (goal && name == Classify && method is { Method: "flow", Clock: "log-risk" }),
                Steps = given.Contains("--steps") ? settings.Stop.Steps
                    : method.Method == "descent" ? DefaultDescentSteps : DefaultFlowSteps,
            },
        };

        void Refuse(IEnumerable<string> options, string why)
        {
            string[] wrong = [.. options.Where(given.Contains)];
            if (wrong.Length > 0)
                throw new CommandException($"{string.Join(", ", wrong)}: {why}; this is --task {name} --method {settings.Method.Method}. "
                    + "Leave it away.");
        }
    }

    private static MethodSettings MethodOf(MethodSettings method, string task, HashSet<string> given)
    {
        var stepper = given.Contains("--stepper") ? method.Stepper : SettingsCheck.TaskSteppers[0];
        if (stepper == "seulex")
            throw new CommandException($"The stepper seulex needs the curvature of margins, which one output has; with --task {task} use "
                + $"--stepper {string.Join(" or ", SettingsCheck.TaskSteppers)}.");
        if (method.Field is not ("fused" or "torch"))
            throw new CommandException($"--field {method.Field} is of one output; --task {task} takes fused, the closed form on the CPU, "
                + "or torch, the same on tensors.");
        if (method.Dtype != "float64") throw new CommandException($"--task {task} computes in float64; leave --dtype {method.Dtype} away.");
        if (task != Classify && given.Contains("--clock") && method.Clock != "time")
            throw new CommandException($"--clock {method.Clock} has no end where the risk does not vanish: --task {task} follows the flow "
                + "in plain time (--clock time).");
        var rule = given.Contains("--rule") ? method.Rule : given.Contains("--step") ? "constant"
            : task == Classify ? "loss-scaled" : SettingsCheck.TaskRules[0];
        if (rule == "assumption5")
            throw new CommandException($"The step rule of Assumption 5 is for the margins of one output; --task {task} takes "
                + $"{string.Join(", ", SettingsCheck.TaskRules)}.");
        if (rule == "nrt" && task == Classify)
            throw new CommandException("The step of [NRT] is guaranteed for the squared loss: --task regress.");
        if (rule is "explicit" or "nrt" && given.Contains("--step"))
            throw new CommandException($"--rule {rule} finds the step from the data and the start; leave --step or --rule away.");
        if (rule == "loss-scaled" && given.Contains("--decay"))
            throw new CommandException("--rule loss-scaled chooses each step by the risk; --decay goes with the other rules.");
        return method with
        {
            Stepper = stepper,
            Clock = task == Classify ? method.Clock : "time",
            Rtol = given.Contains("--rtol") ? method.Rtol : 1e-8,
            Rule = rule,
        };
    }
}
