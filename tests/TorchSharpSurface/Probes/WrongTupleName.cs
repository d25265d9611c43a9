// CS1061: the second element of max is called indexes.
using static TorchSharp.torch;

public static class WrongTupleName
{
    public static Tensor Of(Tensor x) => x.max(0).indices;
}
