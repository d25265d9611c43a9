namespace TorchAlign.Tests.Data;

/// <summary>Files of the repository, found from wherever the tests run.</summary>
internal static class RepositoryFiles
{
    public static string Root { get; } = FindRoot();

    public static string Iris => Path.Combine(Root, "experiments", "data", "iris.csv");

    public static string Digits => Path.Combine(Root, "experiments", "data", "digits.csv");

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "TorchAlign.sln"))) return folder.FullName;
        throw new InvalidOperationException($"No TorchAlign.sln above {AppContext.BaseDirectory}.");
    }
}
