// CS0108: OptimizerHelper has a protected _state.
using TorchSharp.Modules;

public abstract class HiddenMember : OptimizerHelper
{
    private readonly double _state = 1;

    public double Value => _state;
}
