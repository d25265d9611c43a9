namespace TorchAlign.Dynamics;

/// <summary>How long the next step of gradient descent is; reads risk, gradient norm and layer norms off the point.</summary>
public interface IStepRule
{
    string Name { get; }

    /// <summary>Called once, at the evaluated start of a run.</summary>
    void Start(TrajectoryPoint point);

    /// <summary>The step size to leave the point with.</summary>
    StepSize Next(TrajectoryPoint point);

    /// <summary>Every step's LogUnit is 0, so that eta is the factor itself.</summary>
    bool EtaIsFactor => true;

    /// <summary>Whether <see cref="Accept"/> can ever say no.</summary>
    bool CanReject => false;

    /// <summary>Judges a step by its risks; after a no, <see cref="Next"/> is asked again from the same point.</summary>
    bool Accept(double logRiskBefore, double logRiskAfter) => true;

    /// <summary>The same rules for descents on tensors, of which this is the first; each has its form there beside it.</summary>
    /// <exception cref="ArgumentException">The rule decides on the host, or the rules do not go together.</exception>
    internal TorchStepRule OnTensors(RulesOnTensors rules) => throw new ArgumentException(
        $"The rule '{Name}' ({GetType().Name}) decides on the host; descent on tensors knows constant, scheduled, loss-scaled and "
        + "assumption5 steps. Use GradientDescent.", nameof(rules));
}

/// <summary>eta = Factor * exp(LogUnit); the unit keeps steps such as lr / R finite when R underflows.</summary>
public readonly record struct StepSize(double Factor, double LogUnit = 0);
