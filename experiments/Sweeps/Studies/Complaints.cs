namespace TorchAlign.Experiments.Sweeps.Studies;

/// <summary>What is wrong with a study, each thing once, by file, line and column.</summary>
internal sealed class Complaints(string file)
{
    /// <summary>The most that are shown: one mistake can have many consequences.</summary>
    private const int Shown = 20;

    private readonly SortedSet<(int Line, int Column, string Message)> _all = [];

    public bool Any => _all.Count > 0;

    public void Add(Place place, string message) => _all.Add((place.Line, place.Column, message));

    /// <summary>Ends here if anything was wrong.</summary>
    /// <exception cref="CommandException">All of it, a line each.</exception>
    public void Throw()
    {
        if (!Any) return;
        var lines = _all.Take(Shown).Select(c => $"{file}:{c.Line}:{c.Column}: {c.Message}");
        if (_all.Count > Shown) lines = lines.Append($"... and {_all.Count - Shown} more.");
        throw new CommandException(string.Join('\n', lines));
    }

    /// <summary>", did you mean 'depth'?" where a known word is near enough to be meant; else the known words.</summary>
    public static string Nearest(string word, IEnumerable<string> known)
    {
        var words = known.ToArray();
        var (distance, nearest) = words.Select(k => (Distance(word.ToLowerInvariant(), k), k)).DefaultIfEmpty((int.MaxValue, "")).Min();
        return distance <= (word.Length < 4 ? 1 : 2) ? $"; did you mean '{nearest}'?" : $"; known are {string.Join(", ", words)}.";
    }

    /// <summary>The least number of letters to insert, remove or replace (Levenshtein).</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        foreach (var letter in a)
        {
            var diagonal = row[0]++;
            for (var j = 1; j <= b.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (letter == b[j - 1] ? 0 : 1)));
        }
        return row[^1];
    }
}
