using TorchAlign.Networks;

namespace TorchAlign.Fields;

/// <summary>The gradient of a risk of a linear network, on flat managed memory.</summary>
public interface ILayerGradient
{
    /// <summary>The network.</summary>
    NetworkShape Shape { get; }

    /// <summary>Of the states: the layers themselves, unless they are given by other numbers.</summary>
    BlockLayout Layout => Shape.Layout;

    /// <summary>R at the state evaluated last.</summary>
    double Risk { get; }

    /// <summary>Writes -grad R (P) at the flat state <paramref name="w"/> (P) and returns R.</summary>
    double Evaluate(ReadOnlySpan<double> w, Span<double> direction);
}
