using System.Globalization;
using TorchAlign.Alignment;
using TorchAlign.Networks;

namespace TorchAlign.Recording;

/// <summary>
/// trajectory.csv: one row for each observation of each network, first column the network's name. Columns of layers reach
/// to the deepest network and are empty for shallower ones; w_1, w_2, w_3 are there for d at most 3. Numbers are in the
/// shortest form that parses back to the same bits; NaN stands for "no reference to compare with".
/// </summary>
public sealed class TrajectoryTable
{
    /// <summary>Widest input for which w_prod is written.</summary>
    public const int MaximumProductColumns = 3;

    private static readonly double Ln10 = Math.Log(10);
    private readonly int _depth;
    private readonly int _product;

    public TrajectoryTable(IReadOnlyList<NetworkIdentity> networks)
    {
        if (networks.Count == 0) throw new ArgumentException("A trajectory needs a network.", nameof(networks));
        _depth = networks.Max(n => n.Shape.Depth);
        var inputs = networks.Max(n => n.Shape.Inputs);
        _product = inputs <= MaximumProductColumns ? inputs : 0;
        Columns = [.. Scalars(), .. Layers()];
    }

    /// <summary>Names in order, with their meaning; run.json holds them too.</summary>
    public IReadOnlyList<Column> Columns { get; }

    /// <summary>
    /// One array (m) a column that this network fills, m the number of observations, named prefix + column.
    /// </summary>
    internal IEnumerable<NpzArray> Arrays(string prefix, NetworkShape shape, IReadOnlyList<Observation> observations)
    {
        // Through the cells, which parse back to the same bits, so that there is one list of columns.
        var rows = observations.Select(seen => Row("", seen)).ToArray();
        for (var c = 1; c < Columns.Count; c++)
        {
            var (name, column) = (Columns[c].Name, c);
            if (LayerOf(name) > shape.Depth - (name.StartsWith("adjacent", StringComparison.Ordinal) ? 1 : 0)) continue;
            if (name is "step" or "evaluations")
                yield return NpzArray.Int64(prefix + name,
                    [.. rows.Select(row => long.Parse(row[column], CultureInfo.InvariantCulture))]);
            else
                yield return NpzArray.Float64(prefix + name,
                    [.. rows.Select(row => double.Parse(row[column], CultureInfo.InvariantCulture))]);
        }
    }

    /// <summary>k of a column of layer k; 0 for the others.</summary>
    private static int LayerOf(string column) =>
        !column.StartsWith("w_", StringComparison.Ordinal)
        && int.TryParse(
            column.AsSpan(column.LastIndexOf('_') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var layer)
            ? layer
            : 0;

    /// <summary>The cells of one observation.</summary>
    public IReadOnlyList<string> Row(string network, Observation o)
    {
        var cells = new List<string>(Columns.Count)
        {
            network,
            o.Step.ToString(CultureInfo.InvariantCulture),
            o.Evaluations.ToString(CultureInfo.InvariantCulture),
        };
        foreach (var value in (ReadOnlySpan<double>)[o.Clock, o.LogTime, o.Log10Risk, o.LogGradientNorm / Ln10,
                     o.OneMinusCosine, o.AngleTimesNorm, o.DirectionMargin, o.NormalizedMargin, o.SmoothedMargin,
                     o.ProductNorm, o.ProductAlignment, o.FirstRightAlignment, o.DualWeightDistance, o.BalancednessDrift])
            cells.Add(Format(value));
        Add(cells, o.FrobeniusNorms, _depth);
        Add(cells, o.SpectralRatios, _depth);
        Add(cells, o.RankOneResiduals, _depth);
        Add(cells, o.AdjacentAlignments, _depth - 1);
        if (_product > 0) Add(cells, o.Product, _product);
        return cells;
    }

    /// <summary>The observations of a file of this table.</summary>
    /// <exception cref="RecordingException">A row is not one of this table.</exception>
    internal IReadOnlyList<(string Network, Observation Observation)> Read(
        string path, IReadOnlyDictionary<string, NetworkShape> networks)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        reader.ReadLine();
        var rows = new List<(string, Observation)>();
        while (reader.ReadLine() is { } line)
        {
            var cells = line.Split(',');
            try
            {
                rows.Add((cells[0], Parse(cells, networks[cells[0]])));
            }
            catch (Exception error) when (error is FormatException or KeyNotFoundException or IndexOutOfRangeException or OverflowException)
            {
                throw new RecordingException($"'{path}', line {rows.Count + 2}, is no row of a trajectory: {line}", error);
            }
        }
        return rows;
    }

