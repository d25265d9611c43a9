using System.Reflection;
using LibTorchBinding.Tests.Gradients;
using TorchSharp;
using static TorchSharp.torch;

namespace LibTorchBinding.Tests.Binding;

/// <summary>An operation of the binding that is new must come with a row, or stand among those without derivative.</summary>
public class GradientCoverageTests
{
    private const BindingFlags Own =
        BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    // Integers and truth values, random fills, and what hands on, frees or changes the state of the very tensor.
    private static readonly HashSet<string> WithoutDerivative =
    [
        "eq", "equal", "ne", "lt", "le", "gt", "ge", "op_Equality", "op_Inequality", "op_LessThan", "op_LessThanOrEqual",
        "op_GreaterThan", "op_GreaterThanOrEqual", "op_BitwiseAnd", "op_BitwiseOr", "op_OnesComplement", "isfinite", "isnan",
        "isinf", "logical_and", "logical_or", "logical_xor", "logical_not", "all", "any", "argmax", "argmin", "argsort",
        "nonzero", "matrix_rank", "long", "int", "bool", "uniform_", "normal_", "detach", "detach_", "requires_grad_",
        "with_requires_grad", "DetachFromDisposeScope", "MoveToOuterDisposeScope", "MoveToOtherDisposeScope",
        "zeros_like", "ones_like", "empty_like", "full_like", "randn_like", "one_hot", "op_Implicit", "WrappedTensorDisposeScope",
    ];

    // The same operation in another type or on another device; rows run in float64 on the CPU.
    private static readonly HashSet<string> ElsewhereThanHere = ["float", "cuda"];

    // Called by forms of their own in the rows: lists of tensors, and numbers on the left.
    private static readonly HashSet<string> ByForms = ["cat", "stack", "einsum", "where", "multi_dot"];

    [Fact]
    public void Every_operation_with_a_derivative_has_a_row()
    {
        var covered = Rows.All().SelectMany(r => r.Methods()).ToHashSet();
        var missing = Operations().Where(m => !covered.Contains(m) && !Excused(m)).Select(m => $"{m.DeclaringType!.Name}: {m}");
        Assert.Equal([], missing);
    }

    [Fact]
    public void A_missing_row_would_be_noticed()
    {
        var exp = typeof(Tensor).GetMethod(nameof(Tensor.exp))!;
        Assert.Contains(exp, Operations());
        Assert.False(Excused(exp));
    }

    private static IEnumerable<MethodInfo> Operations() =>
        new[] { typeof(Tensor), typeof(torch), typeof(linalg), typeof(nn.functional) }
            .SelectMany(t => t.GetMethods(Own))
            .Where(m => !m.IsSpecialName || m.Name.StartsWith("op_", StringComparison.Ordinal))
            .Where(m => GivesTensors(m.ReturnType) && (!m.IsStatic || TakesTensors(m)));

    private static bool GivesTensors(Type type) =>
        type == typeof(Tensor) || type == typeof(Tensor[])
        || (type.IsGenericType && type.GetGenericArguments().All(a => a == typeof(Tensor)) && type.IsValueType);

    private static bool TakesTensors(MethodInfo m) => m.GetParameters().Any(p =>
        p.ParameterType == typeof(Tensor) || p.ParameterType == typeof(Tensor[])
        || p.ParameterType.GenericTypeArguments.Contains(typeof(Tensor)));

    private static bool Excused(MethodInfo m) =>
        WithoutDerivative.Contains(m.Name) || ElsewhereThanHere.Contains(m.Name) || ByForms.Contains(m.Name)
        || (m.Name.StartsWith("op_", StringComparison.Ordinal) && m.GetParameters()[0].ParameterType != typeof(Tensor))
        // Reflection cannot pass a span; the array's overload calls the same operator.
        || m.GetParameters().Any(p => p.ParameterType.IsByRefLike);
}
