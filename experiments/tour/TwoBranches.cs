using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Tour;

/// <summary>An own module: f(x) = a W x + b relu(V x), a linear branch beside one with a ReLU; no bias.</summary>
internal sealed class TwoBranches : nn.Module<Tensor, Tensor>
{
    private readonly Linear linearIn;
    private readonly Linear linearOut;
    private readonly Linear reluIn;
    private readonly Linear reluOut;

    public TwoBranches(long inputs, long width) : base(nameof(TwoBranches))
    {
        linearIn = nn.Linear(inputs, width, hasBias: false, dtype: float64);
        linearOut = nn.Linear(width, 1, hasBias: false, dtype: float64);
        reluIn = nn.Linear(inputs, width, hasBias: false, dtype: float64);
        reluOut = nn.Linear(width, 1, hasBias: false, dtype: float64);
        RegisterComponents();
    }

    /// <summary>x (n, d) to f (n).</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var sum = linearOut.call(linearIn.call(x)) + reluOut.call(nn.functional.relu(reluIn.call(x)));
        return sum.squeeze(-1).MoveToOuterDisposeScope();
    }
}