    private Observation Parse(string[] cells, NetworkShape shape)
    {
        var next = 1;
        var (step, evaluations) = (Whole(), Whole());
        return new Observation
        {
            Step = step,
            Evaluations = evaluations,
            Clock = Number(),
            LogTime = Number(),
            LogRisk = TimesLn10(Number()),
            LogGradientNorm = TimesLn10(Number()),
            OneMinusCosine = Number(),
            AngleTimesNorm = Number(),
            DirectionMargin = Number(),
            NormalizedMargin = Number(),
            SmoothedMargin = Number(),
            ProductNorm = Number(),
            ProductAlignment = Number(),
            FirstRightAlignment = Number(),
            DualWeightDistance = Number(),
            BalancednessDrift = Number(),
            FrobeniusNorms = Numbers(shape.Depth, _depth),
            SpectralRatios = Numbers(shape.Depth, _depth),
            RankOneResiduals = Numbers(shape.Depth, _depth),
            AdjacentAlignments = Numbers(shape.Depth - 1, _depth - 1),
            Product = Numbers(_product, _product),
        };

        long Whole() => long.Parse(cells[next++], CultureInfo.InvariantCulture);

        double Number() => double.Parse(cells[next++], CultureInfo.InvariantCulture);

        double[] Numbers(int count, int columns)
        {
            var values = cells[next..(next + count)];
            next += columns;
            return Array.ConvertAll(values, value => double.Parse(value, CultureInfo.InvariantCulture));
        }
    }

    /// <summary>A number whose quotient by ln 10 has the bits of <paramref name="quotient"/>.</summary>
    private static double TimesLn10(double quotient)
    {
        var value = quotient * Ln10;
        while (double.IsFinite(value) && value / Ln10 < quotient) value = Math.BitIncrement(value);
        while (double.IsFinite(value) && value / Ln10 > quotient) value = Math.BitDecrement(value);
        return value;
    }

    private static IEnumerable<Column> Scalars() =>
    [
        new("network", "name of the network, as in run.json"),
        new("step", "accepted steps since the start"),
        new("evaluations", "gradient evaluations since the start"),
        new("clock", "the flow's clock s, or the sum of step sizes"),
        new("log_t", "natural logarithm of the time t of dW/dt = -grad R"),
        new("log10_risk", "log10 of the risk R"),
        new("log10_gradient_norm", "log10 of ||grad R||"),
        new("one_minus_cosine", "1 - cos(w_prod, u_bar), from the perpendicular residual"),
        new("angle_times_norm", "sin(w_prod, u_bar) ||w_prod||"),
        new("direction_margin", "min_i <w_prod, z_i> / ||w_prod||"),
        new("normalized_margin", "min_i <w_prod, z_i> / prod_k ||W_k||_F"),
        new("smoothed_margin", "log(1/(n R)) / ||W||_F^L"),
        new("product_norm", "||w_prod||"),
        new("product_alignment", "|<w_prod / prod_k ||W_k||_F, v_1>|"),
        new("first_right_alignment", "|<v_1, u_bar>|"),
        new("dual_weight_distance",
            "1/2 sum_i |q_i - a_i|: weights of the points in the gradient against the dual weights of the maximum margin"),
        new("balancedness_drift", "max_k ||change of W_{k+1}^T W_{k+1} - W_k W_k^T||_F / ||W||_F^2"),
    ];

    private IEnumerable<Column> Layers() =>
    [
        .. Numbered("norm", _depth, k => $"||W_{k}||_F"),
        .. Numbered("spectral_ratio", _depth, k => $"||W_{k}||_2 / ||W_{k}||_F"),
        .. Numbered("rank_one_residual", _depth, k => $"||W_{k}/||W_{k}||_F - u_{k} v_{k}^T||_F"),
        .. Numbered("adjacent_alignment", _depth - 1, k => $"|<v_{k + 1}, u_{k}>|"),
        .. Numbered("w", _product, k => $"entry {k} of w_prod"),
    ];

    private static IEnumerable<Column> Numbered(string name, int count, Func<int, string> meaning) =>
        Enumerable.Range(1, count).Select(k => new Column($"{name}_{k}", meaning(k)));

    private static void Add(List<string> cells, double[] values, int columns)
    {
        if (values.Length > columns)
            throw new ArgumentException($"An observation with {values.Length} entries in a table for {columns}.");
        for (var k = 0; k < columns; k++) cells.Add(k < values.Length ? Format(values[k]) : "");
    }

    private static string Format(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
