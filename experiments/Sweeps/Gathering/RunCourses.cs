using System.Globalization;
using System.Text.Json.Nodes;
using TorchAlign.Experiments.Reporting.Charting;
using TorchAlign.Experiments.Sweeps.Planning;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Sweeps.Gathering;

/// <summary>
/// Quantiles of trajectory columns along the clock, over the runs that differ in their seed alone; of runs of one network, whose
/// trajectory.csv has one curve.
/// </summary>
internal static class RunCourses
{
    private const string Clock = "clock";
    private const int GridPoints = 41;

    /// <summary>Columns worth a band, in the order of the page's chooser.</summary>
    public static IReadOnlyList<string> Columns { get; } =
        ["one_minus_cosine", "angle_times_norm", "log10_risk", "normalized_margin", "balancedness_drift", "product_norm",
            "accuracy", "excess_share", "off_diagonal_1"];

    /// <summary>Groups that are drawn; more are hard to tell apart and make the page large.</summary>
    private const int MostGroups = 40;

    private sealed record Course(double[] Clock, IReadOnlyDictionary<string, double[]> Values);

    /// <summary>A list of {settings, columns: {NAME: [[clock, low, median, high], ...]}}; empty where no run has a clock.</summary>
    public static JsonArray Gather(SweepFolder folder, SweepTable table)
    {
        var groups = table.Rows.Where(row => row.State == RunState.Done)
            .GroupBy(row => string.Join('\n', row.Run.Settings.Where(setting => setting.Key != "seed").Select(setting => setting.Value)))
            .Take(MostGroups).ToArray();
        return [.. groups.AsParallel().AsOrdered().Select(group => Group([.. group], folder, table)).OfType<JsonNode>().ToArray()];
    }

    private static JsonObject? Group(IReadOnlyList<SweepRow> rows, SweepFolder folder, SweepTable table)
    {
        Course[] courses = [.. rows
            .Select(row => Read(Path.Combine(folder.RunFolder(row.Run), RunFolder.TrajectoryFile))).OfType<Course>()];
        if (courses.Length == 0) return null;
        var settings = rows[0].Run.Settings.Keys.Where(name => name != "seed");
        // Where half of the runs have ended, what is left is no sample of them all.
        var last = Quantile([.. courses.Select(course => course.Clock[^1])], 0.5);
        var first = courses.Max(course => course.Clock.First(clock => clock > 0));
        if (!(first < last)) return null;
        double[] grid = [.. Enumerable.Range(0, GridPoints).Select(i => first * Math.Pow(last / first, i / (GridPoints - 1.0)))];
        var columns = new JsonObject();
        foreach (var name in Columns.Where(name => courses.All(course => course.Values.ContainsKey(name))))
            columns[name] = VegaLite.Array(grid.Select(clock => Point(clock, courses, name)).OfType<JsonNode>());
        return new JsonObject
        {
            ["settings"] = new JsonObject(settings.Select(name => KeyValuePair.Create(name, table.Setting(rows[0], name)))),
            ["columns"] = columns,
        };
    }

    private static JsonArray? Point(double clock, Course[] courses, string column)
    {
        double[] values = [.. courses.Where(course => course.Clock[^1] >= clock)
            .Select(course => At(clock, course.Clock, course.Values[column])).Where(double.IsFinite)];
        if (2 * values.Length < courses.Length) return null;
        Array.Sort(values);
        return [.. ((double[])[clock, Quantile(values, 0.1), Quantile(values, 0.5), Quantile(values, 0.9)])
            .Select(value => (JsonNode)VegaLite.Round(value))];
    }

    private static double At(double clock, double[] clocks, double[] values)
    {
        var i = Array.BinarySearch(clocks, clock);
        if (i >= 0) return values[i];
        i = ~i;
        var share = (clock - clocks[i - 1]) / (clocks[i] - clocks[i - 1]);
        return (1 - share) * values[i - 1] + share * values[i];
    }

    /// <summary>Between the two values next to it, as numpy's default; sorts what it is given.</summary>
    private static double Quantile(double[] values, double share)
    {
        Array.Sort(values);
        var place = share * (values.Length - 1);
        var below = (int)place;
        var above = Math.Min(below + 1, values.Length - 1);
        return values[below] + (place - below) * (values[above] - values[below]);
    }

    /// <summary>Null where the table cannot be read, has no clock that goes on, several networks, or too few rows.</summary>
    private static Course? Read(string path)
    {
        try
        {
            return Parse([.. File.ReadLines(path)]);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static Course? Parse(string[] lines)
    {
        if (lines.Length < 3) return null;
        var header = lines[0].Split(',');
        var network = Array.IndexOf(header, "network");
        if (!header.Contains(Clock) || network < 0) return null;
        string[][] rows = [.. lines.Skip(1).Select(line => line.Split(','))];
        if (rows.Any(row => row.Length != header.Length || row[network] != rows[0][network])) return null;
        var clock = Column(Clock);
        return !clock.All(double.IsFinite) || !(clock[^1] > 0) ? null
            : new Course(clock, Columns.Where(name => header.Contains(name)).ToDictionary(name => name, Column));

        double[] Column(string name) => [.. rows.Select(row => double.TryParse(
            row[Array.IndexOf(header, name)], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : double.NaN)];
    }
}
