using System.Globalization;
using TorchAlign.Alignment;
using TorchAlign.Experiments.Papers;
using TorchAlign.Experiments.Settings;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Tasks;

/// <summary>
/// trajectory.csv: a row for each sample of each network, columns named as in a run of one output where they mean the same; and
/// singular-values.csv, a long table, as layers differ in their numbers of singular values.
/// </summary>
internal static class TaskTables
{
    public const string SingularValuesFile = "singular-values.csv";

    /// <summary>The product's singular values in trajectory.csv; singular-values.csv has them all.</summary>
    private const int MostProductValues = 10;

    private static readonly double _ln10 = Math.Log(10);

    public static IReadOnlyList<JobTable<TaskPath>> Of(RunSettings settings, IReadOnlyList<TaskNetwork> networks) =>
    [
        JobTable<TaskPath>.Of(RunFolder.TrajectoryFile, path => path.Samples.Select(sample => (path.Network, sample)),
            [new("network", "Name of the network.", row => row.Network.Name), .. Columns(settings, networks)]),
        JobTable<TaskPath>.Of(SingularValuesFile, Values,
            new("network", "Name of the network.", row => row.Network),
            new("step", "Accepted steps since the start.", row => row.Step),
            new("layer", "k of W_k, from 1; 0 is the product W_L ... W_1.", row => row.Layer),
            new("index", "j, from 1, descending.", row => row.Index),
            new("value", "The j-th singular value.", row => row.Value)),
    ];

    /// <summary>An array (samples) for each column of numbers that this network fills.</summary>
    public static IEnumerable<NpzArray> Arrays(
        RunSettings settings, IReadOnlyList<TaskNetwork> networks, TaskPath path, string prefix)
    {
        foreach (var column in Columns(settings, networks))
        {
            object?[] cells = [.. path.Samples.Select(sample => column.Of((path.Network, sample)))];
            if (cells.All(cell => cell is long or int))
                yield return NpzArray.Int64(prefix + column.Name,
                    [.. cells.Select(cell => Convert.ToInt64(cell, CultureInfo.InvariantCulture))]);
            else if (cells.All(cell => cell is double))
                yield return NpzArray.Float64(prefix + column.Name, [.. cells.Select(cell => (double)cell!)]);
        }
    }

    private static IReadOnlyList<Column<(TaskNetwork Network, TaskSample At)>> Columns(
        RunSettings settings, IReadOnlyList<TaskNetwork> networks)
    {
        var depth = networks.Max(network => network.Shape.Depth);
        var product = Math.Min(MostProductValues, Math.Min(networks[0].Shape.Inputs, networks[0].Shape.Outputs));
        return
        [
            Of("step", "Accepted steps since the start.", seen => seen.Step),
            Of("evaluations", "Gradient evaluations since the start.", seen => seen.Evaluations),
            Of("clock", "The flow's clock s, or the sum of step sizes.", seen => seen.Clock),
            Of("log_t", "Natural logarithm of the time t of dW/dt = -grad R.", seen => seen.LogTime),
            Of("log10_risk", "log10 of the risk R.", seen => seen.LogRisk / _ln10),
            Of("log10_gradient_norm", "log10 of ||grad R||.", seen => seen.LogGradientNorm / _ln10),
            .. settings.Task!.Name == "classify" ? ClassColumns() : DistanceColumns(),
            Of("product_norm", "||W_L ... W_1||_F.", seen => seen.ProductNorm),
            .. Numbered("product_singular_value", product, j => $"The {j}-th singular value of W_L ... W_1.",
                seen => seen.ProductSingularValues),
            Of("data_off_diagonal", "||offdiag(U^T P V)||_F / ||P||_F, U, V the bases of the data [RNBU].", seen => seen.DataOffDiagonal),
            Of("input_alignment", "mean_j max_i |(V^T V_1)_ji|: first layer and data.", seen => seen.InputAlignment),
            Of("output_alignment", "mean_j max_i |(U^T U_L)_ji|: last layer and data.", seen => seen.OutputAlignment),
            Of("balancedness_drift", "max_k ||change of W_{k+1}^T W_{k+1} - W_k W_k^T||_F / ||W||_F^2.", seen => seen.BalancednessDrift),
            Of("balancedness_defect", "max_k ||W_{k+1}^T W_{k+1} - W_k W_k^T||_2.", seen => seen.BalancednessDefect),
            .. Numbered("norm", depth, k => $"||W_{k}||_F.", seen => seen.FrobeniusNorms),
            .. Numbered("spectral_ratio", depth, k => $"||W_{k}||_2 / ||W_{k}||_F.", seen => seen.SpectralRatios),
            .. Numbered("adjacent_alignment", depth - 1, k => $"|<v_{k + 1}, u_{k}>|.", seen => seen.AdjacentAlignments),
            .. Numbered("adjacent_score", depth - 1, k => $"mean_j max_i |(V_{k + 1}^T U_{k})_ji| [RNBU].", seen => seen.AdjacentScores),
            .. Numbered("off_diagonal", depth,
                k => $"||offdiag(U_{k}(0)^T W_{k} V_{k}(0))||_F / ||W_{k}||_F; 0 if layer {k} keeps its bases.", seen => seen.OffDiagonal),
            .. Numbered("left_score", depth, k => $"mean_j max_i |(U_{k}(0)^T U_{k})_ji| [RNBU].", seen => seen.LeftScores),
            .. Numbered("right_score", depth, k => $"mean_j max_i |(V_{k}(0)^T V_{k})_ji| [RNBU].", seen => seen.RightScores),
            .. settings.Method.Rule == "nrt" && settings.Method.Method == "descent" ? BoundColumns() : [],
        ];
    }

