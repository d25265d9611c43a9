// CS0122: _state is for those who derive.
using TorchSharp.Modules;

public static class ProtectedMember
{
    public static object Of(OptimizerHelper optimizer) => optimizer._state;
}
