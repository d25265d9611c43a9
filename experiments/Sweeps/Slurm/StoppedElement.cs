using System.Security.Cryptography;
using System.Text;
using TorchAlign.Data;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Sweeps.Slurm;

/// <summary>
/// Where the runs of an element stood when Slurm stopped it last. One that is stopped twice at the same place would go back into the
/// queue for ever: what it is given is too short for it to come to its next checkpoint.
/// </summary>
/// <param name="file">Where that is remembered from one job to the next.</param>
internal sealed class StoppedElement(string file)
{
    /// <summary>Why a run that came no further fails.</summary>
    public const string Cause = "Slurm stopped it twice at the same place: between two stops it came to no new checkpoint. Give the sweep "
        + "more time (slurm: time), or smaller runs.";

    /// <summary>Remembers where the runs stand; false where they stood there before.</summary>
    /// <exception cref="RecordingException">The disk refused.</exception>
    public bool HasMoved(IEnumerable<string> folders)
    {
        var place = string.Concat(folders.Select(folder => $"{RunStates.Of(folder)} {Checkpoint(folder)}\n"));
        if (File.Exists(file) && File.ReadAllText(file) == place) return false;
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        AtomicFile.Write(file, place);
        return true;
    }

    /// <summary>A hash of what the newest good checkpoint holds, but for the time that it took.</summary>
    private static string Checkpoint(string folder)
    {
        foreach (var path in ((string[])[CheckpointFile.Newest, CheckpointFile.Before]).Select(name => Path.Combine(folder, name)))
            try
            {
                if (!File.Exists(path)) continue;
                using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                foreach (var (name, values) in CheckpointFile.Read(path).Entries.OrderBy(entry => entry.Key, StringComparer.Ordinal))
                    if (!name.EndsWith("seconds", StringComparison.Ordinal))
                        hash.AppendData(Encoding.UTF8.GetBytes($"{name} {string.Join(' ', values.Cast<object>().Select(Text))}\n"));
                return Convert.ToHexStringLower(hash.GetHashAndReset());
            }
            catch (DataException)
            {
                // The one before it is looked at.
            }
        return "none";
    }

    private static string Text(object value) => value is double number
        ? BitConverter.DoubleToInt64Bits(number).ToString("x", System.Globalization.CultureInfo.InvariantCulture)
        : FormattableString.Invariant($"{value}");
}
