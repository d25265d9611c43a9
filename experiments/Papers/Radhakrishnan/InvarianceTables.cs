using System.Globalization;
using TorchAlign.Networks;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Papers;

/// <summary>What an experiment leaves in its folder besides the report: two tables, the layers, and the results of each network.</summary>
internal sealed class InvarianceTables(PaperRun run, int depth)
{
    private const string DescentFile = "descent.csv";
    private const string SingularValuesFile = "singular-values.csv";

    private readonly TableWriter _descent = run.Table(DescentFile);
    private readonly TableWriter _values = run.Table(SingularValuesFile);

    /// <summary>Long, because layers differ in the number of their singular values.</summary>
    public static TableDescription SingularValues { get; } = new(SingularValuesFile,
    [
        new("network", "The network's name."),
        new("step", "Steps of descent so far."),
        new("layer", "k of W_k, from 1."),
        new("index", "j, from 1, descending."),
        new("value", "The j-th singular value of W_k."),
    ]);

    /// <summary>A row for each sample of each network of <paramref name="depth"/> layers.</summary>
    public static TableDescription Descent(int depth)
    {
        IEnumerable<Column> Each(string name, int count, Func<int, string> meaning) =>
            Enumerable.Range(1, count).Select(k => new Column($"{name}_{k}", meaning(k)));

        return new TableDescription(DescentFile,
        [
            new("network", "The network's name."),
            new("step", "Steps of descent so far."),
            new("loss", "The loss."),
            .. Each("off_diagonal", depth, k => $"||offdiag(U_{k}(0)^T W_{k} V_{k}(0))||_F / ||W_{k}||_F; 0 if layer {k} keeps its bases."),
            .. Each("inner_off_diagonal", depth, k => $"The same of layer {k} with V_1 and U_L free; empty after a random start."),
            .. Each("left_score", depth, k => $"mean_j max_i |(U_{k}(0)^T U_{k})_ji|, the score of the authors of [RNBU]."),
            .. Each("right_score", depth, k => $"mean_j max_i |(V_{k}(0)^T V_{k})_ji|."),
            .. Each("adjacent", depth - 1, k => $"mean_j max_i |(V_{k + 1}^T U_{k})_ji|: alignment of layers {k} and {k + 1} now."),
            .. Each("spectral_norm", depth, k => $"||W_{k}||_2."),
            new("recursion_error", "The greatest distance of a singular value from the scalar recursion; empty where it does not apply."),
        ]);
    }

    /// <summary>Adds a sample to both tables; it is in the files when this returns.</summary>
    public void Append(string network, DescentSample sample)
    {
        var scores = sample.Scores;
        var values = scores.SingularValues;
        _descent.Append(
        [
            network, Text(sample.Step), Text(sample.Loss), .. scores.OffDiagonal.Select(Text),
            .. sample.Inner?.Select(Text) ?? Enumerable.Repeat("", depth),
            .. scores.Left.Select(Text), .. scores.Right.Select(Text), .. scores.Adjacent.Select(Text),
            .. values.Select(layer => Text(layer[0])), double.IsNaN(sample.RecursionError) ? "" : Text(sample.RecursionError),
        ]);
        for (var k = 0; k < values.Length; k++)
            for (var j = 0; j < values[k].Length; j++)
                _values.Append([network, Text(sample.Step), Text(k + 1), Text(j + 1), Text(values[k][j])]);
    }

    /// <summary>
    /// Writes NAME_Wk_initial and NAME_Wk_final (d_k, d_{k-1}), k from 1, for each network: numpy.load("state.npz"). What is no letter
    /// in a name becomes an underscore.
    /// </summary>
    public static void WriteState(string path, IReadOnlyList<SubjectRun> runs)
    {
        var arrays =
            from done in runs
            let subject = done.Subject
            from state in new[] { (When: "initial", Weights: subject.Weights(subject.Start)), (When: "final", Weights: done.Final) }
            from k in Enumerable.Range(0, subject.Shape.Depth)
            let name = $"{Identifier(subject.Name)}_W{k + 1}_{state.When}"
            let layer = LinearProduct.Layer(subject.Shape, state.Weights, k)
            select NpzArray.Float64(name, layer.Values.ToArray(), layer.Rows, layer.Columns);
        try
        {
            NpzWriter.Write(path, [.. arrays]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RecordingException($"'{path}' cannot be written: {e.Message}", e);
        }
    }

    /// <summary>A network's part of summary.json.</summary>
    public static object Summary(SubjectRun run) => new
    {
        run.Subject.Name,
        run.Subject.Shape.Widths,
        run.Subject.Parameters,
        Result = run.End.Name,
        run.End.Message,
        StepSize = run.Subject.Rate,
        Steps = run.Last.Step,
        InitialLoss = run.Samples[0].Loss,
        run.Last.Loss,
        LeastLoss = run.Subject.Least,
        GreatestOffDiagonal = run.Worst(sample => sample.OffDiagonal),
        GreatestInnerOffDiagonal = run.Worst(sample => sample.InnerOffDiagonal),
        GreatestRecursionError = run.Worst(sample => sample.RecursionError),
        Final = new
        {
            run.Last.Scores.OffDiagonal,
            InnerOffDiagonal = run.Last.Inner,
            LeftScore = run.Last.Scores.Left,
            RightScore = run.Last.Scores.Right,
            run.Last.Scores.Adjacent,
            SpectralNorms = run.Last.Scores.SingularValues.Select(values => values[0]),
        },
        run.Seconds,
    };

    private static string Identifier(string name) =>
        string.Join('_', name.Split([' ', '-', '\''], StringSplitOptions.RemoveEmptyEntries));

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
