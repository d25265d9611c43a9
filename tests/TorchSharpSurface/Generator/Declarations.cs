using System.Text;

namespace TorchSharpSurface;

/// <summary>
/// C# that declares everything in a list of a surface. What is declared is for compiling against alone: every body throws.
/// What the list does not tell: nullability, so all is oblivious to it; the values of constants, which are 0 here; tuple names in a
/// type's parents; readonly and ref structs. Types that are not public but used are declared without members.
/// </summary>
internal sealed class Declarations
{
    // Chains constructors without naming any of the base's, which may all be hidden.
    private const string Hidden = "TorchSharpSurfaceHidden";

    private readonly Dictionary<string, TypeSignature> types;
    private readonly ILookup<string, Signature> members;
    private readonly ILookup<string?, TypeSignature> nested;
    private readonly CSharpTypes names;
    private readonly MemberDeclarations writer;
    private readonly StringBuilder text = new();

    internal Declarations(IEnumerable<string> list)
    {
        var lines = list.Where(line => !line.StartsWith('#')).ToList();
        types = lines.Where(line => line[0] == 'T').Select(TypeSignature.Parse).ToDictionary(t => t.Name);
        members = lines.Where(line => line[0] != 'T').Select(Signature.Parse).ToLookup(m => m.Owner);
        nested = types.Values.ToLookup(t => types.ContainsKey(Outer(t.Name)) ? Outer(t.Name) : null);
        names = new(types.Keys.Select(name => TypeName.Parse(name).Key).ToHashSet());
        writer = new(names);
        if (members.FirstOrDefault(m => !types.ContainsKey(m.Key)) is { } lost)
            throw new FormatException($"The list has members of '{lost.Key}', but not the type.");
    }

    internal string Write()
    {
        text.AppendLine("#nullable disable").AppendLine("#pragma warning disable");
        text.AppendLine($"internal struct {Hidden} {{ }}");
        foreach (var type in nested[null])
        {
            text.AppendLine($"namespace {Outer(type.Name)} {{");
            WriteType(type, new HashSet<string>());
            text.AppendLine("}");
        }
        foreach (var name in names.Unlisted) WriteUnlisted(name);
        return text.ToString();
    }

    private static string Outer(string name) => string.Join('.', ListText.Split(name, ".")[..^1]);

    private static string Own(string name) => ListText.Split(name, ".")[^1];

    private void WriteType(TypeSignature type, IReadOnlySet<string> outerScope)
    {
        var own = TypeName.Parse(Own(type.Name)).Parts[0];
        var scope = outerScope.Concat(own.Arguments.Select(a => a.Key)).ToHashSet();
        var constraints = writer.Constraints(type.Constraints, scope);
        if (type.IsObsolete) text.AppendLine(MemberDeclarations.Obsolete);
        if (type.Kind == "delegate")
        {
            text.AppendLine($"public delegate {names.Write(type.Result!, scope)} {Own(type.Name)}"
                + $"({writer.Parameters(type.Parameters, scope)}){constraints};");
            return;
        }
        var parents = type.Parents.Select(p => names.Write(p, scope)).ToList();
        // Unlisted types are declared in a second part of their outer class.
        var partial = type.Kind.EndsWith("class", StringComparison.Ordinal) ? type.Kind.Replace("class", "partial class") : type.Kind;
        text.AppendLine($"public {partial} {Own(type.Name)}{(parents.Count > 0 ? " : " : "")}{string.Join(", ", parents)}{constraints} {{");
        if (type.Kind == "enum")
        {
            foreach (var value in members[type.Name]) text.AppendLine($"    @{value.Name} = {value.Value},");
        }
        else
        {
            WriteMembers(type, own.Name, scope);
            foreach (var inner in nested[type.Name]) WriteType(inner, scope);
        }
        text.AppendLine("}");
    }

    private void WriteMembers(TypeSignature type, string own, IReadOnlySet<string> scope)
    {
        var isClass = type.Kind.EndsWith("class", StringComparison.Ordinal) && type.Kind != "static class";
        var chain = isClass && type.Parents.Any(p => IsListed(p, "class")) ? $" : base(default({Hidden}))" : "";
        if (isClass) text.AppendLine($"    internal {own}({Hidden} _){chain} {{ }}");
        // Without a field a struct would count as assigned from the start.
        if (type.Kind == "struct") text.AppendLine("    private readonly int hidden;");
        foreach (var member in members[type.Name])
        {
            if (member.IsObsolete) text.Append("    ").AppendLine(MemberDeclarations.Obsolete);
            text.Append("    ").AppendLine(writer.Write(member, scope, own, type.Kind == "interface", chain));
        }
        if (type.Kind == "interface") return;
        foreach (var parent in type.Parents)
            foreach (var member in InterfaceMembers(parent))
                text.Append("    ").AppendLine(writer.WriteExplicit(member, names.Write(parent, scope), scope));
    }

    // The list leaves out what implements an interface in private. So all of an interface is implemented so, public or not.
    private IEnumerable<Signature> InterfaceMembers(TypeName parent)
    {
        var lines = CSharpTypes.SystemInterface(parent) is { } found
            ? Surface.Of(found).Where(line => line[0] != 'T').Select(Signature.Parse).ToList()
            : types.Values.Where(t => t.Kind == "interface" && TypeName.Parse(t.Name).Key == parent.Key).SelectMany(t => members[t.Name]);
        foreach (var line in lines)
        {
            var parameters = TypeName.Parse(line.Owner).Parts[^1].Arguments.Select(a => a.Key);
            var arguments = parameters.Zip(parent.Parts[^1].Arguments).ToDictionary(pair => pair.First, pair => pair.Second);
            yield return line with
            {
                Type = line.Type!.With(arguments),
                Parameters = [.. line.Parameters.Select(p => p with { Type = p.Type.With(arguments) })],
            };
        }
    }

    private bool IsListed(TypeName name, string kind) =>
        types.Values.Any(t => t.Kind.EndsWith(kind, StringComparison.Ordinal) && TypeName.Parse(t.Name).Key == name.Key);

    private void WriteUnlisted(string name)
    {
        if (!types.TryGetValue(Outer(name), out var outer)) throw new FormatException($"What is the type '{name}'?");
        text.AppendLine($"namespace {Outer(outer.Name)} {{ public partial class {Own(outer.Name)} {{ "
            + $"protected sealed class {Own(name)} {{ private {Own(name)}() {{ }} }} }} }}");
    }
}
