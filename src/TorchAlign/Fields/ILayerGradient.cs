using TorchAlign.Networks;

namespace TorchAlign.Fields;

/// <summary>The gradient of a risk in the layers of a linear network, on flat managed memory.</summary>
public interface ILayerGradient
{
    NetworkShape Shape { get; }

    /// <summary>R at the state evaluated last.</summary>
    double Risk { get; }

    /// <summary>Writes -grad R (P) at the flat state <paramref name="w"/> (P) and returns R.</summary>
    double Evaluate(ReadOnlySpan<double> w, Span<double> direction);
}
