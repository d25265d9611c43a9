using System.Globalization;
using System.Text.Json.Nodes;
using TorchAlign.Data;
using TorchAlign.Numerics;
using TorchAlignProgram = TorchAlign.Tests.Commands.Program;

namespace TorchAlign.Tests.Tasks;

/// <summary>What runs of tasks leave, as their tests read it.</summary>
internal static class TaskRuns
{
    public static JsonNode Summary(this TorchAlignProgram program, string run) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(program.Folder, run, "summary.json")))!;

    /// <summary>A network of the summary.</summary>
    public static JsonNode Network(this TorchAlignProgram program, string run, int index = 0) =>
        program.Summary(run)["results"]!["networks"]![index]!;

    /// <summary>A column of trajectory.csv.</summary>
    public static double[] Column(this TorchAlignProgram program, string run, string name)
    {
        var lines = File.ReadAllLines(Path.Combine(program.Folder, run, "trajectory.csv"));
        var at = Array.IndexOf(lines[0].Split(','), name);
        return [.. lines.Skip(1).Select(line => double.Parse(line.Split(',')[at], CultureInfo.InvariantCulture))];
    }

    /// <summary>A matrix of state.npz.</summary>
    public static Matrix Layer(this TorchAlignProgram program, string run, string name)
    {
        var array = NpzReader.Read(Path.Combine(program.Folder, run, "state.npz"))[name];
        return new Matrix(array.Shape[0], array.Shape[1], array.ToDoubles());
    }

    /// <summary>A run that is to succeed.</summary>
    public static void Make(this TorchAlignProgram program, params string[] words)
    {
        var result = program.Run(words);
        Assert.True(result.ExitCode == 0, result.Error);
    }
}
