using TorchAlign.Data;
using TorchAlign.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchAlign.Losses;

/// <summary><see cref="CrossEntropyLoss"/> on a torch device.</summary>
internal sealed class TorchCrossEntropy : ITorchProductLoss
{
    private readonly Tensor _inputs, _targets, _classes;

    internal TorchCrossEntropy(RegressionSet data, Device device, ScalarType dtype)
    {
        (_inputs, _targets) = (data.X.ToTensor(device, dtype), data.Y.ToTensor(device, dtype));
        _classes = arange(data.Outputs, dtype: int64, device: device).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    /// <remarks>
    /// As on managed memory: from the largest score down, so that nothing overflows, and what the others add to its 1 is kept apart, or
    /// a small risk and its gradient would be lost in rounding. log(1 + others) and -fit are not negative, so their sums may be
    /// taken apart.
    /// </remarks>
    public (Tensor Risk, Tensor Gradient) Evaluate(Tensor product)
    {
        using var scope = NewDisposeScope();
        var scores = _inputs.mm(product.t());
        var (largest, place) = scores.max(1, keepdim: true);
        var isTop = _classes.eq(place);
        var top = isTop.to(scores.dtype);
        scores.sub_(largest);
        var fit = (scores * _targets).sum();
        scores.exp_().masked_fill_(isTop, 0);
        var others = scores.sum(1, keepdim: true);
        var risk = (others.log1p().sum() - fit).div_(_inputs.shape[0]);
        // softmax - y = e / (1 + others) + (top - y), the top's e being -others; the bracket is 0 where the top is all of y.
        scores.addcmul_(top, others, -1).div_(others + 1).add_(top.sub_(_targets));
        return (risk.MoveToOuterDisposeScope(), scores.t().mm(_inputs).div_(_inputs.shape[0]).MoveToOuterDisposeScope());
    }

    public void Dispose()
    {
        _inputs.Dispose();
        _targets.Dispose();
        _classes.Dispose();
    }
}
