using TorchAlign.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchAlign.Alignment;

/// <summary>
/// Watches the dense layers of any torch module, the other layers and nonlinearities between them whatever they are [JT,
/// section 4]: <c>var probe = new AlignmentProbe(module);</c> and, whenever wanted, <c>var seen = probe.Observe();</c>. It reads
/// weights and nothing else: neither the module nor torch's random numbers change by a bit, and no hook is left behind.
/// </summary>
public sealed class AlignmentProbe
{
    private readonly (string Name, Linear Layer)[] _layers;

    /// <param name="module">Its Linear layers are taken in the order in which they are registered; one that is shared, once.</param>
    /// <exception cref="ArgumentException">There is no Linear layer in it.</exception>
    public AlignmentProbe(nn.Module module)
    {
        var seen = new HashSet<nn.Module>(ReferenceEqualityComparer.Instance);
        _layers = [.. Inside(module, "").Prepend((Name: module.GetName(), Module: module))
            .Where(m => m.Module is Linear && seen.Add(m.Module)).Select(m => (m.Name, (Linear)m.Module))];
        if (_layers.Length == 0)
            throw new ArgumentException(
                $"{module.GetName()} has no Linear layer to watch. Layers that are not registered in it are not found.", nameof(module));
    }

    /// <summary>The names of the dense layers, their paths from the module.</summary>
    public IReadOnlyList<string> Names => [.. _layers.Select(l => l.Name)];

    /// <summary>Measures all dense layers as they are now; one singular value decomposition each, in float64 on the CPU.</summary>
    public ProbeReading Observe()
    {
        var spectra = _layers.Select(l => Spectrum(l.Layer)).ToArray();
        var layers = _layers.Zip(spectra, (l, s) => new DenseLayerReading(
            l.Name, (int)l.Layer.out_features, (int)l.Layer.in_features, s?.FrobeniusNorm ?? double.NaN,
            s?.SpectralNorm ?? double.NaN, s?.SpectralRatio ?? double.NaN, s?.RankOneResidual ?? double.NaN)).ToArray();
        var pairs = Enumerable.Range(1, layers.Length - 1)
            .Where(k => layers[k].Columns == layers[k - 1].Rows)
            .Select(k => new DensePairReading(layers[k - 1].Name, layers[k].Name, Alignment(spectra[k - 1], spectra[k])));
        return new ProbeReading(layers, [.. pairs]);
    }

    /// <summary>
    /// Depth first, each module before what is inside it: the order in which a sequence of sequences calls them. named_modules of
    /// TorchSharp goes level by level.
    /// </summary>
    private static IEnumerable<(string Name, nn.Module Module)> Inside(nn.Module module, string path) => module.named_children()
        .SelectMany(child => Inside(child.module, $"{path}{child.name}.").Prepend(($"{path}{child.name}", child.module)));

    /// <summary>Null where a weight is NaN or infinite, which LAPACK does not take.</summary>
    private static LayerSpectrum? Spectrum(Linear layer)
    {
        using var scope = NewDisposeScope();
        using var unrecorded = no_grad();
        var values = layer.weight.detach().to(float64, CPU).contiguous().data<double>().ToArray();
        if (!Array.TrueForAll(values, double.IsFinite)) return null;
        return LayerSpectrum.Of(new NetworkShape((int)layer.in_features, (int)layer.out_features), values, 0);
    }

    private static double Alignment(LayerSpectrum? below, LayerSpectrum? above) => below is null || above is null
        ? double.NaN
        : LayerSpectrum.Alignment(above.LeadingRight, below.LeadingLeft);
}

/// <summary>What a probe saw at one moment.</summary>
/// <param name="Layers">The dense layers, in the order of the module.</param>
/// <param name="Pairs">Those that follow each other and whose sizes fit.</param>
public sealed record ProbeReading(IReadOnlyList<DenseLayerReading> Layers, IReadOnlyList<DensePairReading> Pairs);

/// <summary>One dense layer W (rows, columns); NaN where its weights are not finite, ratios NaN where they are all 0.</summary>
/// <param name="Name">Its path in the module.</param>
/// <param name="Rows">Outputs.</param>
/// <param name="Columns">Inputs.</param>
/// <param name="FrobeniusNorm">||W||_F.</param>
/// <param name="SpectralNorm">||W||_2.</param>
/// <param name="SpectralRatio">||W||_2 / ||W||_F: 1 for rank one, 1 / sqrt(rank) at least.</param>
/// <param name="RankOneResidual">||W / ||W||_F - u v^T||_F.</param>
public sealed record DenseLayerReading(
    string Name, int Rows, int Columns, double FrobeniusNorm, double SpectralNorm, double SpectralRatio, double RankOneResidual);

/// <summary>Two dense layers, the second fed by the first, with whatever acts on each unit alone (ReLU, dropout) between.</summary>
/// <param name="Below">The layer W_k nearer the input.</param>
/// <param name="Above">The layer W_{k+1}.</param>
/// <param name="Alignment">|&lt;v_{k+1}, u_k&gt;|, the leading right vector of the one above against the left one below.</param>
public sealed record DensePairReading(string Below, string Above, double Alignment);
