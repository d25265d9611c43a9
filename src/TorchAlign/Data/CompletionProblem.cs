using TorchAlign.Numerics;

namespace TorchAlign.Data;

/// <summary>A seen entry T_ij.</summary>
public readonly record struct SeenEntry(int Row, int Column, double Value);

/// <summary>A matrix of which some entries are seen, to be completed.</summary>
public sealed class CompletionProblem
{
    /// <exception cref="DataException">No entries, or one outside the matrix, twice, or not finite.</exception>
    public CompletionProblem(int rows, int columns, IReadOnlyList<SeenEntry> seen)
    {
        if (seen.Count == 0) throw new DataException("No entry of the matrix is seen.");
        var places = new HashSet<(int, int)>();
        foreach (var entry in seen)
        {
            if (entry.Row < 0 || entry.Row >= rows || entry.Column < 0 || entry.Column >= columns)
                throw new DataException($"Entry ({entry.Row}, {entry.Column}) lies outside the {rows} x {columns} matrix.");
            if (!double.IsFinite(entry.Value))
                throw new DataException($"Entry ({entry.Row}, {entry.Column}) is {entry.Value}; it must be finite.");
            if (!places.Add((entry.Row, entry.Column)))
                throw new DataException($"Entry ({entry.Row}, {entry.Column}) is given twice.");
        }
        (Rows, Columns, Seen) = (rows, columns, seen);
    }

    public int Rows { get; }

    public int Columns { get; }

    public IReadOnlyList<SeenEntry> Seen { get; }

    /// <summary>
    /// A random target (size, size) of the given rank with Gaussian factors, scaled to ||T||_F = sqrt(rank), so that its singular values
    /// are about 1, and a random choice of its entries without repetition.
    /// </summary>
    public static (CompletionProblem Problem, Matrix Target) Random(int size, int rank, int seen, RandomStream random)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rank, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rank, size);
        ArgumentOutOfRangeException.ThrowIfLessThan(seen, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(seen, size * size);
        var (left, right) = (new Matrix(size, rank), new Matrix(size, rank));
        random.FillGaussian(left.Values);
        random.FillGaussian(right.Values);
        var target = left.TimesTransposed(right);
        target = Math.Sqrt(rank) / target.FrobeniusNorm * target;
        // The first of a shuffled list.
        int[] places = [.. Enumerable.Range(0, size * size)];
        for (var i = 0; i < seen; i++)
        {
            var other = i + random.NextInt32(places.Length - i);
            (places[i], places[other]) = (places[other], places[i]);
        }
        SeenEntry[] entries = [.. places.Take(seen).Order().Select(p => new SeenEntry(p / size, p % size, target.Values[p]))];
        return (new CompletionProblem(size, size, entries), target);
    }
}
