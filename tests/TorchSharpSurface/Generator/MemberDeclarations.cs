namespace TorchSharpSurface;

/// <summary>Writes members as C#. An @ before every name spares a list of the keywords that TorchSharp has for names.</summary>
internal sealed class MemberDeclarations(CSharpTypes types)
{
    internal const string Obsolete = "[global::System.Obsolete(\"TorchSharp marks it obsolete.\")]";
    private const string Throw = " => throw null;";

    private static readonly Dictionary<string, string> Operators = new()
    {
        ["op_Addition"] = "+",
        ["op_BitwiseAnd"] = "&",
        ["op_BitwiseOr"] = "|",
        ["op_Division"] = "/",
        ["op_Equality"] = "==",
        ["op_ExclusiveOr"] = "^",
        ["op_GreaterThan"] = ">",
        ["op_GreaterThanOrEqual"] = ">=",
        ["op_Inequality"] = "!=",
        ["op_LessThan"] = "<",
        ["op_LessThanOrEqual"] = "<=",
        ["op_Modulus"] = "%",
        ["op_Multiply"] = "*",
        ["op_OnesComplement"] = "~",
        ["op_Subtraction"] = "-",
        ["op_UnaryNegation"] = "-",
    };

    // Defaults of these are written as they are; every other number is an enum's.
    private static readonly HashSet<string> Numbers =
        ["long", "int", "double", "float", "byte", "SByte", "Int16", "UInt16", "UInt32", "UInt64"];

    /// <summary>A member of a type that is itself called <paramref name="own"/>.</summary>
    /// <param name="member">The member.</param>
    /// <param name="scope">The type parameters that the type sees.</param>
    /// <param name="own">What constructors are called.</param>
    /// <param name="inInterface">Members of interfaces have no modifiers.</param>
    /// <param name="chain">What a constructor calls of its base.</param>
    internal string Write(Signature member, IReadOnlySet<string> scope, string own, bool inInterface, string chain)
    {
        var modifiers = inInterface ? "" : string.Concat(member.Modifiers.Select(m => m + " "));
        var isAbstract = member.Modifiers.Contains("abstract");
        return member.Kind switch
        {
            'C' => $"{modifiers}{own}({Parameters(member.Parameters, scope)}){chain}{Throw}",
            'F' => $"{modifiers}{Type(member, scope)} @{member.Name}{(member.Modifiers.Contains("const") ? " = default" : "")};",
            'P' => Property(member, scope, modifiers, isAbstract),
            'M' when member is { Name: "Finalize", Parameters: [] } => $"~{own}() {{ }}",
            'M' => Method(member, scope, modifiers, isAbstract),
            _ => throw new FormatException($"A member of kind '{member.Kind}'?"),
        };
    }

    /// <summary>A member of an interface, implemented for those alone who ask for that interface.</summary>
    internal string WriteExplicit(Signature member, string type, IReadOnlySet<string> scope)
    {
        var name = $"{Type(member, scope)} {type}.";
        return member.Kind == 'P'
            ? name + (member.Parameters.Count > 0 ? $"this[{Parameters(member.Parameters, scope)}]" : "@" + member.Name)
                + Accessors(member, isAbstract: false)
            : $"{name}@{member.Name}{member.TypeParameters}({Parameters(member.Parameters, scope)}){Throw}";
    }

    internal string Parameters(IReadOnlyList<Parameter> parameters, IReadOnlySet<string> scope) =>
        string.Join(", ", parameters.Select(p => string.Concat(p.Modifiers.Select(m => m + " "))
            + $"{types.Write(p.Type, scope, p.TupleNames)} @{p.Name}{Default(p, scope)}"));

    internal string Constraints(IReadOnlyList<string> constraints, IReadOnlySet<string> scope) =>
        string.Concat(constraints.Select(c =>
        {
            var sides = ListText.Split(c, " : ");
            var terms = ListText.Split(sides[1], ", ").Select(term => term is "class" or "struct" or "new()" ? term : Plain(term));
            return $" where {sides[0]} : {string.Join(", ", terms)}";

            string Plain(string type) => types.Write(TypeName.Parse(type), scope);
        }));

    private string Type(Signature member, IReadOnlySet<string> scope) => types.Write(member.Type!, scope, member.TupleNames);

    private string Property(Signature member, IReadOnlySet<string> scope, string modifiers, bool isAbstract)
    {
        var head = $"{modifiers}{Type(member, scope)} ";
        if (member.Parameters.Count == 0) return $"{head}@{member.Name}{Accessors(member, isAbstract)}";
        var name = member.Name == "Item" || member.Modifiers.Contains("override") ? ""
            : $"[global::System.Runtime.CompilerServices.IndexerName(\"{member.Name}\")] ";
        return $"{name}{head}this[{Parameters(member.Parameters, scope)}]{Accessors(member, isAbstract)}";
    }

    private static string Accessors(Signature member, bool isAbstract) =>
        $" {{{(isAbstract ? member.Accessors : member.Accessors.Replace(";", Throw))} }}";

    private string Method(Signature member, IReadOnlySet<string> outerScope, string modifiers, bool isAbstract)
    {
        var own = member.TypeParameters is "" ? [] : ListText.Split(member.TypeParameters[1..^1], ", ");
        var scope = outerScope.Concat(own).ToHashSet();
        var (type, parameters) = (Type(member, scope), Parameters(member.Parameters, scope));
        var end = isAbstract ? ";" : Throw;
        if (member.Name is "op_Implicit" or "op_Explicit")
            return $"{modifiers}{(member.Name == "op_Implicit" ? "implicit" : "explicit")} operator {type}({parameters}){end}";
        if (Operators.TryGetValue(member.Name, out var symbol)) return $"{modifiers}{type} operator {symbol}({parameters}){end}";
        // An override takes over what it overrides, and may not say it again.
        var constraints = member.Modifiers.Contains("override") ? "" : Constraints(member.Constraints, scope);
        return $"{modifiers}{type} @{member.Name}{member.TypeParameters}({parameters}){constraints}{end}";
    }

    private string Default(Parameter p, IReadOnlySet<string> scope)
    {
        if (p.Default is null) return "";
        if (p.Default == "null") return " = default";
        var plain = p.Type.Key == "bool" || p.Default.StartsWith('"');
        var value = plain ? p.Default
            : p.Type.Key == "Char" ? $"'{p.Default}'"
            : Numbers.Contains(p.Type.Key) ? p.Default + (p.Type.Key == "float" ? "f" : "")
            : $"({types.Write(p.Type with { Suffix = "" }, scope)})({p.Default})";
        return " = " + value;
    }
}
