namespace TorchSharpSurface;

/// <summary>Writes the list's types as C#, each in full, so that nothing depends on where it stands.</summary>
/// <param name="listed">The <see cref="TypeName.Key"/> of every type of the list.</param>
internal sealed class CSharpTypes(IReadOnlySet<string> listed)
{
    private static readonly HashSet<string> Keywords = [.. ListName.Keywords.Values];
    private static readonly Type[] Systems = [typeof(object), typeof(SortedSet<>), typeof(System.Numerics.Complex)];

    /// <summary>The types of TorchSharp that the list uses but does not have: those which are not public.</summary>
    internal SortedSet<string> Unlisted { get; } = new(StringComparer.Ordinal);

    /// <param name="type">The type.</param>
    /// <param name="scope">The type parameters that are known there.</param>
    /// <param name="tupleNames">The names of all tuples in the type, from the outside in.</param>
    internal string Write(TypeName type, IReadOnlySet<string> scope, IReadOnlyList<string> tupleNames) =>
        Compose(type, scope, new(tupleNames));

    internal string Write(TypeName type, IReadOnlySet<string> scope) => Compose(type, scope, []);

    /// <summary>The interface of .NET that a type is, if it is one.</summary>
    internal static Type? SystemInterface(TypeName type) => SystemType(type) is { IsInterface: true } found ? found : null;

    private string Compose(TypeName type, IReadOnlySet<string> scope, Queue<string> tupleNames)
    {
        if (type.IsTuple)
        {
            var elements = type.Parts[0].Arguments;
            if (elements.Count > 7) throw new NotSupportedException("The names of a tuple of eight or more are written otherwise.");
            var names = elements.Select(_ => tupleNames.TryDequeue(out var name) && name != "_" ? " @" + name : "").ToList();
            return $"({string.Join(", ", elements.Zip(names, (e, name) => Compose(e, scope, tupleNames) + name))}){type.Suffix}";
        }
        var parts = type.Parts.Select(p => p.Name
            + (p.Arguments.Count > 0 ? $"<{string.Join(", ", p.Arguments.Select(a => Compose(a, scope, tupleNames)))}>" : ""));
        return Prefix(type, scope) + string.Join('.', parts) + type.Suffix;
    }

    private string Prefix(TypeName type, IReadOnlySet<string> scope)
    {
        var key = type.Key;
        if (Keywords.Contains(key) || scope.Contains(key)) return "";
        if (key.StartsWith("TorchSharp.", StringComparison.Ordinal))
        {
            if (!listed.Contains(key)) Unlisted.Add(key);
            return "global::";
        }
        var found = SystemType(type) ?? throw new FormatException($"What is the type '{key}'?");
        return key.Contains('.') ? "global::" : $"global::{found.Namespace}.";
    }

    private static Type? SystemType(TypeName type) =>
        new[] { "System." + type.Key, "System.Collections.Generic." + type.Key, type.Key }
            .SelectMany(name => Systems.Select(t => t.Assembly.GetType(name)))
            .FirstOrDefault(t => t is not null);
}
