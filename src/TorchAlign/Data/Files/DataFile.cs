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
        RequireFile(path);
        string extension = Path.GetExtension(path).ToLowerInvariant();
        bool isTable = extension is ".csv" or ".tsv" or ".txt", isText = extension != ".npz";
        RequireMeant(options.HasHeader is not null, isTable, "--header and --no-header");
        RequireMeant(options.LabelColumn is not null, isTable, "--label");
        RequireMeant(options.DecimalComma, isTable, "--decimal-comma");
        RequireMeant(options.Encoding is not null, isText, "--encoding");
        try
        {
            return extension switch
            {
                ".csv" or ".tsv" or ".txt" => CsvDataset.Read(path, options),
                ".libsvm" or ".svm" or ".svmlight" => SparseDataset.Read(path, options.Encoding).Choose(options),
                ".npz" => NpzDataset.Read(path).Choose(options),
                _ => throw new DataException(
                    $"{path}: the format of '{extension}' files is not known; "
                    + "use .csv, .tsv, .txt, .libsvm, .svm, .svmlight or .npz."),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path} cannot be read: {e.Message}", e);
        }

        void RequireMeant(bool given, bool applies, string option)
        {
            if (given && !applies && extension is ".libsvm" or ".svm" or ".svmlight" or ".npz")
                throw new DataException($"{path}: {option} says nothing about a {extension} file. Leave it away.");
        }
    }

    /// <exception cref="DataException">There is no such file.</exception>
    internal static void RequireFile(string path)
    {
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0')) throw new DataException($"'{path}' is no name of a file.");
        if (Directory.Exists(path)) throw new DataException($"{path} is a folder; name a file in it.");
        if (!File.Exists(path)) throw new DataException($"{path}: there is no such file (looked for {Path.GetFullPath(path)}).");
    }
}
