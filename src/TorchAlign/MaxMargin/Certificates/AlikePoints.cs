using System.Runtime.InteropServices;
using TorchAlign.Data;

namespace TorchAlign.MaxMargin;

/// <summary>Points that are equal to another one, or to minus another one, bit by bit as they were given. No point may be 0.</summary>
internal sealed class AlikePoints
{
    private AlikePoints(int count) => Repeats = new bool[count];

    /// <summary>Whether a point (n) is equal to one before it.</summary>
    public bool[] Repeats { get; }

    /// <summary>Two points of which one is minus the other; null if there are none.</summary>
    public (int First, int Second)? Opposites { get; private set; }

    /// <summary>Looks until there are opposites, at the cost of one pass.</summary>
    public static AlikePoints Of(SignedPoints points)
    {
        var found = new AlikePoints(points.Count);
        var seen = new Dictionary<int, List<int>>(points.Count);
        for (int i = 0; i < points.Count; i++)
        {
            ref List<int>? alike = ref CollectionsMarshal.GetValueRefOrAddDefault(seen, Hash(points.Given(i)), out _);
            alike ??= [];
            foreach (int other in alike)
            {
                int factor = points.Sign(i) * points.Sign(other);
                if (IsMultiple(points, i, other, -factor))
                {
                    found.Opposites = (other, i);
                    return found;
                }

                found.Repeats[i] |= IsMultiple(points, i, other, factor);
            }

            if (!found.Repeats[i]) alike.Add(i);
        }

        return found;
    }

    /// <summary>The same for x and -x, for 0 and -0.</summary>
    private static int Hash(ReadOnlySpan<double> x)
    {
        int first = x.IndexOfAnyExcept(0.0);
        var hash = new HashCode();
        for (int j = first; j < x.Length; j++)
            if (x[j] != 0) hash.Add(x[j] * Math.Sign(x[first]));
        return hash.ToHashCode();
    }

    private static bool IsMultiple(SignedPoints points, int i, int other, int factor)
    {
        ReadOnlySpan<double> x = points.Given(i), y = points.Given(other);
        for (int j = 0; j < x.Length; j++)
            if (x[j] != factor * y[j]) return false;
        return true;
    }
}
