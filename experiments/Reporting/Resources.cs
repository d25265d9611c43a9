namespace TorchAlign.Experiments.Reporting;

/// <summary>The style, script and node program that lie beside this file and are compiled into the assembly.</summary>
internal static class Resources
{
    public static string Read(string name)
    {
        using var stream = typeof(Resources).Assembly.GetManifestResourceStream("TorchAlign.Reporting." + name)
                           ?? throw new InvalidOperationException($"Resource {name} was not compiled in.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
