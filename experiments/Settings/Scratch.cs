namespace TorchAlign.Experiments.Settings;

/// <summary>The system's folder for temporary files, which the drawing of charts, twins and workers need.</summary>
internal static class Scratch
{
    /// <exception cref="CommandException">It is not there: better said before hours of computing than after.</exception>
    public static void Require()
    {
        var folder = Path.GetTempPath();
        if (!Directory.Exists(folder))
            throw new CommandException($"The folder for temporary files, '{folder}', is not there. Make it, or set TMPDIR to one that is.");
    }
}
