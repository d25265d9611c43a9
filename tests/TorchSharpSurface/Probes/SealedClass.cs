// CS0509: Linear is sealed.
using TorchSharp.Modules;

public abstract class SealedClass : Linear;
