using System.Diagnostics;

namespace TorchAlign.Tests.Data;

/// <summary>A python with numpy, if there is one: the independent reader and writer of .npz.</summary>
internal static class Numpy
{
    // The distribution's own python often has numpy where the first on the PATH does not.
    private static readonly string[] Candidates = ["python3", "python", "/usr/bin/python3"];

    public static string? Python { get; } = Array.Find(Candidates, c => TryRun(c, "import numpy", out _));

    public static string Run(string script)
    {
        Assert.True(TryRun(Python!, script, out string output), output);
        return output;
    }

    private static bool TryRun(string python, string script, out string output)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(python, ["-c", script])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            output = process.StandardOutput.ReadToEnd() + errors.Result;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            output = e.Message;
            return false;
        }
    }
}

/// <summary>A fact that needs numpy, skipped where there is none.</summary>
internal sealed class NumpyFactAttribute : FactAttribute
{
    public NumpyFactAttribute()
    {
        if (Numpy.Python is null) Skip = "No python with numpy: install python3-numpy to compare with it.";
    }
}
