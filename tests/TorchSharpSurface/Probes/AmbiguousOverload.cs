// CS0121: the elements of an array or of a list? Which type do they have?
using TorchSharp;

public static class AmbiguousOverload
{
    public static torch.Tensor Of() => torch.tensor(null);
}
