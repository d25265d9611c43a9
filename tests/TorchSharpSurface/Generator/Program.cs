using System.Reflection;
using TorchSharpSurface;

// SurfaceGenerator declare LIST: C# that declares what the list names, every body throwing.
// SurfaceGenerator list ASSEMBLY: the surface of an assembly in the list's format.
switch (args)
{
    case ["declare", var list]:
        try
        {
            Console.Out.Write(new Declarations(File.ReadLines(list)).Write());
            return 0;
        }
        catch (FormatException e)
        {
            Console.Error.WriteLine($"{list}: {e.Message}");
            return 1;
        }
    case ["list", var assembly]:
        foreach (var line in Surface.Of(Assembly.LoadFrom(Path.GetFullPath(assembly)))) Console.WriteLine(line);
        return 0;
    default:
        Console.Error.WriteLine("usage: SurfaceGenerator declare LIST | list ASSEMBLY");
        return 2;
}
