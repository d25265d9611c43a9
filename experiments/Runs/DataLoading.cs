using TorchAlign.Data;
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
        return settings.Source switch
        {
            Planar => Prepared(Generators.PlanarSet(seed, settings.Points ?? PlanarPoints)),
            Gaussian => Prepared(Generators.Gaussian(seed, settings.Points ?? GaussianPoints,
                settings.Dimension ?? GaussianDimension, settings.Margin ?? GaussianMargin)),
            _ => DataFile.Read(PathOf(settings.Source), settings.Read),
        };

        LabelledSet Prepared(LabelledSet set)
        {
            if (settings.Source == Planar && (settings.Dimension ?? settings.Margin) is not null)
                throw new CommandException("The planar set has dimension 2 and a margin of its own; use 'gaussian' to choose them.");
            if (settings.Read != new ReadOptions())
                throw new CommandException(
                    $"The options of data files (labels, centring, ...) do not apply to the generator '{settings.Source}'.");
            return set;
        }
    }

    /// <summary>Whether the seed decides the data.</summary>
    public static bool IsGenerated(DataSettings settings) => settings.Source is Planar or Gaussian;

    /// <summary>A set that ships lies beside the program; a file of the same name in the working folder goes first.</summary>
    public static string PathOf(string source) => Shipped.Contains(source) && !File.Exists(source)
        ? Path.Combine(AppContext.BaseDirectory, "data", source + ".csv")
        : source;
}
