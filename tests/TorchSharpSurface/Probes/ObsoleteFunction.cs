// CS0618: svd without linalg is obsolete.
using TorchSharp;

public static class ObsoleteFunction
{
    public static object Of(torch.Tensor x) => torch.svd(x);
}
