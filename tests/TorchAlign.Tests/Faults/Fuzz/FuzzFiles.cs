using System.Buffers.Binary;
using System.Text;
using TorchAlign.Numerics;
using TorchAlign.Recording;

namespace TorchAlign.Tests.Faults;

/// <summary>Files of every format that a command reads, whole as often as damaged.</summary>
internal sealed class FuzzFiles(string folder, RandomStream random)
{
    private const string Study = """
        name: fuzz
        command: train
        fixed: {data: planar, points: 12, to: 1e-3}
        grid:
          depth: [1, "1,2"]
          scale: {log: [1e-3, 1e-1], count: 2}
        seeds: {count: 2, first: 3}
        """;

    private static readonly (string Extension, byte[] Bytes)[] Data =
    [
        (".csv", Text("width,length,kind\n1,2,yes\n-1,0.5,no\n2,1e-3,yes\n-2,-1,no\n")),
        (".csv", Text("0,1,2,species\n1,2,3,a\n-1,-2,1,b\n2,1,3,a\n-2,-1,0.5,b\n")),
        (".csv", Text(",when,x,y,kind\n0,2024-01-05,1,2,a\n1,2024-01-06,-1,-2,b\n2,2024-01-07,2,1,a\n")),
        (".csv", Text("x;y;kind\n1,5;2;\"a;b\"\n-1,5;-2;c\n")),
        (".csv", Encoding.Latin1.GetBytes("x,y,kind\n1,2,café\n-1,-2,\u001b[31mthé\n")),
        (".csv", [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("1,2,a\n-1,-2,b\n")]),
        (".tsv", Text("1\t2\ta\n-1\t-2\tb\n")),
        (".txt", Text("# numpy\n1 2 1\n-1 -2 0\n")),
        (".libsvm", Text("+1 1:0.5 3:-2 # note\n-1 2:1e1\n+1 1:2\n")),
        (".npz", Arrays(NpzArray.Float64("X", [1, 2, -1, -2, 2, 1, -2, -1], 4, 2), NpzArray.Int64("y", [0, 1, 0, 1]))),
        (".npz", Arrays(NpzArray.Float64("X", [1, 2, -1, -2], 2, 2), NpzArray.Text("y", "a", "b"))),
    ];

    private static readonly (string Extension, byte[] Bytes)[] States =
    [
        (".npz", Arrays(NpzArray.Float64("W1", [.1, .2, .3, .4], 2, 2), NpzArray.Float64("W2", [.1, -.2], 1, 2))),
        (".npz", Arrays(NpzArray.Float64("L1_W1_initial", [1, 0], 1, 2), NpzArray.Float64("L1_W1_final", [1e150, -1e150], 1, 2))),
        (".safetensors", Safetensors(NpzArray.Float64("0.weight", [.1, .2, .3, .4], 2, 2), NpzArray.Float64("2.weight", [0, 0], 1, 2))),
    ];

    private int _count;

    /// <summary>A table, arrays or a sparse file.</summary>
    public string OfData() => Written(Data[random.NextInt32(Data.Length)]);

    /// <summary>Layers.</summary>
    public string OfState() => Written(States[random.NextInt32(States.Length)]);

    /// <summary>A study, and now and then one of another command.</summary>
    public string OfStudy() => Written((".yaml", Text(random.NextInt32(4) == 0
        ? "name: f\ncommand: paper nrt starts\nfixed: {starts: 2}\ngrid: {depth: [2, 3]}\n"
        : Study)));

    /// <summary>A folder of images and labels in MNIST's format.</summary>
    public string OfImages()
    {
        var images = Path.Combine(folder, $"images{_count++}");
        Directory.CreateDirectory(images);
        var pixels = new byte[3 * 8 * 8];
        for (var i = 0; i < pixels.Length; i++) pixels[i] = (byte)random.NextInt32(256);
        File.WriteAllBytes(Path.Combine(images, "train-images-idx3-ubyte"), Damaged([.. Header(3, 3, 8, 8), .. pixels]));
        File.WriteAllBytes(Path.Combine(images, "train-labels-idx1-ubyte"), Damaged([.. Header(1, 3), 0, 1, 2]));
        return images;
    }

    /// <summary>A copy of a run's folder, with one of its files damaged.</summary>
    public string OfRun(string run)
    {
        var copy = Path.Combine(folder, $"run{_count++}");
        Directory.CreateDirectory(copy);
        string[] files = [.. Directory.GetFiles(run).Where(file => !file.EndsWith(".html", StringComparison.Ordinal))];
        foreach (var file in files) File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        var hurt = Path.Combine(copy, Path.GetFileName(files[random.NextInt32(files.Length)]));
        File.WriteAllBytes(hurt, Damaged(File.ReadAllBytes(hurt)));
        return copy;
    }

    private string Written((string Extension, byte[] Bytes) file)
    {
        var path = Path.Combine(folder, $"file{_count++}{file.Extension}");
        File.WriteAllBytes(path, Damaged(file.Bytes));
        return path;
    }

    private byte[] Damaged(byte[] whole) => random.NextInt32(2) == 0 ? whole : Mutation.Of(whole, random);

    private static byte[] Header(int dimensions, params int[] shape)
    {
        var header = new byte[4 + 4 * shape.Length];
        BinaryPrimitives.WriteInt32BigEndian(header, 0x0800 | dimensions);
        for (var k = 0; k < shape.Length; k++) BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 + 4 * k), shape[k]);
        return header;
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Arrays(params NpzArray[] arrays)
    {
        using var stream = new MemoryStream();
        NpzWriter.Write(stream, arrays);
        return stream.ToArray();
    }

    private static byte[] Safetensors(params NpzArray[] arrays)
    {
        var path = Path.GetTempFileName();
        try
        {
            SafetensorsWriter.Write(path, arrays);
            return File.ReadAllBytes(path);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
