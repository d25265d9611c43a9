using System.CommandLine;
using TorchAlign.Experiments.Settings;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Options;

/// <summary><c>--start FILE</c>: initial layers from numpy, from PyTorch or from an earlier run.</summary>
internal sealed class StartOption
{
    public Option<string?> File { get; } = Opt.Maybe<string>(
        "--start",
        "Initial layers from a .npz or .safetensors file instead of --init: W1 .. WL, a run's state.npz, or the state_dict "
        + "of nn.Linear layers without bias. The widths are the file's; --depth chooses among several networks.",
        "FILE");

    /// <summary>One network for each depth asked for, or the only one of the file.</summary>
    /// <param name="wanted">Hidden widths that the user asked for explicitly; null where the file decides.</param>
    /// <param name="depths">Depths that the user asked for explicitly.</param>
    /// <param name="assumption2">What to do about Assumption 2.</param>
    public static IReadOnlyList<NetworkSettings> Networks(
        string file, IReadOnlyList<int>? wanted, IReadOnlyList<int>? depths, string assumption2)
    {
        IEnumerable<int?> asked = wanted is not null ? [wanted.Count + 1]
            : depths is null ? [null]
            : depths.Select(depth => (int?)depth);
        return [.. asked.Select(depth => Network(file, depth, wanted, assumption2))];
    }

    private static NetworkSettings Network(string file, int? depth, IReadOnlyList<int>? wanted, string assumption2)
    {
        var content = StateFile.Read(file, depth);
        if (depth is not null && content.Shape.Depth != depth)
            throw new CommandException(
                $"{file} has {content.Shape.Depth} layers ({string.Join(", ", content.Tensors)}); "
                + $"{depth} were asked for. Leave --depth and --hidden away to take the file's.");
        int[] hidden = [.. content.Shape.Widths.Skip(1).SkipLast(1)];
        for (var k = 0; wanted is not null && k < wanted.Count; k++)
            if (wanted[k] != hidden[k])
                throw new CommandException(
                    $"{file}, tensor '{content.Tensors[k]}': {hidden[k]} rows, and --hidden asks for {wanted[k]}. "
                    + "Leave --hidden away to take the file's widths.");
        return new NetworkSettings
        {
            Hidden = hidden,
            Init = "file",
            Scale = 1,
            Assumption2 = assumption2,
            Start = new StartFile(file, content.Sha256, content.Tensors, content.Note),
        };
    }

    /// <summary>The start (P) that a network's settings name.</summary>
    /// <param name="widths">d_0 .. d_L that data and settings ask for.</param>
    public static double[] Load(StartFile start, IReadOnlyList<int> widths)
    {
        var content = StateFile.Read(start.Path, start.Tensors.Count);
        if (content.Sha256 != start.Sha256)
            throw new CommandException(
                $"{start.Path} has changed: its SHA-256 is {content.Sha256}, not {start.Sha256}.");
        if (content.Shape.Inputs != widths[0])
            throw new CommandException(
                $"{start.Path}, tensor '{content.Tensors[0]}': it takes {content.Shape.Inputs} inputs, and the data have "
                + $"dimension {widths[0]}. W_1 must have shape (d_1, {widths[0]}).");
        if (content.Shape.Outputs != widths[^1])
            throw new CommandException(
                $"{start.Path}, tensor '{content.Tensors[^1]}': {content.Shape.Outputs} outputs; the last layer must have "
                + $"shape ({widths[^1]}, d_(L-1)), "
                + (widths[^1] == 1 ? "one output whose sign is the class." : "an output for each class or target."));
        return content.State;
    }
}
