namespace TorchAlign.Data;

/// <summary>
/// What may be done to the columns of X (n, d) before use. Each step adds a word to the list of steps.
/// </summary>
internal static class Preprocessing
{
    /// <returns>The means (d).</returns>
    public static double[] Center(double[] x, int d, List<string> steps)
    {
        int n = x.Length / d;
        var means = new double[d];
        for (int j = 0; j < d; j++)
        {
            // A mean of equal numbers may differ from them by rounding; what is left must be 0, not noise.
            double first = x[j];
            bool constant = true;
            for (int i = 1; i < n && constant; i++) constant = x[i * d + j] == first;
            for (int i = 0; i < n && constant; i++) x[i * d + j] = 0;
            if (constant) means[j] = first;

            // The second pass takes away what rounding left in the first mean.
            for (int pass = 0; pass < 2; pass++)
            {
                double mean = 0;
                for (int i = 0; i < n; i++) mean += x[i * d + j] / n;
                for (int i = 0; i < n; i++) x[i * d + j] -= mean;
                means[j] += mean;
            }
        }

        steps.Add("centred");
        return means;
    }

    /// <summary>Divides centred columns by their standard deviation.</summary>
    /// <returns>The deviations (d).</returns>
    public static double[] Standardize(double[] x, int d, IReadOnlyList<string> names, string file, List<string> steps)
    {
        int n = x.Length / d;
        var deviations = new double[d];
        for (int j = 0; j < d; j++)
        {
            double largest = 0, squares = 0;
            for (int i = 0; i < n; i++) largest = Math.Max(largest, Math.Abs(x[i * d + j]));
            for (int i = 0; i < n && largest > 0; i++) squares += x[i * d + j] / largest * (x[i * d + j] / largest);
            double deviation = largest * Math.Sqrt(squares / n);
            if (deviation == 0)
                throw new DataException(
                    $"{file}, column {names[j]}: the feature is constant and cannot be standardised. Remove it, "
                    + "or centre only (--center).");
            for (int i = 0; i < n; i++) x[i * d + j] /= deviation;
            deviations[j] = deviation;
        }

        steps.Add("standardised");
        return deviations;
    }

    public static double[] AppendConstant(double[] x, int n, int d, List<string> names, List<string> steps)
    {
        var wider = new double[n * (d + 1)];
        for (int i = 0; i < n; i++)
        {
            x.AsSpan(i * d, d).CopyTo(wider.AsSpan(i * (d + 1)));
            wider[i * (d + 1) + d] = 1;
        }

        names.Add("constant");
        steps.Add("constant feature 1 appended");
        return wider;
    }
}
