using static TorchSharp.torch;

namespace TorchAlign.Losses;

/// <summary>A product loss whose data lie on a torch device; see <see cref="IProductLoss.On"/>. Freed by its owner.</summary>
public interface ITorchProductLoss : IDisposable
{
    /// <summary>
    /// R (scalar) and dR/dP (d_L, d_0) at P (d_L, d_0), all on the loss's device and in its dtype, as new tensors of the caller's
    /// dispose scope. Queued there: nothing is read back.
    /// </summary>
    (Tensor Risk, Tensor Gradient) Evaluate(Tensor product);
}
