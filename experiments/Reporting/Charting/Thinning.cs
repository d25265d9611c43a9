namespace TorchAlign.Experiments.Reporting.Charting;

/// <summary>Fewer points for a picture; the table on disk keeps them all.</summary>
public static class Thinning
{
    /// <summary>
    /// At most about <paramref name="most"/> samples: the first and last, and from each of equal strips of the drawn x axis
    /// the least and the greatest y, so that no excursion is lost.
    /// </summary>
    public static IReadOnlyList<Sample> Thin(IReadOnlyList<Sample> samples, Axis x, int most)
    {
        if (samples.Count <= most) return samples;
        var places = samples.Select(s => x.Place(s.X)).ToArray();
        double least = places.Min(), width = (places.Max() - least) / (most / 2);
        var keep = new SortedSet<int> { 0, samples.Count - 1 };
        var strips = Enumerable.Range(0, samples.Count)
            .GroupBy(i => width > 0 ? (int)((places[i] - least) / width) : 0);
        foreach (var strip in strips)
        {
            keep.Add(strip.MinBy(i => samples[i].Y));
            keep.Add(strip.MaxBy(i => samples[i].Y));
        }
        return [.. keep.Select(i => samples[i])];
    }

    /// <summary>A path in the plane without the points that lie closer than <paramref name="distance"/> to the last kept.</summary>
    public static IReadOnlyList<Sample> Thin(IReadOnlyList<Sample> path, double distance)
    {
        var kept = new List<Sample>();
        for (var i = 0; i < path.Count; i++)
            if (kept.Count == 0 || i == path.Count - 1
                || double.Hypot(path[i].X - kept[^1].X, path[i].Y - kept[^1].Y) >= distance)
                kept.Add(path[i]);
        return kept;
    }
}
