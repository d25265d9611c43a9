using System.Collections.ObjectModel;
using System.Globalization;
using System.Reflection;

namespace TorchSharpSurface;

/// <summary>
/// The public and protected surface of an assembly, one member a line, in the format of torchsharp-0.106-full.txt: accessibility,
/// virtual, override and sealed, interfaces, constraints, tuple names, values of enums, delegates, [Obsolete].
/// </summary>
internal static class Surface
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance
        | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>The lines of all types that are public through and through, in ordinal order.</summary>
    internal static SortedSet<string> Of(Assembly assembly) =>
        new(assembly.GetTypes().Where(t => t.IsVisible).SelectMany(Of), StringComparer.Ordinal);

    /// <summary>The lines of one type, without those of the types nested in it.</summary>
    internal static IEnumerable<string> Of(Type type)
    {
        if (type.BaseType == typeof(MulticastDelegate)) return [Delegate(type)];
        var name = ListName.Of(type);
        if (type.IsEnum)
        {
            var values = type.GetFields(BindingFlags.Public | BindingFlags.Static);
            return [TypeLine(type), .. values.Select(f => $"F {name}.{f.Name} = {f.GetRawConstantValue()}")];
        }
        return
        [
            TypeLine(type),
            .. type.GetConstructors(Declared).Where(c => Visible(c) && !c.IsStatic)
                .Select(c => $"C {Access(c)}{name}({Parameters(c)}){Obsolete(c)}"),
            .. type.GetFields(Declared).Where(f => f.IsPublic || f.IsFamily || f.IsFamilyOrAssembly).Select(f => Field(name, f)),
            .. type.GetProperties(Declared).Where(p => p.GetAccessors(nonPublic: true).Any(Visible)).Select(p => Property(name, p)),
            .. type.GetMethods(Declared).Where(Listed).Select(m => Method(name, m)),
        ];
    }

    private static string TypeLine(Type type)
    {
        List<string> parents = [];
        if (type.IsEnum) parents.Add(ListName.Of(type.GetEnumUnderlyingType()));
        else
        {
            if (type.BaseType is { } b && b != typeof(object) && b != typeof(ValueType)) parents.Add(ListName.Of(b));
            var inherited = type.BaseType?.GetInterfaces() ?? [];
            parents.AddRange(type.GetInterfaces().Where(i => i.IsVisible && !inherited.Contains(i)).Select(ListName.Of));
        }
        return $"T {Kind(type)} {ListName.Of(type)}" + (parents.Count > 0 ? " : " + string.Join(", ", parents) : "")
            + Constraints(type.GetGenericArguments()) + Obsolete(type);
    }

    private static string Kind(Type type) =>
        type.IsEnum ? "enum"
        : type.IsInterface ? "interface"
        : type.IsValueType ? "struct"
        : type.IsAbstract && type.IsSealed ? "static class"
        : type.IsAbstract ? "abstract class"
        : type.IsSealed ? "sealed class"
        : "class";

    private static string Delegate(Type type)
    {
        var call = type.GetMethod("Invoke")!;
        return $"T delegate {ListName.Of(call.ReturnType)} {ListName.Of(type)}({Parameters(call)})"
            + Constraints(type.GetGenericArguments()) + Obsolete(type);
    }

    private static string Field(string type, FieldInfo f) =>
        $"F {(f.IsPublic ? "public " : f.IsFamilyOrAssembly ? "protected internal " : "protected ")}"
        + (f.IsLiteral ? "const " : f.IsStatic ? "static " : "") + (f.IsInitOnly ? "readonly " : "")
        + $"{ListName.Of(f.FieldType)} {type}.{f.Name}{TupleNames(f.CustomAttributes)}{Obsolete(f)}";

    private static string Property(string type, PropertyInfo p)
    {
        var get = p.GetMethod is { } g && Visible(g) ? g : null;
        var set = p.SetMethod is { } s && Visible(s) ? s : null;
        var index = p.GetIndexParameters();
        var indices = index.Length > 0 ? "[" + string.Join(", ", index.Select(Parameter)) + "]" : "";
        var getter = get is null ? "" : " get;";
        var setter = set is null ? "" : (set.IsPublic ? " " : " " + Access(set)) + (IsInit(set) ? "init;" : "set;");
        return $"P {Modifiers(get ?? set!)}{ListName.Of(p.PropertyType)} {type}.{p.Name}{indices} {{{getter}{setter} }}"
            + TupleNames(p.CustomAttributes) + Obsolete(p);
    }

    private static bool IsInit(MethodInfo set) =>
        set.ReturnParameter.GetRequiredCustomModifiers().Any(m => m.Name == "IsExternalInit");

    private static string Method(string type, MethodInfo m)
    {
        var arguments = m.IsGenericMethod ? m.GetGenericArguments() : [];
        var generic = arguments.Length > 0 ? "<" + string.Join(", ", arguments.Select(a => a.Name)) + ">" : "";
        var extension = Has(m.CustomAttributes, "ExtensionAttribute") ? "this " : "";
        return $"M {Modifiers(m)}{ListName.Of(m.ReturnType)} {type}.{m.Name}{generic}({extension}{Parameters(m)})"
            + Constraints(arguments) + TupleNames(m.ReturnParameter.CustomAttributes) + Obsolete(m);
    }

    private static bool Listed(MethodInfo m) =>
        Visible(m) && !m.Name.Contains('<') && (!m.IsSpecialName || m.Name.StartsWith("op_", StringComparison.Ordinal));

    private static bool Visible(MethodBase m) => m.IsPublic || m.IsFamily || m.IsFamilyOrAssembly;

    private static string Access(MethodBase m) =>
        m.IsPublic ? "public " : m.IsFamilyOrAssembly ? "protected internal " : "protected ";

    private static string Modifiers(MethodInfo m)
    {
        var isNew = m.Attributes.HasFlag(MethodAttributes.NewSlot);
        return Access(m) + (m.IsStatic ? "static " : "")
            + (m.IsAbstract ? isNew ? "abstract " : "abstract override "
                : !m.IsVirtual ? ""
                : isNew ? m.IsFinal ? "" : "virtual "
                : m.IsFinal ? "sealed override " : "override ");
    }

    private static string Parameters(MethodBase m) => string.Join(", ", m.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo p)
    {
        var modifier = p.IsOut ? "out " : p.ParameterType.IsByRef ? "ref "
            : Has(p.CustomAttributes, "ParamArrayAttribute") ? "params " : "";
        return modifier + ListName.Of(p.ParameterType).TrimEnd('&') + " " + p.Name + (p.HasDefaultValue ? " = " + Default(p) : "")
            + TupleNames(p.CustomAttributes);
    }

    private static string? Default(ParameterInfo p) => p.RawDefaultValue switch
    {
        null => "null",
        string s => $"\"{s}\"",
        bool b => b ? "true" : "false",
        IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
        var other => other.ToString(),
    };

    private static string Constraints(Type[] arguments) => string.Concat(arguments.Where(a => a.IsGenericParameter).Select(Constraint));

    private static string Constraint(Type parameter)
    {
        var special = parameter.GenericParameterAttributes;
        var isStruct = special.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
        string[] parts =
        [
            .. special.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint) ? ["class"] : Array.Empty<string>(),
            .. isStruct ? ["struct"] : Array.Empty<string>(),
            .. parameter.GetGenericParameterConstraints().Where(c => c != typeof(ValueType)).Select(ListName.Of),
            .. special.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint) && !isStruct ? ["new()"] : Array.Empty<string>(),
        ];
        return parts.Length > 0 ? $" where {parameter.Name} : {string.Join(", ", parts)}" : "";
    }

    private static string TupleNames(IEnumerable<CustomAttributeData> attributes)
    {
        var names = attributes.FirstOrDefault(a => a.AttributeType.Name == "TupleElementNamesAttribute");
        if (names is null) return "";
        var list = (ReadOnlyCollection<CustomAttributeTypedArgument>)names.ConstructorArguments[0].Value!;
        return " {" + string.Join(", ", list.Select(n => n.Value as string ?? "_")) + "}";
    }

    private static string Obsolete(MemberInfo m) => Has(m.CustomAttributes, "ObsoleteAttribute") ? " [Obsolete]" : "";

    private static bool Has(IEnumerable<CustomAttributeData> attributes, string name) =>
        attributes.Any(a => a.AttributeType.Name == name);
}
