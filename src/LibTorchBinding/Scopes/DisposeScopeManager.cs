namespace TorchSharp;

/// <summary>The scopes of one thread, innermost last, and what was counted on that thread.</summary>
public sealed class DisposeScopeManager
{
    [ThreadStatic]
    private static DisposeScopeManager? ofThread;

    private readonly List<DisposeScope> scopes = [];

    internal static DisposeScopeManager OfThread => ofThread ??= new DisposeScopeManager();

    /// <summary>What the current thread created, disposed, attached and detached.</summary>
    public static ThreadDisposeScopeStatistics Statistics => OfThread.Counts;

    internal ThreadDisposeScopeStatistics Counts { get; } = new();

    internal DisposeScope? Current => scopes.Count > 0 ? scopes[^1] : null;

    internal DisposeScope Open()
    {
        var scope = new DisposeScope(this);
        scopes.Add(scope);
        return scope;
    }

    internal void Remove(DisposeScope scope) => scopes.Remove(scope);

    internal static void Register(torch.Tensor tensor)
    {
        var manager = OfThread;
        if (manager.Current is { } scope)
        {
            scope.Include(tensor);
            manager.Counts.TensorStatistics.CreatedInScopeCount++;
        }
        else
        {
            manager.Counts.TensorStatistics.CreatedOutsideScopeCount++;
        }
    }
}

public static partial class torch
{
    /// <summary>Opens a scope on this thread; dispose it (`using`) to free the tensors made in it.</summary>
    public static DisposeScope NewDisposeScope() => DisposeScopeManager.OfThread.Open();

    public static DisposeScope? CurrentDisposeScope => DisposeScopeManager.OfThread.Current;

    /// <summary>Runs <paramref name="expr"/> in a scope of its own and keeps its result alone.</summary>
    public static Tensor WrappedTensorDisposeScope(Func<Tensor> expr)
    {
        using var scope = NewDisposeScope();
        return expr().MoveToOuterDisposeScope();
    }
}
