using System.Security.Cryptography;
using TorchAlign.Data;
using TorchAlign.Networks;

namespace TorchAlign.Recording;

/// <summary>Layers read from a file.</summary>
/// <param name="Path">The file.</param>
/// <param name="Sha256">Of its bytes, lower-case hexadecimal.</param>
/// <param name="Tensors">The names of the tensors that became W_1 .. W_L.</param>
/// <param name="Shape">Widths d_0 .. d_L.</param>
/// <param name="State">The flat state (P).</param>
/// <param name="Note">What was done to the numbers, such as widening float32; null for nothing.</param>
public sealed record StateFileContent(
    string Path, string Sha256, IReadOnlyList<string> Tensors, NetworkShape Shape, double[] State, string? Note);

/// <summary>
/// Reads the layers of a linear network from a .npz or .safetensors file. The names may be W1 .. WL; those of
/// state.npz, L4_W1_final and L4_W1_initial; or those of a PyTorch state_dict whose weights are nn.Linear layers without bias:
/// 0.weight, 2.weight, layer1.weight, net.0.weight, in the order of their numbers. W_k has shape (d_k, d_{k-1}).
/// </summary>
public static class StateFile
{
    private const string Float32Note = "The file holds float32; each number was widened to float64, which is exact.";

    /// <param name="path">.npz or .safetensors.</param>
    /// <param name="depth">L wanted, to choose among several networks of a state.npz; null takes the only one.</param>
    /// <exception cref="DataException">The file cannot be used; the message names file, tensor and remedy.</exception>
    public static StateFileContent Read(string path, int? depth = null)
    {
        var arrays = System.IO.Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".npz" => NpzReader.Read(path),
            ".safetensors" => SafetensorsReader.Read(path),
            var other => throw new DataException(
                $"{path}: layers are read from .npz and .safetensors files, not from '{other}'. "
                + "In Python: numpy.savez(path, W1=..., W2=...)."),
        };
        var names = StateNames.Find(path, arrays.Keys, depth);
        var widened = false;
        var state = new List<double>();
        var widths = new List<int>();
        foreach (var name in names)
        {
            var (array, where) = (arrays[name], $"{path}, tensor '{name}'");
            RequireFloat(array, where);
            RequireLayer(array, where, widths, names);
            if (widths.Count == 0) widths.Add(array.Shape[1]);
            widths.Add(array.Shape[0]);
            widened |= IsFloat32(array);
            var values = array.ToDoubles();
            RequireFinite(values, array.Shape[1], where);
            state.AddRange(values);
        }
        using var bytes = File.OpenRead(path);
        return new StateFileContent(path, Convert.ToHexStringLower(SHA256.HashData(bytes)), names,
            new NetworkShape([.. widths]), [.. state], widened ? Float32Note : null);
    }

    private static bool IsFloat32(NpyArray array) => array.DType.TrimStart('<', '>', '=') is "f4" or "F32";

    private static void RequireFloat(NpyArray array, string where)
    {
        if (IsFloat32(array) || array.DType.TrimStart('<', '>', '=') is "f8" or "F64") return;
        throw new DataException(
            $"{where}: dtype {array.DType}; layers must be float64, or float32, which is widened. "
            + "Convert it with W.astype('float64') or tensor.double().");
    }

    private static void RequireLayer(NpyArray array, string where, List<int> widths, IReadOnlyList<string> names)
    {
        var shape = $"({string.Join(", ", array.Shape)})";
        if (array.Shape.Count != 2 || array.Length == 0)
            throw new DataException(
                $"{where}: shape {shape}; a layer W_k must have shape (d_k, d_(k-1)), as torch.nn.Linear keeps its weight.");
        if (widths.Count > 0 && array.Shape[1] != widths[^1])
            throw new DataException(
                $"{where}: shape {shape} takes {array.Shape[1]} inputs, but the layer before it "
                + $"('{names[widths.Count - 2]}') has {widths[^1]} outputs. A layer is missing between them, out of order, or transposed.");
    }

    private static void RequireFinite(double[] values, int columns, string where)
    {
        var bad = Array.FindIndex(values, value => !double.IsFinite(value));
        if (bad < 0) return;
        throw new DataException(
            $"{where}, row {bad / columns}, column {bad % columns} (from 0): the value is "
            + $"{(double.IsNaN(values[bad]) ? "not a number (NaN)" : "infinite")}; every weight must be finite.");
    }
}