    private static IEnumerable<Column<(TaskNetwork Network, TaskSample At)>> ClassColumns() =>
    [
        new("accuracy", "Share of the points whose class has the largest score alone.", row => row.At.Classes!.Accuracy),
        new("margin", "min over points and other classes c of f_y - f_c.", row => row.At.Classes!.Margin),
        new("direction_margin", "The margin over ||W_L ... W_1||_F.", row => row.At.Classes!.DirectionMargin),
        new("normalized_margin", "The margin over prod_k ||W_k||_F.", row => row.At.Classes!.NormalizedMargin),
        new("smoothed_margin", "log(1/(n R)) / ||W||_F^L.", row => row.At.Classes!.SmoothedMargin),
    ];

    private static IEnumerable<Column<(TaskNetwork Network, TaskSample At)>> DistanceColumns() =>
    [
        new("excess", "R - R_r, R_r the least risk that the network can reach.", row => row.At.Distance!.Excess),
        new("excess_share", "(R - R_r) / (R_0 - R_r), R_0 the risk of the zero network.", row => row.At.Distance!.ExcessShare),
        new("distance_to_least", "||(P - P_r) X||_F, P_r the nearest product of risk R_r.", row => row.At.Distance!.ToLeast),
        new("nearest_rank", "The k whose best product P_k lies nearest.", row => row.At.Distance!.NearestRank),
        new("distance_to_nearest", "||(P - P_k) X||_F for that k.", row => row.At.Distance!.ToNearest),
    ];

    private static IEnumerable<Column<(TaskNetwork Network, TaskSample At)>> BoundColumns() =>
    [
        new("layers_over_k", "max_k ||W_k||_2^2 / K, at most 1 says [NRT].",
            row => row.At.Seen.LargestLayerNorm * row.At.Seen.LargestLayerNorm / row.Network.Constants!.K),
        new("product_over_m", "||W_L ... W_1||_2 / M, at most 1 says [NRT].",
            row => row.At.Seen.ProductSingularValues[0] / row.Network.Constants!.M),
        new("defect_over_delta", "The balancedness defect over delta, at most 1 says [NRT].",
            row => row.At.Seen.BalancednessDefect / row.Network.Constants!.Delta),
    ];

    private static Column<(TaskNetwork Network, TaskSample At)> Of(string name, string meaning, Func<ProductObservation, object> value) =>
        new(name, meaning, row => value(row.At.Seen));

    private static IEnumerable<Column<(TaskNetwork Network, TaskSample At)>> Numbered(
        string name, int count, Func<int, string> meaning, Func<ProductObservation, double[]> values) =>
        Enumerable.Range(1, count).Select(k => new Column<(TaskNetwork Network, TaskSample At)>(
            $"{name}_{k}", meaning(k), row => values(row.At.Seen) is var all && k <= all.Length ? all[k - 1] : null));

    private static IEnumerable<(string Network, long Step, int Layer, int Index, double Value)> Values(TaskPath path) =>
        from sample in path.Samples
        from layer in sample.Seen.SingularValues.Prepend(sample.Seen.ProductSingularValues).Index()
        from value in layer.Item.Index()
        select (path.Network.Name, sample.Seen.Step, layer.Index, value.Index + 1, value.Item);
}
