using TorchAlign.Data;
using TorchAlign.Devices;
using TorchAlign.Dynamics;
using TorchAlign.Losses;
using TorchAlign.Networks;

namespace TorchAlign.Experiments.Runs;

/// <summary>A system and the stepper that moves it.</summary>
internal sealed record Method(FlowSystem System, IStepper Stepper, bool IsDescent);

/// <summary>Builds what <see cref="MethodSettings"/> name.</summary>
internal static class Methods
{
    /// <summary>Integrators of the flow, the default first.</summary>
    public static readonly string[] Steppers = ["seulex", "dopri5", "euler"];

    /// <summary>Fused field and SEULEX, which needs it, are the CPU's; elsewhere the closed form is that on tensors.</summary>
    public static (string Field, string Stepper) DefaultsOn(string device) => device == "cpu" ? ("fused", Steppers[0]) : ("torch", "dopri5");

    public static Method Build(MethodSettings settings, NetworkShape shape, SignedPoints points, MarginLoss loss)
    {
        if (settings is { Method: "flow", Stepper: "seulex", Field: not "fused" })
            throw new CommandException(
                $"The stepper seulex needs the closed form of --field fused; with --field {settings.Field} use --stepper dopri5.");
        var field = FieldOf(settings, shape, points, loss);
        if (settings.Method == "descent")
        {
            var rule = RuleOf(settings, shape, loss);
            IStepper descent = field is TorchMarginField ? new DeviceDescent(rule) : new GradientDescent(rule);
            return new Method(new FlowSystem(field, Clock.Time), descent, true);
        }
        var clock = Clock.All.Single(known => known.Name == settings.Clock);
        IStepper stepper = settings.Stepper switch
        {
            "seulex" => new Seulex(settings.Rtol),
            "dopri5" => new DormandPrince54(settings.Rtol),
            "euler" => new Euler(settings.Step),
            _ => throw new CommandException($"Unknown stepper '{settings.Stepper}'."),
        };
        return new Method(new FlowSystem(field, clock), stepper, false);
    }

    /// <summary>The relative tolerance that a stepper runs with when nobody says another.</summary>
    public static double DefaultTolerance(string stepper) => stepper == "seulex" ? Seulex.AccurateTolerance : ExplicitTolerance;

    private const double ExplicitTolerance = 1e-8;

    private static IVectorField FieldOf(MethodSettings settings, NetworkShape shape, SignedPoints points, MarginLoss loss)
    {
        var device = DeviceName.Resolve(settings.Device);
        return settings.Field switch
        {
            "fused" => new FusedField(shape, points.Z, loss, settings.Threads),
            "torch" => new TorchMarginField(shape, points, loss, device),
            "autograd" => AutogradMarginField.Of(new LinearNetwork(shape, device), points, loss, collapsed: true),
            "sequential" => AutogradMarginField.Of(new LinearNetwork(shape, device), points, loss, collapsed: false),
            _ => throw new CommandException($"Unknown field '{settings.Field}'."),
        };
    }

    private static IStepRule RuleOf(MethodSettings settings, NetworkShape shape, MarginLoss loss) => settings.Rule switch
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
