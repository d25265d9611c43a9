using System.Globalization;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>One module without parameters.</summary>
public abstract class ParameterLessModule<T1, TResult> : nn.Module<T1, TResult>
{
    protected ParameterLessModule(string name)
        : base(name)
    {
    }
}

/// <summary>max(x, 0).</summary>
public sealed class ReLU : ParameterLessModule<Tensor, Tensor>
{
    internal ReLU(bool inplace)
        : base(nameof(ReLU)) => this.inplace = inplace;

    public bool inplace { get; set; }

    public override Tensor forward(Tensor tensor) => nn.functional.relu(tensor, inplace);
}

/// <summary>Modules one after the other, named "0", "1", ... unless named otherwise.</summary>
public class Sequential : nn.Module<Tensor, Tensor>
{
    private readonly List<nn.IModule<Tensor, Tensor>> steps = [];

    protected Sequential(params nn.Module<Tensor, Tensor>[] modules)
        : base(nameof(Sequential))
    {
        foreach (var module in modules) append(module);
    }

    protected Sequential(params (string name, nn.Module<Tensor, Tensor> submodule)[] modules)
        : base(nameof(Sequential))
    {
        foreach (var (name, module) in modules) append(name, module);
    }

    public int Count => steps.Count;

    internal static Sequential Of(params nn.Module<Tensor, Tensor>[] modules) => new(modules);

    internal static Sequential Of(params (string name, nn.Module<Tensor, Tensor> submodule)[] modules) => new(modules);

    [System.Runtime.CompilerServices.IndexerName("SequentialItems")]
    public nn.IModule<Tensor, Tensor> this[int index] => steps[index];

    public Sequential append(nn.IModule<Tensor, Tensor> module) =>
        append(steps.Count.ToString(CultureInfo.InvariantCulture), module);

    public Sequential append(string name, nn.IModule<Tensor, Tensor> module)
    {
        register_module(name, (nn.Module)module);
        steps.Add(module);
        return this;
    }

    /// <summary>Results on the way are disposed, unless a step hands its input on.</summary>
    public override Tensor forward(Tensor tensor)
    {
        if (steps.Count == 0) return tensor.alias();
        var current = tensor;
        foreach (var step in steps)
        {
            var next = step.call(current);
            if (!ReferenceEquals(current, tensor) && !ReferenceEquals(current, next)) current.Dispose();
            current = next;
        }
        return current;
    }
}
