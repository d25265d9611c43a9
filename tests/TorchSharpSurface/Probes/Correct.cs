// none: what the list has compiles, with its names of tuple elements, defaults, operators and conversions.
using System;
using System.Collections.Generic;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

public sealed class Doubled() : nn.Module<Tensor, Tensor>("doubled")
{
    public override Tensor forward(Tensor input) => 2 * input + input[0, ..];

    protected override void Dispose(bool disposing) => base.Dispose(disposing);
}

public sealed class Still : OptimizerHelper
{
    public int Remembered => _state.Count;

    public override Tensor step(Func<Tensor>? closure = null) => closure is null ? zeros(1) : closure();
}

public static class Correct
{
    public static double Of(Tensor x, IEnumerable<Parameter> parameters)
    {
        using var scope = NewDisposeScope();
        using var step = optim.SGD(parameters, 0.1, momentum: 0.9);
        var (values, indexes) = x.max(0);
        Tensor largest = x.max(0).values;
        Scalar one = 1.0;
        foreach (var pair in step.ParamGroups) pair.LearningRate *= 2;
        using (no_grad()) values.add_(one).mul_(indexes.to_type(ScalarType.Float64));
        return (double)(largest == values).sum() + new Doubled().to(CPU).call(x).item<double>();
    }
}
