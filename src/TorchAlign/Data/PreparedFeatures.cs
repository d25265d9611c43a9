using TorchAlign.Numerics;

namespace TorchAlign.Data;

/// <summary>Features of a file as they are used.</summary>
/// <param name="X">(n, d).</param>
/// <param name="Names">Of the features (d), an appended constant included.</param>
/// <param name="Steps">What was done to the file's numbers, in order, in words.</param>
/// <param name="Means">What centring took from each feature; null where nobody asked for it.</param>
/// <param name="Deviations">What standardising divided each feature by; null where nobody asked for it.</param>
internal sealed record PreparedFeatures(
    Matrix X, IReadOnlyList<string> Names, IReadOnlyList<string> Steps, double[]? Means, double[]? Deviations)
{
    /// <summary>Centres, standardises and appends a constant, as the options say.</summary>
    /// <param name="file">For errors.</param>
    /// <param name="x">(n, d), which is changed.</param>
    /// <param name="names">Of the d columns.</param>
    /// <param name="options">What is asked for.</param>
    /// <exception cref="DataException">A feature that is to be standardised is constant.</exception>
    public static PreparedFeatures Of(string file, Matrix x, IReadOnlyList<string> names, ReadOptions options)
    {
        var values = x.Buffer;
        List<string> all = [.. names];
        List<string> steps = [];
        double[]? means = options.Center || options.Standardize ? Preprocessing.Center(values, x.Columns, steps) : null;
        double[]? deviations = options.Standardize ? Preprocessing.Standardize(values, x.Columns, all, file, steps) : null;
        if (options.AppendConstant) values = Preprocessing.AppendConstant(values, x.Rows, x.Columns, all, steps);
        return new PreparedFeatures(new Matrix(x.Rows, all.Count, values), all, steps, means, deviations);
    }

    /// <summary>Takes the mean of each column away, and says so.</summary>
    public static void Center(Matrix columns, List<string> steps, string said)
    {
        Preprocessing.Center(columns.Buffer, columns.Columns, []);
        steps.Add(said);
    }
}
