namespace TorchSharp;

/// <summary>
/// Owns what is created while it is the innermost scope of its thread, and disposes it when it is disposed itself.
/// </summary>
public sealed class DisposeScope : IDisposable
{
    private readonly DisposeScopeManager manager;
    private readonly HashSet<IDisposable> disposables = new(ReferenceEqualityComparer.Instance);
    private bool disposed;

    internal DisposeScope(DisposeScopeManager manager)
    {
        this.manager = manager;
        OuterScope = manager.Current;
    }

    internal DisposeScope? OuterScope { get; }

    public int DisposablesCount => disposables.Count;

    public IReadOnlyList<IDisposable> DisposablesView => [.. disposables];

    public bool Contains(IDisposable disposable) => disposables.Contains(disposable);

    /// <summary>Takes a tensor in, out of the scope that has it now, if any.</summary>
    public void Attach(IDisposable disposable)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (disposable is torch.Tensor tensor)
        {
            if (ReferenceEquals(tensor.OwningDisposeScope, this)) return;
            tensor.OwningDisposeScope?.disposables.Remove(tensor);
            tensor.OwningDisposeScope = this;
            manager.Counts.TensorStatistics.AttachedToScopeCount++;
        }
        disposables.Add(disposable);
    }

    public void Attach(params IDisposable[] disposables)
    {
        foreach (var one in disposables) Attach(one);
    }

    public IReadOnlyList<IDisposable> Attach(IEnumerable<IDisposable> disposables)
    {
        IDisposable[] all = [.. disposables];
        Attach(all);
        return all;
    }

    /// <summary>Lets go of it: from now on it lives until it is disposed by hand or by its finaliser.</summary>
    public T Detach<T>(T disposable)
        where T : IDisposable
    {
        DetachOne(disposable);
        return disposable;
    }

    public (T1 first, T2 second) Detach<T1, T2>(T1 first, T2 second)
        where T1 : IDisposable
        where T2 : IDisposable => (Detach(first), Detach(second));

    public (T1 first, T2 second, T3 third) Detach<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable
        where T2 : IDisposable
        where T3 : IDisposable => (Detach(first), Detach(second), Detach(third));

    public void Detach(params IDisposable[] disposables)
    {
        foreach (var one in disposables) DetachOne(one);
    }

    public void Detach(IEnumerable<IDisposable> disposables)
    {
        foreach (var one in disposables) DetachOne(one);
    }

    /// <summary>Hands it to the scope around this one; without one, it is detached.</summary>
    public T MoveToOuter<T>(T disposable)
        where T : IDisposable
    {
        Move(OuterScope, disposable);
        return disposable;
    }

    public (T1 first, T2 second) MoveToOuter<T1, T2>(T1 first, T2 second)
        where T1 : IDisposable
        where T2 : IDisposable => (MoveToOuter(first), MoveToOuter(second));

    public (T1 first, T2 second, T3 third) MoveToOuter<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable
        where T2 : IDisposable
        where T3 : IDisposable => (MoveToOuter(first), MoveToOuter(second), MoveToOuter(third));

    public void MoveToOuter(params IDisposable[] disposables)
    {
        foreach (var one in disposables) Move(OuterScope, one);
    }

    public void MoveToOuter(IEnumerable<IDisposable> disposables)
    {
        foreach (var one in disposables) Move(OuterScope, one);
    }

    public T MoveToOther<T>(DisposeScope? scope, T disposable)
        where T : IDisposable
    {
        Move(scope, disposable);
        return disposable;
    }

    public void MoveToOther(DisposeScope? scope, params IDisposable[] disposables)
    {
        foreach (var one in disposables) Move(scope, one);
    }

    public void DisposeEverything() => DisposeEverythingBut([]);

    public T DisposeEverythingBut<T>(T keep)
        where T : IDisposable
    {
        DisposeEverythingBut([keep]);
        return keep;
    }

    public void DisposeEverythingBut(params IDisposable[] keep)
    {
        IDisposable[] all = [.. disposables];
        disposables.Clear();
        foreach (var one in all)
        {
            if (Array.Exists(keep, k => ReferenceEquals(k, one))) disposables.Add(one);
            else DisposeOne(one);
        }
    }

    /// <summary>Called when something in the scope was disposed by hand.</summary>
    public void MarkAsDisposed(IDisposable disposable)
    {
        disposables.Remove(disposable);
        if (disposable is not torch.Tensor tensor) return;
        tensor.OwningDisposeScope = null;
        manager.Counts.TensorStatistics.DisposedInScopeCount++;
    }

    public void Dispose()
    {
        if (disposed) return;
        disposed = true;
        try
        {
            DisposeEverything();
        }
        finally
        {
            // What cannot be disposed leaves no dead scope behind for later tensors.
            manager.Remove(this);
        }
    }

    /// <summary>A tensor made while this is the current scope.</summary>
    internal void Include(torch.Tensor tensor)
    {
        disposables.Add(tensor);
        tensor.OwningDisposeScope = this;
    }

    /// <summary>Puts one object in the place of another, as a parameter takes over its tensor's handle.</summary>
    internal void Replace(torch.Tensor old, torch.Tensor now)
    {
        disposables.Remove(old);
        old.OwningDisposeScope = null;
        Include(now);
    }

    private void DetachOne(IDisposable disposable)
    {
        if (!disposables.Remove(disposable) || disposable is not torch.Tensor tensor) return;
        tensor.OwningDisposeScope = null;
        manager.Counts.TensorStatistics.DetachedFromScopeCount++;
    }

    private void Move(DisposeScope? scope, IDisposable disposable)
    {
        if (scope is null)
        {
            DetachOne(disposable);
            return;
        }
        if (!disposables.Remove(disposable)) return;
        if (disposable is torch.Tensor tensor) scope.Include(tensor);
        else scope.disposables.Add(disposable);
    }

    private void DisposeOne(IDisposable disposable)
    {
        if (disposable is torch.Tensor tensor)
        {
            tensor.OwningDisposeScope = null;
            tensor.Release();
            manager.Counts.TensorStatistics.DisposedInScopeCount++;
        }
        else
        {
            disposable.Dispose();
        }
    }
}
