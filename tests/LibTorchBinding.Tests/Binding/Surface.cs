using System.Globalization;
using System.Reflection;

namespace LibTorchBinding.Tests.Binding;

/// <summary>
/// The public and protected surface of an assembly, one signature a line, in the format of torchsharp-api.txt.
/// </summary>
internal static class Surface
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance
        | BindingFlags.Static | BindingFlags.DeclaredOnly;

    internal static SortedSet<string> Of(Assembly assembly)
    {
        var lines = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var type in assembly.GetTypes().Where(Reachable)) AddType(lines, type);
        return lines;
    }

    private static bool Reachable(Type type) =>
        (type.IsPublic || type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamORAssem)
        && (type.DeclaringType is null || Reachable(type.DeclaringType));

    private static void AddType(SortedSet<string> lines, Type type)
    {
        var name = Name(type);
        var plainBase = type.BaseType?.FullName is null or "System.Object" or "System.ValueType" or "System.Enum"
            && type.BaseType?.IsGenericType != true;
        lines.Add($"T {Kind(type)} {name}" + (plainBase ? "" : " : " + Name(type.BaseType!)));
        if (type.IsEnum)
        {
            foreach (var f in type.GetFields(BindingFlags.Public | BindingFlags.Static)) lines.Add($"F {name}.{f.Name}");
            return;
        }
        foreach (var c in type.GetConstructors(Declared).Where(c => Visible(c) && !c.IsStatic))
            lines.Add($"C {name}({Parameters(c)})");
        foreach (var f in type.GetFields(Declared).Where(f => f.IsPublic || f.IsFamily || f.IsFamilyOrAssembly))
            lines.Add($"F {(f.IsStatic ? "static " : "")}{Name(f.FieldType)} {name}.{f.Name}");
        foreach (var p in type.GetProperties(Declared)) AddProperty(lines, name, p);
        foreach (var m in type.GetMethods(Declared)) AddMethod(lines, name, m);
    }

    private static void AddProperty(SortedSet<string> lines, string type, PropertyInfo p)
    {
        var get = p.GetMethod is { } g && Visible(g);
        var set = p.SetMethod is { } s && Visible(s);
        if (!get && !set) return;
        var index = p.GetIndexParameters();
        var indices = index.Length > 0 ? "[" + string.Join(", ", index.Select(Parameter)) + "]" : "";
        var isStatic = (p.GetMethod ?? p.SetMethod)!.IsStatic ? "static " : "";
        var accessors = (get ? " get;" : "") + (set ? " set;" : "");
        lines.Add($"P {isStatic}{Name(p.PropertyType)} {type}.{p.Name}{indices} {{{accessors} }}");
    }

    private static void AddMethod(SortedSet<string> lines, string type, MethodInfo m)
    {
        var accessor = m.IsSpecialName && !m.Name.StartsWith("op_", StringComparison.Ordinal);
        if (!Visible(m) || accessor || m.Name.Contains('<')) return;
        var generic = m.IsGenericMethod ? "<" + string.Join(", ", m.GetGenericArguments().Select(x => x.Name)) + ">" : "";
        var extension = m.CustomAttributes.Any(a => a.AttributeType.Name == "ExtensionAttribute") ? "this " : "";
        var modifiers = (m.IsStatic ? "static " : "") + (m.IsFamily ? "protected " : "")
            + (m.IsAbstract ? "abstract " : m.IsVirtual && !m.IsFinal ? "virtual " : "");
        lines.Add($"M {modifiers}{Name(m.ReturnType)} {type}.{m.Name}{generic}({extension}{Parameters(m)})");
    }

    private static bool Visible(MethodBase m) => m.IsPublic || m.IsFamily || m.IsFamilyOrAssembly;

    private static string Kind(Type type) =>
        type.IsEnum ? "enum"
        : type.IsInterface ? "interface"
        : type.IsValueType ? "struct"
        : type.IsAbstract && type.IsSealed ? "static class"
        : type.IsAbstract ? "abstract class"
        : "class";

    private static string Parameters(MethodBase m) => string.Join(", ", m.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo p)
    {
        var isParams = p.CustomAttributes.Any(a => a.AttributeType.Name is "ParamArrayAttribute" or "ParamCollectionAttribute");
        var modifier = p.IsOut ? "out " : p.ParameterType.IsByRef ? "ref " : isParams ? "params " : "";
        return modifier + Name(p.ParameterType).TrimEnd('&') + " " + p.Name + (p.HasDefaultValue ? " = " + Default(p) : "");
    }

    private static string? Default(ParameterInfo p) => p.RawDefaultValue switch
    {
        null => "null",
        string s => $"\"{s}\"",
        bool b => b ? "true" : "false",
        IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
        var other => other.ToString(),
    };

    private static string Name(Type t)
    {
        if (t.IsByRef) return Name(t.GetElementType()!) + "&";
        if (t.IsPointer) return Name(t.GetElementType()!) + "*";
        if (t.IsArray) return Name(t.GetElementType()!) + "[" + new string(',', t.GetArrayRank() - 1) + "]";
        if (t.IsGenericParameter) return t.Name;
        if (t.IsGenericType && t.GetGenericTypeDefinition().FullName == "System.Nullable`1")
            return Name(t.GetGenericArguments()[0]) + "?";
        if (Keyword(t.FullName) is { } keyword) return keyword;
        var own = t.Name;
        var tick = own.IndexOf('`');
        if (tick >= 0) own = own[..tick];
        var outer = t.DeclaringType is { } d ? Name(d.IsGenericType ? d.GetGenericTypeDefinition() : d) + "."
            : t.Namespace is null or "System" or "System.Collections.Generic" ? ""
            : t.Namespace + ".";
        return outer + own + (tick >= 0 ? "<" + string.Join(", ", t.GetGenericArguments().Select(Name)) + ">" : "");
    }

    private static string? Keyword(string? type) => type switch
    {
        "System.Void" => "void",
        "System.Int64" => "long",
        "System.Int32" => "int",
        "System.Double" => "double",
        "System.Single" => "float",
        "System.Boolean" => "bool",
        "System.String" => "string",
        "System.Object" => "object",
        "System.Byte" => "byte",
        _ => null,
    };
}
