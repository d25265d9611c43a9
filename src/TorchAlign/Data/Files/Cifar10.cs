using TorchAlign.Numerics;

namespace TorchAlign.Data;

/// <summary>
/// CIFAR-10 in its binary version (A. Krizhevsky, <i>Learning multiple layers of features from tiny images</i>, 2009): files of
/// records, each a label byte (0 to 9) and 3x32x32 pixel bytes, red, green, blue. Plain or gzip; read as it streams in.
/// </summary>
public static class Cifar10
{
    private const string Folder = "cifar-10-batches-bin";
    private const string Remedy = "Unpack the binary version of CIFAR-10 (cifar-10-binary.tar.gz) again.";

    private static readonly ImageShape Shape = new(3, 32, 32);

    private static readonly string[] Names =
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    /// <summary>Whether this is the folder, or one that holds it.</summary>
    public static bool IsFolder(string folder) =>
        Directory.Exists(Path.Combine(folder, Folder)) || Directory.Exists(folder)
        && Directory.EnumerateFiles(folder).Any(f => Path.GetFileName(f).StartsWith("data_batch_", StringComparison.Ordinal));

    /// <summary>
    /// Images (pixels 0 to 255) and labels of data_batch_1.bin to data_batch_5.bin, or of test_batch.bin, in the folder
    /// cifar-10-batches-bin or in the one that holds it.
    /// </summary>
    /// <param name="folder">Where the files are.</param>
    /// <param name="test">The test set in place of the training set.</param>
    /// <param name="first">How many images to take from the start; null takes all. Batches beyond them are not opened.</param>
    /// <exception cref="DataException">A file is missing, truncated, or has a label above 9; or there are fewer images.</exception>
    public static ClassifiedSet ReadFolder(string folder, bool test = false, int? first = null)
    {
        if (first is < 1) throw new ArgumentOutOfRangeException(nameof(first), first, "At least one image.");
        var inside = Path.Combine(folder, Folder);
        if (Directory.Exists(inside)) folder = inside;
        string[] files = test ? ["test_batch.bin"] : [.. Enumerable.Range(1, 5).Select(k => $"data_batch_{k}.bin")];
        var wanted = first ?? int.MaxValue;
        var images = new List<byte[]>();
        var labels = new List<int>();
        foreach (var file in files)
        {
            if (labels.Count >= wanted) break;
            ReadBatch(Find(folder, file), wanted, images, labels);
        }
        if (first is { } count && labels.Count < count)
            throw new DataException($"{folder} has {labels.Count} images; the first {count} were asked for.");
        if ((long)images.Count * Shape.Size > Array.MaxLength)
            throw new DataException($"{folder}: {images.Count} images are more numbers than an array holds; take fewer.");
        var x = new Matrix(images.Count, Shape.Size);
        for (var i = 0; i < images.Count; i++)
        {
            var row = x.Row(i);
            for (var j = 0; j < row.Length; j++) row[j] = images[i][j];
        }
        return new ClassifiedSet(test ? "CIFAR-10 test" : "CIFAR-10", x, [.. labels], Names, Shape);
    }

    private static void ReadBatch(string path, int wanted, List<byte[]> images, List<int> labels)
    {
        using var source = ByteSource.Open(path, Remedy);
        var record = new byte[1 + Shape.Size];
        while (true)
        {
            var start = source.Offset;
            var got = source.Get(record);
            if (got == 0)
            {
                if (start == 0) throw source.At(0, "expected records of a label and an image, found an empty file");
                return;
            }
            if (got < record.Length)
                throw source.At(start, $"expected a record of {record.Length} bytes, found {got} and the end of the file: it is truncated");
            if (record[0] >= Names.Length)
                throw source.At(start, $"expected a label of 0 to {Names.Length - 1}, found {record[0]}");
            if (labels.Count >= wanted) continue;
            labels.Add(record[0]);
            images.Add(record[1..]);
        }
    }

    private static string Find(string folder, string file)
    {
        var path = Path.Combine(folder, file);
        if (File.Exists(path)) return path;
        if (File.Exists(path + ".gz")) return path + ".gz";
        var python = Path.Combine(folder, Path.GetFileNameWithoutExtension(file));
        throw new DataException(File.Exists(python)
            ? $"{folder} has {Path.GetFileName(python)}, Python's version of CIFAR-10, but no {file}. {Remedy}"
            : $"{folder} has no {file}, plain or with .gz. Name the folder {Folder} or the one that holds it.");
    }
}
