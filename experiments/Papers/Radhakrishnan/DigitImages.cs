using System.CommandLine;
using TorchAlign.Data;
using TorchAlign.Experiments.Options;

namespace TorchAlign.Experiments.Papers;

/// <summary>The images of an experiment: the 8x8 digits that ship, or MNIST from a folder; pixels scaled to [0, 1].</summary>
internal sealed class DigitImages
{
    private readonly Option<string?> _mnist = Opt.Maybe<string>(
        "--mnist", "A folder with MNIST's IDX files, plain or gzip. [the 8x8 digits that ship]", "DIR");

    public void AddTo(Command command) => command.Add(_mnist);

    /// <summary>The first images of the training set, in its order, as the authors take them.</summary>
    /// <exception cref="CommandException">The folder does not exist, or <paramref name="count"/> is not positive.</exception>
    /// <exception cref="DataException">The files cannot be read, or have fewer images.</exception>
    public ClassifiedSet First(ParseResult parsed, int count)
    {
        if (count < 1) throw new CommandException($"At least one image is needed; got {count}.");
        if (parsed.GetValue(_mnist) is not { } folder)
            return ClassifiedSet.Read(Shipped, image: new ImageShape(1, 8, 8)).First(count).Scaled();
        if (!Directory.Exists(folder))
            throw new CommandException($"--mnist: there is no folder '{folder}'. Name the one that holds MNIST's IDX files.");
        return IdxFile.ReadFolder(folder, first: count).Scaled();
    }

    private static string Shipped => Path.Combine(AppContext.BaseDirectory, "data", "digits.csv");
}
