using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using TorchAlign.Experiments.Sweeps.Planning;

namespace TorchAlign.Experiments.Sweeps.Slurm;

/// <summary>
/// A job array that was written for a sweep, in slurm/NUMBER: array.sh, gather.sh, elements.txt (a line of runs for each element) and
/// the elements' logs.
/// </summary>
internal sealed class Submission
{
    private readonly SweepFolder _sweep;

    private Submission(SweepFolder sweep, int number) => (_sweep, Number) = (sweep, number);

    public int Number { get; }

    public string Folder => _sweep.PathOf("slurm", Number.ToString(CultureInfo.InvariantCulture));

    public string ArrayScript => Path.Combine(Folder, "array.sh");

    public string GatherScript => Path.Combine(Folder, "gather.sh");

    public string ElementsFile => Path.Combine(Folder, "elements.txt");

    public string LogFolder => Path.Combine(Folder, "log");

    /// <summary>Where an element stood when it was stopped last.</summary>
    public StoppedElement Stopped(int element) =>
        new(Path.Combine(Folder, "stopped", element.ToString(CultureInfo.InvariantCulture) + ".txt"));

    /// <summary>The name of its jobs, which no other folder's jobs bear.</summary>
    public string JobName => $"{Prefix(_sweep)}{Number}";

    public static Submission At(SweepFolder sweep, int number) => new(sweep, number);

    /// <summary>The next to be written.</summary>
    public static Submission Next(SweepFolder sweep)
    {
        var number = 1;
        while (Directory.Exists(new Submission(sweep, number).Folder)) number++;
        return new Submission(sweep, number);
    }

    /// <summary>The submission whose jobs have a name; null for jobs that are not this sweep's.</summary>
    public static Submission? Named(SweepFolder sweep, string job) =>
        job.StartsWith(Prefix(sweep), StringComparison.Ordinal)
        && int.TryParse(job[Prefix(sweep).Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new Submission(sweep, number)
            : null;

    /// <summary>The hashes of an element's runs; none where the element is not known.</summary>
    public IReadOnlyList<string> RunsOf(int element) => File.Exists(ElementsFile)
        ? File.ReadLines(ElementsFile).Skip(element).FirstOrDefault()?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? []
        : [];

    private static string Prefix(SweepFolder sweep) =>
        $"torchalign-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sweep.Path)))[..8]}-";
}
