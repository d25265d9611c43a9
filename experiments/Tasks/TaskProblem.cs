using TorchAlign.Data;
using TorchAlign.Experiments.Runs;
using TorchAlign.Experiments.Settings;
using TorchAlign.Losses;
using TorchAlign.Numerics;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Tasks;

/// <summary>The data of a task, as its networks see them.</summary>
/// <param name="Name">Of the file or generator.</param>
/// <param name="Hash">Of the data before they are scaled.</param>
/// <param name="Data">X (n, d) and Y (n, outputs): of classes the unit vectors.</param>
/// <param name="Classes">The same points with their classes; null where the task has targets.</param>
/// <param name="Outputs">What the outputs are called.</param>
/// <param name="Features">What the inputs are called.</param>
/// <param name="Preprocessing">What was done to the file's numbers, in words.</param>
/// <param name="Scale">The largest norm of a point, by which all are divided where classes are learned; 1 elsewhere.</param>
internal sealed record TaskProblem(
    string Name, string Hash, RegressionSet Data, ClassifiedSet? Classes, IReadOnlyList<string> Outputs, IReadOnlyList<string> Features,
    IReadOnlyList<string> Preprocessing, double Scale)
{
    /// <summary>More numbers than this are no layer of a deep linear network that anybody runs here.</summary>
    private const long MostEntries = 1L << 30;

    public DataIdentity Identity => new(Name, Hash);

    public SecondMoments Moments { get; } = SecondMoments.Of(Data);

    /// <summary>A loss of its own for whoever evaluates it: it keeps memory to work in. Of targets alone.</summary>
    public SquaredLoss NewSquaredLoss(RunSettings settings) => Squared(settings, Moments);

    /// <summary>The sum of [NRT] or the mean of [RNBU] on such moments.</summary>
    public static SquaredLoss Squared(RunSettings settings, SecondMoments moments) =>
        settings.Loss == "squared-mean" ? SquaredLoss.Mean(moments) : SquaredLoss.Sum(moments);

    /// <exception cref="CommandException">Options and data do not go together, or the numbers leave float64.</exception>
    /// <exception cref="DataException">The data cannot be read or used.</exception>
    public static TaskProblem Load(RunSettings settings)
    {
        DataLoading.RequireFit(settings.Data);
        var problem = settings.Task!.Name == "classify" ? Classified(settings) : Targets(settings);
        if ((long)problem.Data.Inputs * problem.Data.Outputs > MostEntries)
            throw new CommandException($"{problem.Name}: {problem.Data.Inputs} inputs and {problem.Data.Outputs} outputs make a layer of "
                + "more than 2^30 numbers. Take fewer.");
        return problem;
    }

    private static TaskProblem Classified(RunSettings settings)
    {
        var table = DataLoading.IsGenerated(settings.Data)
            ? ClassTable.Of(DataLoading.Load(settings.Data, settings.Seed))
            : ClassTable.Read(DataLoading.PathOf(settings.Data.Source), settings.Data.Read);
        var set = table.Set;
        var scale = LargestNorm(set);
        var scaled = set.X.Copy();
        foreach (ref var value in scaled.Values) value /= scale;
        var points = new ClassifiedSet(set.Name, scaled, set.Labels, set.ClassNames);
        return new TaskProblem(
            set.Name, set.Hash, points.ToRegression(), points, set.ClassNames, table.Features, table.Preprocessing, scale);
    }

    private static TaskProblem Targets(RunSettings settings)
    {
        if (DataLoading.IsGenerated(settings.Data) && settings.Task!.Targets is not null)
            throw new CommandException($"--targets names columns of a file; the generator '{settings.Data.Source}' has labels only.");
        var table = DataLoading.IsGenerated(settings.Data)
            ? TargetTable.Of(DataLoading.Load(settings.Data, settings.Seed))
            : TargetTable.Read(DataLoading.PathOf(settings.Data.Source), settings.Data.Read, settings.Task!.Targets);
        var set = table.Set;
        RequireSquares(set.Name, "inputs", set.X);
        RequireSquares(set.Name, "targets", set.Y);
        var problem = new TaskProblem(
            set.Name, set.Hash, set, null, table.Targets, table.Features, table.Preprocessing, 1);
        if (problem.Moments.CrossMoments.Values.IndexOfAnyExcept(0.0) < 0)
            throw new CommandException($"{set.Name}: Y X^T = 0, so no linear map fits the targets better than 0. Append a constant feature "
                + "(--append-constant), or centre (--center).");
        return problem;
    }

    private static double LargestNorm(ClassifiedSet set)
    {
        var largest = 0.0;
        foreach (var value in set.X.Values) largest = Math.Max(largest, Math.Abs(value));
        var norm = 0.0;
        for (var i = 0; i < set.Count; i++)
        {
            var squares = 0.0;
            foreach (var value in set.X.Row(i)) squares += value / largest * (value / largest);
            norm = Math.Max(norm, Math.Sqrt(squares));
        }
        var scale = largest * norm;
        if (scale is > 1e-300 and < double.PositiveInfinity) return scale;
        throw new CommandException($"{set.Name}: the largest point has the norm {scale:R}, which float64 cannot divide by. Scale the "
            + "features (--standardize).");
    }

    /// <summary>The loss is made of squares: those of such numbers must be float64 with all their digits.</summary>
    private static void RequireSquares(string name, string what, Matrix values)
    {
        var norm = values.FrobeniusNorm;
        if (norm is > 1e-100 and < 1e100) return;
        throw new CommandException($"{name}: the {what} have the norm {norm:R}; squares of such numbers leave float64. Write them in "
            + "another unit, or standardise the features (--standardize).");
    }
}
