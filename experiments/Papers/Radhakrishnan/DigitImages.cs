using TorchAlign.Data;
using TorchAlign.Experiments.Runs;

namespace TorchAlign.Experiments.Papers;

/// <summary>The images of an experiment: the 8x8 digits that ship, or MNIST from a folder; pixels scaled to [0, 1].</summary>
internal sealed class DigitImages : SettingGroup
{
    private readonly Setting<DataFolder?> _mnist = Declare.Folder(
        "--mnist", "A folder with MNIST's IDX files, plain or gzip. [the 8x8 digits that ship]");

    /// <summary>The first images of the training set, in its order, as the authors take them.</summary>
    /// <exception cref="CommandException">The folder does not exist.</exception>
    /// <exception cref="DataException">The files cannot be read, or have fewer images.</exception>
    public ClassifiedSet First(int count)
    {
        if (_mnist.Value is not { Path: var folder })
            return ClassifiedSet.Read(DataLoading.PathOf("digits"), image: new ImageShape(1, 8, 8)).First(count).Scaled();
        if (!Directory.Exists(folder))
            throw new CommandException($"--mnist: there is no folder '{folder}'. Name the one that holds MNIST's IDX files.");
        var images = IdxFile.ReadFolder(folder, first: count).Scaled();
        _mnist.Value = new DataFolder(folder, images.Hash);
        return images;
    }
}
