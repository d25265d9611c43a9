using System.Reflection;
using TorchSharp;
using static TorchSharp.torch;

namespace LibTorchBinding.Tests.Gradients;

/// <summary>An input that is differentiated by, float64; positive ones lie in [0.5, 1.5).</summary>
public sealed record Real(bool Positive, long[] Size);

/// <summary>One operation with arguments: Reals to differentiate by, Func of Tensor for others, the rest as it is.</summary>
public sealed record Row(string Name, object?[] Args)
{
    /// <summary>The class of a static operation that is no method of a tensor.</summary>
    public Type? On { get; init; }

    /// <summary>Makes the first input fit, such as symmetric.</summary>
    public Func<Tensor, Tensor>? Before { get; init; }

    /// <summary>Takes from the result what has one derivative, such as U S V^T where vectors have no sign.</summary>
    public Func<object, Tensor>? After { get; init; }

    /// <summary>Names the case in the test list.</summary>
    public override string ToString() => $"{On?.Name ?? "Tensor"}.{Name}({string.Join(", ", Args.Select(Show))})";

    /// <summary>Whether the operation changes its first argument.</summary>
    public bool InPlace => Name.EndsWith('_');

    /// <summary>The method, and on tensors also the function torch.Name of the same arguments.</summary>
    public IEnumerable<MethodInfo> Methods()
    {
        if (On is not null) return [Find(On, true) ?? throw new MissingMethodException(ToString())];
        var method = Find(typeof(Tensor), Name.StartsWith("op_", StringComparison.Ordinal))
            ?? throw new MissingMethodException(ToString());
        // torch.where takes the condition first, the method takes it second.
        return Name != "where" && Find(typeof(torch), true) is { } function ? [method, function] : [method];
    }

    /// <summary>Calls a method on actual arguments and reduces the result to one tensor.</summary>
    public Tensor Call(MethodInfo method, object?[] actual)
    {
        var first = (Tensor)actual[0]!;
        if (Before is not null) first = Before(first);
        if (InPlace) first = first.clone();
        object?[] args = [first, .. actual.Skip(1)];
        if (!method.IsStatic) args = args[1..];
        object?[] all = [.. args, .. Enumerable.Repeat(Type.Missing, method.GetParameters().Length - args.Length)];
        var result = method.Invoke(method.IsStatic ? null : first, all)!;
        return After is not null ? After(result) : Reduce(result);
    }

    private static Tensor Reduce(object result) => result switch
    {
        Tensor t => t,
        Tensor[] list => cat(list.Select(t => t.flatten()).ToArray()),
        System.Runtime.CompilerServices.ITuple tuple => (Tensor)tuple[0]!,
        _ => throw new InvalidOperationException($"a result of type {result.GetType()}"),
    };

    private MethodInfo? Find(Type type, bool isStatic)
    {
        var wanted = isStatic ? Args : Args[1..];
        return type.GetMethods()
            .Where(m => m.Name == Name && m.IsStatic == isStatic && Fits(m.GetParameters(), wanted))
            .OrderBy(m => m.GetParameters().Length).FirstOrDefault();
    }

    private static bool Fits(ParameterInfo[] parameters, object?[] wanted) =>
        parameters.Length >= wanted.Length
        && parameters.Skip(wanted.Length).All(p => p.IsOptional)
        && wanted.Zip(parameters).All(p => Fits(p.Second.ParameterType, p.First));

    private static bool Fits(Type parameter, object? argument) => argument switch
    {
        null => !parameter.IsValueType || Nullable.GetUnderlyingType(parameter) is not null,
        Real or Func<Tensor> => parameter == typeof(Tensor),
        Real[] => parameter == typeof(Tensor[]),
        _ => parameter == argument.GetType() || Nullable.GetUnderlyingType(parameter) == argument.GetType()
            || (parameter.IsGenericType && parameter.IsInstanceOfType(argument)),
    };

    private static string Show(object? argument) => argument switch
    {
        Real r => $"[{string.Join('x', r.Size)}]",
        Real[] list => string.Join(" ", list.Select(Show)),
        Func<Tensor> => "tensor",
        Array list => $"({string.Join(' ', list.Cast<object>())})",
        Scalar s => $"{s.ToDouble()}s",
        _ => $"{argument}",
    };
}
