using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>
/// A tensor that modules list and optimisers change. Made from a view it shares that view's memory, so that several
/// parameters can lie in one flat tensor.
/// </summary>
public class Parameter : Tensor
{
    /// <param name="data">Its native tensor passes to the parameter; the object itself becomes empty.</param>
    public Parameter(Tensor data, bool requires_grad = true)
        : base(data.with_requires_grad(requires_grad))
    {
    }
}
