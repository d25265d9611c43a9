// CS0534: forward is abstract.
using static TorchSharp.torch;

public sealed class MissingOverride() : nn.Module<Tensor, Tensor>("missing");
