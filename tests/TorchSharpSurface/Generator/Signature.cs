namespace TorchSharpSurface;

/// <summary>A parameter: this, ref, out or params; its type; the default as the list writes it.</summary>
internal sealed record Parameter(
    IReadOnlyList<string> Modifiers, TypeName Type, IReadOnlyList<string> TupleNames, string Name, string? Default)
{
    internal static IReadOnlyList<Parameter> ParseAll(string text) => [.. ListText.Split(text, ", ").Select(Parse)];

    private static Parameter Parse(string text)
    {
        var tupleNames = ListText.TakeTupleNames(ref text);
        var sides = ListText.Split(text, " = ");
        var words = ListText.Split(sides[0], " ");
        return new(words[..^2], TypeName.Parse(words[^2]), tupleNames, words[^1], sides.Count > 1 ? sides[1] : null);
    }
}

/// <summary>A line of the list about a member. The type of a constructor and of an enum's value is null.</summary>
/// <param name="Kind">C constructor, F field, P property, M method.</param>
/// <param name="Owner">The type that declares it, as its own line names it.</param>
/// <param name="Accessors">Of a property: " get; set;".</param>
/// <param name="Value">Of an enum's field.</param>
internal sealed record Signature(
    char Kind, IReadOnlyList<string> Modifiers, TypeName? Type, string Owner, string Name, string TypeParameters,
    IReadOnlyList<Parameter> Parameters, IReadOnlyList<string> Constraints, string Accessors, IReadOnlyList<string> TupleNames,
    string? Value, bool IsObsolete)
{
    internal static Signature Parse(string line)
    {
        var (kind, text) = (line[0], line[2..]);
        var obsolete = ListText.TakeObsolete(ref text);
        var tupleNames = ListText.TakeTupleNames(ref text);
        var accessors = kind == 'P' ? ListText.TakeAccessors(ref text) : "";
        var constraints = kind == 'M' ? ListText.TakeConstraints(ref text) : [];
        string? value = null;
        if (kind == 'F' && text.IndexOf(" = ", StringComparison.Ordinal) is > 0 and var equals)
            (text, value) = (text[..equals], text[(equals + 3)..]);

        var open = kind is 'C' or 'M' ? text.IndexOf('(') : kind == 'P' && text.EndsWith(']') ? IndexerStart(text) : -1;
        var parameters = open < 0 ? "" : text[(open + 1)..^1];
        var words = ListText.Split(open < 0 ? text : text[..open], " ");
        var isConstructor = kind == 'C';
        var path = ListText.Split(words[^1], ".");
        var owner = isConstructor ? words[^1] : string.Join('.', path[..^1]);
        var name = path[^1].Split('<', 2);
        var typed = !isConstructor && value is null;
        return new(
            kind, words[..^(typed ? 2 : 1)], typed ? TypeName.Parse(words[^2]) : null, owner, name[0],
            name.Length > 1 && !isConstructor ? "<" + name[1] : "", Parameter.ParseAll(parameters), constraints, accessors, tupleNames,
            value, obsolete);
    }

    // The last bracket outside of all others opens the indices.
    private static int IndexerStart(string text)
    {
        var depth = 0;
        for (var i = text.Length - 1; ; i--)
        {
            depth += text[i] switch { ']' => 1, '[' => -1, _ => 0 };
            if (depth == 0) return i;
        }
    }
}

/// <summary>A line of the list about a type. A delegate has a result and parameters, others may have parents.</summary>
/// <param name="Kind">As C# says it: "static class", "enum", "delegate".</param>
/// <param name="Name">In full, with type parameters.</param>
internal sealed record TypeSignature(
    string Kind, string Name, IReadOnlyList<TypeName> Parents, IReadOnlyList<string> Constraints, TypeName? Result,
    IReadOnlyList<Parameter> Parameters, bool IsObsolete)
{
    internal static TypeSignature Parse(string line)
    {
        var text = line[2..];
        var obsolete = ListText.TakeObsolete(ref text);
        var constraints = ListText.TakeConstraints(ref text);
        if (text.StartsWith("delegate ", StringComparison.Ordinal))
        {
            var open = text.IndexOf('(');
            var head = ListText.Split(text[..open], " ");
            return new("delegate", head[2], [], constraints, TypeName.Parse(head[1]), Parameter.ParseAll(text[(open + 1)..^1]), obsolete);
        }
        var sides = ListText.Split(text, " : ");
        var words = ListText.Split(sides[0], " ");
        var parents = sides.Count > 1 ? ListText.Split(sides[1], ", ").Select(TypeName.Parse) : [];
        return new(string.Join(' ', words[..^1]), words[^1], [.. parents], constraints, null, [], obsolete);
    }
}
