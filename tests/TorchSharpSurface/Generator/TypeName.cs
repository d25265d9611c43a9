namespace TorchSharpSurface;

/// <summary>A type as the list writes it: Outer&lt;A, B&gt;.Nested&lt;C&gt;, then what follows: [], [,], ?.</summary>
internal sealed record TypeName(IReadOnlyList<TypeName.Part> Parts, string Suffix)
{
    /// <summary>A name, with dots, and the type arguments that follow it.</summary>
    internal sealed record Part(string Name, IReadOnlyList<TypeName> Arguments);

    /// <summary>The name with the number of type arguments: Outer`2.Nested`1.</summary>
    internal string Key => string.Join('.', Parts.Select(p => p.Arguments.Count > 0 ? $"{p.Name}`{p.Arguments.Count}" : p.Name));

    internal bool IsTuple => Parts is [{ Name: "ValueTuple", Arguments.Count: > 1 }];

    internal static TypeName Parse(string text)
    {
        var suffix = text.Length;
        while ("[],?".Contains(text[suffix - 1])) suffix--;
        return new([.. ListText.Split(text[..suffix], ".").Aggregate(new List<Part>(), Append)], text[suffix..]);
    }

    /// <summary>Puts types in the place of type parameters.</summary>
    internal TypeName With(IReadOnlyDictionary<string, TypeName> arguments) =>
        Parts is [{ Arguments: [] } only] && arguments.TryGetValue(only.Name, out var argument)
            ? argument with { Suffix = argument.Suffix + Suffix }
            : this with { Parts = [.. Parts.Select(p => new Part(p.Name, [.. p.Arguments.Select(a => a.With(arguments))]))] };

    // Names without type arguments join to one part: TorchSharp.torch.Tensor.
    private static List<Part> Append(List<Part> parts, string piece)
    {
        var open = piece.IndexOf('<');
        var name = open < 0 ? piece : piece[..open];
        if (parts is [.., { Arguments: [] } last])
        {
            parts.RemoveAt(parts.Count - 1);
            name = last.Name + "." + name;
        }
        parts.Add(new(name, open < 0 ? [] : [.. ListText.Split(piece[(open + 1)..^1], ", ").Select(Parse)]));
        return parts;
    }
}
