using System.CommandLine;
using System.Globalization;
using TorchAlign.Data;
using TorchAlign.Experiments.Options;
using TorchAlign.Experiments.Settings;

namespace TorchAlign.Experiments.Runs;

/// <summary>Turns <see cref="DataSettings"/> into a labelled set: a generator, a set that ships, or a file.</summary>
internal static class DataLoading
{
    public const string Planar = "planar";
    public const string Gaussian = "gaussian";

    private const int PlanarPoints = 40;
    private const int GaussianPoints = 200;
    private const int GaussianDimension = 10;
    private const double GaussianMargin = 0.1;

    /// <summary>Numbers that are generated at most: 800 MB of float64, and as much again once the points are signed.</summary>
    private const long MostNumbers = 100_000_000;

    private static readonly string[] Shipped = ["iris", "digits"];

    /// <exception cref="CommandException">Options of generators are given for a file.</exception>
    public static void RequireFit(DataSettings settings)
    {
        if (!IsGenerated(settings) && (settings.Points ?? settings.Dimension ?? settings.Margin) is not null)
            throw new CommandException(
                $"--points, --dimension and --margin belong to the generators 'planar' and 'gaussian', not to '{settings.Source}'.");
    }

    public static LabelledSet Load(DataSettings settings, int seed)
    {
        RequireFit(settings);
        if (!IsGenerated(settings)) return DataFile.Read(PathOf(settings.Source), settings.Read);
        if (settings.Read != new ReadOptions())
            throw new CommandException(
                $"The options of data files (labels, centring, ...) do not apply to the generator '{settings.Source}'.");
        var isPlanar = settings.Source == Planar;
        if (isPlanar && (settings.Dimension ?? settings.Margin) is not null)
            throw new CommandException("The planar set has dimension 2 and a margin of its own; use 'gaussian' to choose them.");
        var points = settings.Points ?? (isPlanar ? PlanarPoints : GaussianPoints);
        var dimension = isPlanar ? 2 : settings.Dimension ?? GaussianDimension;
        NumberRange.AtLeast(isPlanar ? Generators.FewestPlanarPoints : 2).Require("--points", points);
        NumberRange.AtLeast(2).Require("--dimension", dimension);
        NumberRange.Share.Require("--margin", settings.Margin);
        if ((long)points * dimension > MostNumbers)
            throw new CommandException(string.Create(CultureInfo.InvariantCulture,
                $"--points {points} in dimension {dimension} are {(long)points * dimension:N0} numbers; ")
                + string.Create(CultureInfo.InvariantCulture, $"at most {MostNumbers:N0} are generated."));
        return isPlanar
            ? Generators.PlanarSet(seed, points)
            : Generators.Gaussian(seed, points, dimension, settings.Margin ?? GaussianMargin);
    }

    /// <summary>The data of a command whose seed is that of the generators alone.</summary>
    /// <exception cref="CommandException">A seed is given that would do nothing.</exception>
    public static LabelledSet Load(ParseResult parsed, DataSettings settings, Option<int> seed)
    {
        parsed.RefuseIdle((seed, IsGenerated(settings), $"where data are generated ({Planar}, {Gaussian})"));
        var set = Load(settings, parsed.GetValue(seed));
        foreach (var note in set.Notes) Console.Error.WriteLine($"torchalign: {Printable.Of(note)}");
        return set;
    }

    /// <summary>Whether the seed decides the data.</summary>
    public static bool IsGenerated(DataSettings settings) => settings.Source is Planar or Gaussian;

    /// <summary>A set that ships lies beside the program; a file of the same name in the working folder goes first.</summary>
    public static string PathOf(string source) => Shipped.Contains(source) && !File.Exists(source)
        ? Path.Combine(AppContext.BaseDirectory, "data", source + ".csv")
        : source;
}
