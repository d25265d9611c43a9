// CS1061: PyTorch's new_tensor is no member of TorchSharp's tensors.
using static TorchSharp.torch;

public static class UnknownMember
{
    public static Tensor Of(Tensor x) => x.new_tensor(1.0);
}
