using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>x (n, in) to x W^T + b (n, out).</summary>
public sealed class Linear : nn.Module<Tensor, Tensor>
{
    private Parameter _weight;
    private Parameter? _bias;

    internal Linear(long inputSize, long outputSize, bool hasBias, Device? device, ScalarType? dtype)
        : base(nameof(Linear))
    {
        _weight = InitialParameter([outputSize, inputSize], inputSize, device, dtype);
        _bias = hasBias ? InitialParameter([outputSize], inputSize, device, dtype) : null;
        in_features = inputSize;
        out_features = outputSize;
        Register();
    }

    internal Linear(Parameter weight, Parameter? bias)
        : base(nameof(Linear))
    {
        (_weight, _bias) = (weight, bias);
        (out_features, in_features) = (weight.size(0), weight.size(1));
        Register();
    }

    public long in_features { get; set; }

    public long out_features { get; set; }

    /// <summary>(out, in). Setting it disposes the old one; a view of a larger tensor goes on sharing its memory.</summary>
    public Parameter weight
    {
        get => _weight;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            ReplaceParameter(ref _weight!, value, nameof(weight));
        }
    }

    /// <summary>(out), or null.</summary>
    public Parameter? bias
    {
        get => _bias;
        set => ReplaceParameter(ref _bias, value, nameof(bias));
    }

    public override Tensor forward(Tensor tensor) => nn.functional.linear(tensor, _weight, _bias);

    private void Register()
    {
        register_parameter(nameof(weight), _weight);
        if (_bias is not null) register_parameter(nameof(bias), _bias);
    }
}
