// CS0117: PyTorch's vmap is no function of TorchSharp.
using TorchSharp;

public static class UnknownFunction
{
    public static object Of() => torch.vmap(null);
}
