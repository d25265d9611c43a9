namespace TorchSharpSurface;

/// <summary>
/// How the list writes a type: in full and with type arguments, but without the namespaces System and System.Collections.Generic,
/// and by C#'s keyword where it has one that <see cref="Keywords"/> knows.
/// </summary>
internal static class ListName
{
    /// <summary>The types that the list writes by their keyword.</summary>
    internal static readonly IReadOnlyDictionary<Type, string> Keywords = new Dictionary<Type, string>
    {
        [typeof(void)] = "void",
        [typeof(long)] = "long",
        [typeof(int)] = "int",
        [typeof(double)] = "double",
        [typeof(float)] = "float",
        [typeof(bool)] = "bool",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
        [typeof(byte)] = "byte",
    };

    internal static string Of(Type t)
    {
        if (t.IsByRef) return Of(t.GetElementType()!) + "&";
        if (t.IsPointer) return Of(t.GetElementType()!) + "*";
        if (t.IsArray) return Of(t.GetElementType()!) + "[" + new string(',', t.GetArrayRank() - 1) + "]";
        if (t.IsGenericParameter) return t.Name;
        if (Nullable.GetUnderlyingType(t) is { } value) return Of(value) + "?";
        if (Keywords.TryGetValue(t, out var keyword)) return keyword;
        var own = t.Name;
        var tick = own.IndexOf('`');
        if (tick >= 0) own = own[..tick];
        var outer = t.DeclaringType is { } d ? Of(d.IsGenericType ? d.GetGenericTypeDefinition() : d) + "."
            : t.Namespace is null or "System" or "System.Collections.Generic" ? ""
            : t.Namespace + ".";
        return outer + own + (tick >= 0 ? "<" + string.Join(", ", t.GetGenericArguments().Select(Of)) + ">" : "");
    }
}
