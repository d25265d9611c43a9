using static TorchSharp.torch;

namespace TorchAlign.Fields;

/// <summary>
/// A linear map whose numbers lie on a torch device; see <see cref="ILinearMap.On"/>. States come in pieces: layers (d_k, d_{k-1}), or
/// one piece (m) for states of other numbers. Nothing is read back.
/// </summary>
internal interface ITorchLinearMap : IDisposable
{
    /// <summary>About how many multiplications both ways take.</summary>
    double Work { get; }

    /// <summary>The pieces of a flat state, as views.</summary>
    Tensor[] Cut(Tensor state);

    /// <summary>
    /// The layers W = A x, and where -grad R(W) is to be written; parts of x and <paramref name="direction"/> themselves, where A leaves
    /// those as they are.
    /// </summary>
    (Tensor[] W, Tensor[] Direction) Apply(Tensor[] x, Tensor[] direction);

    /// <summary>Writes A^T of what was written there to <paramref name="direction"/>.</summary>
    void ApplyTransposed(Tensor[] gradient, Tensor[] direction);
}
