using System.Globalization;
using TorchAlign.Numerics;

namespace TorchAlign.Data;

/// <summary>
/// MNIST's format (Y. LeCun, C. Cortes, C. Burges, <i>The MNIST database of handwritten digits</i>): two zero bytes, a byte
/// for the type (0x08, unsigned bytes), a byte for the number of dimensions, each dimension as a big-endian 32-bit integer,
/// then the entries in C order. Plain or gzip; read as it streams in.
/// </summary>
public static class IdxFile
{
    private const string Remedy = "Fetch the file again; MNIST, Fashion-MNIST and EMNIST come in this format.";
    private const int Dimensions = 0x0800;

    /// <summary>
    /// Images (pixels 0 to 255) and labels from a folder with the usual names: train-images-idx3-ubyte and
    /// train-labels-idx1-ubyte, or t10k-... for the test set, also with a dot before idx and with .gz.
    /// </summary>
    /// <param name="folder">Where the files are.</param>
    /// <param name="test">The test set in place of the training set.</param>
    /// <param name="first">How many images to take from the start; null takes all. The files are checked whole either way.</param>
    /// <exception cref="DataException">
    /// A file is missing, of another format, truncated or too long, or the counts of images and labels differ.
    /// </exception>
    public static ClassifiedSet ReadFolder(string folder, bool test = false, int? first = null)
    {
        if (first is < 1) throw new ArgumentOutOfRangeException(nameof(first), first, "At least one image.");
        var part = test ? "t10k" : "train";
        var (imagesPath, labelsPath) = (Find(folder, part, "images", 3), Find(folder, part, "labels", 1));
        var labels = ReadLabels(labelsPath);
        using var source = ByteSource.Open(imagesPath, Remedy);
        var shape = ReadHeader(source, 3, "images");
        if (shape[0] != labels.Length)
            throw source.At(4, $"expected {labels.Length} images, as {Path.GetFileName(labelsPath)} has labels, found {shape[0]}");
        var taken = Math.Min(first ?? labels.Length, labels.Length);
        if (first > labels.Length) throw new DataException($"{folder} has {labels.Length} images; the first {first} were asked for.");
        var size = (long)shape[1] * shape[2];
        if (taken * size > Array.MaxLength)
            throw new DataException(
                $"{imagesPath}: {taken} images of {shape[1]}x{shape[2]} are more numbers than an array holds; take fewer.");
        var x = new Matrix(taken, (int)size);
        var pixels = new byte[size];
        for (var i = 0; i < shape[0]; i++)
        {
            source.Read(pixels, $"image {i}");
            if (i >= taken) continue;
            var row = x.Row(i);
            for (var j = 0; j < pixels.Length; j++) row[j] = pixels[j];
        }
        source.RequireEnd($"{shape[0]} images");
        string[] names = [.. Enumerable.Range(0, labels.Max() + 1).Select(c => c.ToString(CultureInfo.InvariantCulture))];
        return new ClassifiedSet(
            $"{Path.GetFileName(Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar))}/{Path.GetFileName(imagesPath)}",
            x, [.. labels.AsSpan(0, taken)], names, new ImageShape(1, shape[1], shape[2]));
    }

    private static int[] ReadLabels(string path)
    {
        using var source = ByteSource.Open(path, Remedy);
        var bytes = new byte[ReadHeader(source, 1, "labels")[0]];
        source.Read(bytes, "labels");
        source.RequireEnd($"{bytes.Length} labels");
        return [.. bytes];
    }

    /// <summary>Checks the magic number and reads the dimensions, each at least 1.</summary>
    private static int[] ReadHeader(ByteSource source, int dimensions, string what)
    {
        var magic = source.ReadUInt32("the magic number");
        var expected = (uint)(Dimensions | dimensions);
        if (magic != expected)
            throw source.At(0,
                $"expected the magic number 0x{expected:X8} (unsigned bytes, {dimensions} dimensions: {what}), found 0x{magic:X8}");
        var shape = new int[dimensions];
        var bytes = 4L + 4 * dimensions;
        var entries = 1L;
        for (var k = 0; k < dimensions; k++)
        {
            var size = source.ReadUInt32($"dimension {k}");
            if (size is 0 or > int.MaxValue)
                throw source.At(4 + 4 * k, $"expected a dimension of 1 to {int.MaxValue}, found {size}");
            shape[k] = (int)size;
            entries = entries > long.MaxValue / size ? long.MaxValue / 2 : entries * size;
        }
        source.RequireRoom(bytes + entries, $"{string.Join("x", shape)} {what}");
        return shape;
    }

    private static string Find(string folder, string part, string what, int dimensions)
    {
        string[] names = [$"{part}-{what}-idx{dimensions}-ubyte", $"{part}-{what}.idx{dimensions}-ubyte"];
        return names.SelectMany(name => new[] { name, name + ".gz" }).Select(name => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists) ?? throw new DataException(
                $"{folder} has no {names[0]} (looked for it and {names[1]}, plain and with .gz). Name the folder that holds "
                + "MNIST's four files.");
    }
}
