// CS0453: an item is a value.
using static TorchSharp.torch;

public static class BrokenConstraint
{
    public static object Of(Tensor x) => x.item<string>();
}
