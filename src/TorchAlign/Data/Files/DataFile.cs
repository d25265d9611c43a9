namespace TorchAlign.Data;

/// <summary>Reads labelled points from a file, whatever its format.</summary>
public static class DataFile
{
    /// <summary>
    /// Reads <paramref name="path"/> by its extension: .csv, .tsv, .txt (tables), .libsvm, .svm, .svmlight (sparse) or
    /// .npz (arrays X and y).
    /// </summary>
    /// <exception cref="DataException">The file is missing or unreadable, its contents cannot be used, or it does not
    /// have two classes; the message names file, line and column.</exception>
    public static LabelledSet Read(string path, ReadOptions? options = null)
    {
        options ??= new ReadOptions();
        return TwoClasses.Assemble(ReadTable(path, options), options);
    }

    /// <summary>What is in the file, before classes are chosen and numbers changed.</summary>
    internal static RawTable ReadTable(string path, ReadOptions options)
    {
        if (Directory.Exists(path)) throw new DataException($"{path} is a folder; name a file in it.");
        if (!File.Exists(path))
            throw new DataException(
                $"{path}: there is no such file (looked for {Path.GetFullPath(path)}).");
        string extension = Path.GetExtension(path).ToLowerInvariant();
        try
        {
            return extension switch
            {
                ".csv" or ".tsv" or ".txt" => CsvDataset.Read(path, options),
                ".libsvm" or ".svm" or ".svmlight" => SparseDataset.Read(path),
                ".npz" => NpzDataset.Read(path),
                _ => throw new DataException(
                    $"{path}: the format of '{extension}' files is not known; "
                    + "use .csv, .tsv, .txt, .libsvm, .svm, .svmlight or .npz."),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path} cannot be read: {e.Message}", e);
        }
    }
}
