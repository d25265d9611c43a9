using TorchAlign.Dynamics;
using TorchAlign.Losses;
using TorchSharp.Modules;

namespace TorchAlign.Optimizers;

/// <summary>
/// Gradient descent with the step sizes of [JT, Assumption 5] as a torch optimiser; see <see cref="AssumptionFiveStep"/>. For a deep
/// linear network on ||x_i|| &lt;= 1 the risk falls at every step by at least (eta / 2) ||grad R||^2; for another module (a ReLU
/// between the layers keeps the bound of the layer norms) the same rule is a heuristic.
/// </summary>
public sealed class AdaptiveGradientDescent : TrajectoryOptimizer
{
    private readonly AssumptionFiveStep _rule;

    /// <param name="parameters">The module's parameters, one block a layer.</param>
    /// <param name="loss">The loss that the closure averages; it must be smooth and Lipschitz.</param>
    /// <param name="depth">L; the number of parameters unless given.</param>
    /// <param name="growth">How the radius is raised.</param>
    public AdaptiveGradientDescent(
        IReadOnlyCollection<Parameter> parameters, MarginLoss loss, int? depth = null, RadiusGrowth growth = RadiusGrowth.Smallest)
        : this(parameters, new AssumptionFiveStep(loss, depth ?? parameters.Count, growth))
    {
    }

    private AdaptiveGradientDescent(IEnumerable<Parameter> parameters, AssumptionFiveStep rule)
        : base(parameters, new GradientDescent(rule), Clock.Time) => _rule = rule;

    /// <summary>R_t, the radius that the step size follows from.</summary>
    public double Radius => _rule.Radius;
}
