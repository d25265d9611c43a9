using TorchAlign.Data;
using TorchAlign.Devices;
using TorchAlign.Dynamics;
using TorchAlign.Experiments.Settings;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;
using static TorchSharp.torch;

namespace TorchAlign.Experiments.Runs;

/// <summary>A system and the stepper that moves it, with what they hold on a device.</summary>
internal sealed record Method(FlowSystem System, IStepper Stepper, LinearNetwork? Network) : IDisposable
{
    public void Dispose()
    {
        (Stepper as IDisposable)?.Dispose();
        (System.Field as IDisposable)?.Dispose();
        Network?.Dispose();
    }
}

/// <summary>Builds what <see cref="MethodSettings"/> name.</summary>
internal static class Methods
{
    /// <summary>Fused field and SEULEX, which needs it, are the CPU's; elsewhere the closed form is that on tensors.</summary>
    public static (string Field, string Stepper) DefaultsOn(string device) => device == "cpu" ? ("fused", SettingsCheck.Steppers[0]) : ("torch", "dopri5");

    /// <summary>Finds what cannot be built, without the data.</summary>
    /// <exception cref="CommandException">Parts that do not go together.</exception>
    /// <exception cref="ArgumentException">A number is out of range.</exception>
    public static void Check(MethodSettings settings, NetworkShape shape, MarginLoss loss)
    {
        if (settings is { Method: "flow", Stepper: "seulex", Field: not "fused" })
            throw new CommandException(
                $"The stepper seulex needs the closed form of --field fused; with --field {settings.Field} use --stepper dopri5.");
        if (settings.Method == "descent") RuleOf(settings, shape, loss);
        else StepperOf(settings);
    }

    /// <exception cref="DeviceMemoryException">The device's memory does not hold the data.</exception>
    public static Method Build(MethodSettings settings, NetworkShape shape, SignedPoints points, MarginLoss loss)
    {
        var network = settings.Field is "autograd" or "sequential" ? new LinearNetwork(shape, DeviceName.Resolve(settings.Device)) : null;
        var field = FieldOf(settings, shape, points, loss, network);
        if (settings.Method == "descent")
        {
            var rule = RuleOf(settings, shape, loss);
            IStepper descent = field is TorchMarginField ? new QueuedDescent(rule) : new GradientDescent(rule);
            return new Method(new FlowSystem(field, Clock.Time), descent, network);
        }
        return new Method(new FlowSystem(field, ClockOf(settings)), StepperOf(settings), network);
    }

    /// <summary>The relative tolerance that a stepper runs with when nobody says another.</summary>
    public static double DefaultTolerance(string stepper, string dtype = "float64") =>
        stepper == "seulex" ? Seulex.AccurateTolerance : dtype == "float32" ? Float32Tolerance : ExplicitTolerance;

    /// <summary>The numbers of the states and of the field on tensors.</summary>
    public static ScalarType DtypeOf(MethodSettings settings) => settings.Dtype == "float32" ? ScalarType.Float32 : ScalarType.Float64;

    private const double ExplicitTolerance = 1e-8;

    /// <summary>A hundred roundings: below that the error estimate is noise.</summary>
    private const double Float32Tolerance = 1e-5;

    private static IStepper StepperOf(MethodSettings settings) => settings.Stepper switch
    {
        "seulex" => new Seulex(settings.Rtol),
        "dopri5" => new DormandPrince54(settings.Rtol),
        "euler" => new Euler(settings.Step),
        _ => throw new CommandException($"Unknown stepper '{settings.Stepper}'."),
    };

    private static IVectorField FieldOf(
        MethodSettings settings, NetworkShape shape, SignedPoints points, MarginLoss loss, LinearNetwork? network)
    {
        var device = DeviceName.Resolve(settings.Device);
        return settings.Field switch
        {
            "fused" => new FusedField(shape, points.Z, loss, settings.Threads),
            "torch" => new TorchMarginField(shape, points, loss, device, DtypeOf(settings)),
            "autograd" => AutogradMarginField.Of(network!, points, loss, collapsed: true),
            "sequential" => AutogradMarginField.Of(network!, points, loss, collapsed: false),
            _ => throw new CommandException($"Unknown field '{settings.Field}'."),
        };
    }

    /// <summary>The flow that networks follow together; null for descent.</summary>
    public static EnsembleFlowSettings? FlowOf(MethodSettings settings) =>
        settings.Method == "flow" ? new EnsembleFlowSettings(ClockOf(settings), settings.Rtol) : null;

    private static Clock ClockOf(MethodSettings settings) => Clock.All.Single(known => known.Name == settings.Clock);

    /// <exception cref="CommandException">The rule is not for this loss.</exception>
    /// <exception cref="ArgumentException">Its step is out of range.</exception>
    public static IStepRule RuleOf(MethodSettings settings, NetworkShape shape, MarginLoss loss) => settings.Rule switch
    {
        "assumption5" when loss.Smoothness is null => throw new CommandException(
            $"The step rule of Assumption 5 needs a smooth, Lipschitz loss; the {loss.Name} loss is neither. "
            + "Use --loss logistic, or --rule constant or loss-scaled."),
        "assumption5" => new AssumptionFiveStep(loss, shape.Depth, settings.Radius switch
        {
            "increment" => RadiusGrowth.ByIncrement,
            "factor" => RadiusGrowth.ByFactor,
            _ => RadiusGrowth.Smallest,
        }),
        "constant" => new ConstantStep(settings.Step),
        "loss-scaled" => new LossScaledStep(settings.Step),
        _ => throw new CommandException($"Unknown step rule '{settings.Rule}'."),
    };
}
