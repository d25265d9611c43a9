using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace TorchSharp;

/// <summary>
/// An operator of libtorch by name and overload. Its native handle is looked up at the first call and kept; arguments left
/// out at the end take the defaults of the operator's schema.
/// </summary>
internal sealed unsafe class Operator(string name, string overload = "")
{
    private const int StackWords = 128;
    private IntPtr native;

    /// <summary>Calls it; the result is one tensor.</summary>
    internal torch.Tensor Call(params ReadOnlySpan<Arg> args)
    {
        NativeValue result;
        Invoke(args, &result, 1);
        return new torch.Tensor((IntPtr)result.Bits);
    }

    /// <summary>Calls it and drops the result: for operators that change one of their arguments.</summary>
    internal void Run(params ReadOnlySpan<Arg> args) => Invoke(args, null, 0);

    /// <summary>Calls it on tensor[0], which it changes, and returns that tensor.</summary>
    internal torch.Tensor Change(torch.Tensor self, params ReadOnlySpan<Arg> args)
    {
        Invoke(args, null, 0);
        return self;
    }

    /// <summary>The result is a truth value or a number.</summary>
    internal long CallInt(params ReadOnlySpan<Arg> args)
    {
        NativeValue result;
        Invoke(args, &result, 1);
        return result.Bits;
    }

    internal (torch.Tensor, torch.Tensor) Call2(params ReadOnlySpan<Arg> args)
    {
        var results = stackalloc NativeValue[2];
        Invoke(args, results, 2);
        return (new((IntPtr)results[0].Bits), new((IntPtr)results[1].Bits));
    }

    internal (torch.Tensor, torch.Tensor, torch.Tensor) Call3(params ReadOnlySpan<Arg> args)
    {
        var results = stackalloc NativeValue[3];
        Invoke(args, results, 3);
        return (new((IntPtr)results[0].Bits), new((IntPtr)results[1].Bits), new((IntPtr)results[2].Bits));
    }

    internal (torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor) Call4(params ReadOnlySpan<Arg> args)
    {
        var results = stackalloc NativeValue[4];
        Invoke(args, results, 4);
        return (new((IntPtr)results[0].Bits), new((IntPtr)results[1].Bits), new((IntPtr)results[2].Bits),
            new((IntPtr)results[3].Bits));
    }

    /// <summary>The result is a list of <paramref name="count"/> tensors.</summary>
    internal torch.Tensor[] CallList(int count, params ReadOnlySpan<Arg> args)
    {
        var results = new NativeValue[Math.Max(count, 1)];
        fixed (NativeValue* p = results) Invoke(args, p, results.Length);
        return [.. results.Take(count).Select(r => new torch.Tensor((IntPtr)r.Bits))];
    }

    [SkipLocalsInit]
    private void Invoke(ReadOnlySpan<Arg> args, NativeValue* results, int count)
    {
        var op = native != 0 ? native : Resolve();
        var words = 0;
        foreach (ref readonly var arg in args) words += arg.Words;
        // Lists are short: shapes, a few tensors. A longer one (cat of hundreds) goes to the heap.
        var large = words > StackWords ? (long*)NativeMemory.Alloc((nuint)words, sizeof(long)) : null;
        var small = stackalloc long[large == null ? words : 0];
        var values = stackalloc NativeValue[args.Length];
        try
        {
            var list = large == null ? small : large;
            for (var i = 0; i < args.Length; i++)
            {
                args[i].Write(values + i, list);
                list += args[i].Words;
            }
            Native.Check(Native.ta_call(op, values, args.Length, results, count));
        }
        finally
        {
            NativeMemory.Free(large);
        }
        // A finaliser must not free a tensor between our reading its handle and libtorch taking its own reference.
        foreach (ref readonly var arg in args) GC.KeepAlive(arg.Reference);
    }

    private IntPtr Resolve()
    {
        fixed (byte* n = Encoding.UTF8.GetBytes($"aten::{name}\0"), o = Encoding.UTF8.GetBytes(overload + "\0"))
        {
            native = Native.ta_operator(n, o);
        }
        if (native == 0) Native.Throw();
        return native;
    }
}
