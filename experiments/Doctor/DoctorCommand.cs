using Spectre.Console;
using TorchAlign.Experiments.Machines;

namespace TorchAlign.Experiments.Doctor;

/// <summary>`torchalign doctor`: what this machine computes with, and what to do where that could be better.</summary>
public static class DoctorCommand
{
    /// <summary>Prints the facts to standard output. Returns 0, or 1 if torch does not load.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; nothing was printed.</exception>
    public static int Run(bool json, CancellationToken cancellation)
    {
        DoctorReport report = Aside.Run(DoctorReport.Collect, cancellation);
        if (json)
        {
            Console.Out.WriteLine(report.ToJson());
        }
        else if (Console.IsOutputRedirected)
        {
            WritePlain(report, Console.Out);
        }
        else
        {
            WriteTable(report, Terminal.Out);
        }
        return report.Works ? 0 : 1;
    }

    public static void WritePlain(DoctorReport report, TextWriter output)
    {
        foreach ((string name, string value) in Lines(report))
        {
            output.WriteLine($"{name,-12}{value}");
        }
        foreach (DoctorWarning warning in report.Warnings)
        {
            output.WriteLine($"warning: {warning.Subject}: {warning.Message}");
            if (warning.Remedy is not null)
            {
                output.WriteLine($"         {warning.Remedy}");
            }
        }
    }

    public static void WriteTable(DoctorReport report, IAnsiConsole console)
    {
        Table table = new Table().RoundedBorder().HideHeaders().AddColumn(new TableColumn("").NoWrap()).AddColumn("");
        foreach ((string name, string value) in Lines(report))
        {
            table.AddRow(new Text(name, new Style(decoration: Decoration.Bold)), new Text(value));
        }
        console.Write(table);
        foreach (DoctorWarning warning in report.Warnings)
        {
            console.MarkupLineInterpolated($"[yellow]warning[/] {warning.Subject}: {warning.Message}");
            if (warning.Remedy is not null)
            {
                console.MarkupLineInterpolated($"        [green]{warning.Remedy}[/]");
            }
        }
    }

    private static IEnumerable<(string Name, string Value)> Lines(DoctorReport report)
    {
        yield return ("TorchAlign", (report.Commit is { Length: >= 10 } commit ? $"{report.Version} ({commit[..10]})" : report.Version)
            + (report.Build is { } build ? $", build {build}" : ""));
        yield return ("TorchSharp", (report.TorchSharpVersion is { } api ? $"{api}, " : "") + (report.TorchSharpSource == "package"
            ? "from the NuGet package"
            : "our binding over an installed libtorch"));
        yield return ("libtorch", report.TorchVersion is null ? "does not load"
            : Join(report.TorchVersion == LoadedLibtorch.Unknown ? "version unknown" : report.TorchVersion, report.LibtorchPath));
        yield return ("BLAS", report.Blas is { } blas ? Join(blas.Name, blas.Path) : "unknown");
        yield return ("threads", report.Threads?.ToString() ?? "unknown");
        yield return ("CUDA", report.Cuda.Available
            ? $"yes, driver for CUDA {report.Cuda.Driver ?? "unknown"}"
            : $"no: {report.Cuda.Problem}");
        for (int i = 0; i < report.Cuda.Gpus.Count; i++)
        {
            yield return ($"cuda:{i}", $"{report.Cuda.Gpus[i].Name}, {report.Cuda.Gpus[i].MemoryBytes / (double)(1L << 30):0.0} GiB");
        }
        yield return ("libsvm", report.Libsvm.Version is { } version ? $"{version / 100}.{version % 100:00}" : "not installed");
        yield return ("node", Join(report.Node.Version ?? "not installed", report.Node.Vega ? "with Vega" : "without Vega"));
        yield return ("Python twin", report.PythonTwin.TorchVersion is { } torch
            ? Join($"torch {torch}", report.PythonTwin.Path)
            : "no Python with torch");
        yield return (".NET", report.Dotnet);
        yield return ("system", report.Os);
        yield return ("processor", $"{report.Cpu}, {report.Cores} cores, {report.MemoryBytes / (double)(1L << 30):0.0} GiB");
    }

    private static string Join(string what, string? where) => where is null ? what : $"{what}, {where}";
}
