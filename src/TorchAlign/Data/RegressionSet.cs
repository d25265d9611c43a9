using TorchAlign.Numerics;

namespace TorchAlign.Data;

/// <summary>n samples with inputs x_i in R^{d_0} and targets y_i in R^{d_L}, one sample a row. Its matrices must not be changed.</summary>
/// <remarks>
/// The papers write samples as columns: their X (d_0, n) and Y (d_L, n) are the transposes of <see cref="X"/> and <see cref="Y"/>.
/// </remarks>
public sealed class RegressionSet
{
    private readonly Lazy<string> _hash;

    /// <param name="name">Where the data come from: a file name or a generator with its arguments.</param>
    /// <param name="x">Inputs (n, d_0).</param>
    /// <param name="y">Targets (n, d_L).</param>
    /// <exception cref="DataException">The numbers of samples differ, or a value is NaN or infinite.</exception>
    public RegressionSet(string name, Matrix x, Matrix y)
    {
        if (x.Rows != y.Rows) throw new DataException($"{name}: {x.Rows} inputs, but {y.Rows} targets.");
        Require(name, "input", x);
        Require(name, "target", y);
        (Name, X, Y) = (name, x, y);
        _hash = new(() => DataHash.Of(x.Rows, x.Columns, (double[])[.. x.Values, .. y.Values], []));
    }

    public string Name { get; }

    /// <summary>n.</summary>
    public int Count => X.Rows;

    /// <summary>d_0.</summary>
    public int Inputs => X.Columns;

    /// <summary>d_L.</summary>
    public int Outputs => Y.Columns;

    /// <summary>Inputs (n, d_0).</summary>
    public Matrix X { get; }

    /// <summary>Targets (n, d_L).</summary>
    public Matrix Y { get; }

    /// <summary>SHA-256 (hex) of n, d_0 and the bits of all values.</summary>
    public string Hash => _hash.Value;

    /// <summary>
    /// The samples with inputs X (X X^T / n)^(-1/2) on their span, X the columns of the papers: X X^T becomes n times a projection, so that
    /// every target is learned at one speed.
    /// </summary>
    public RegressionSet Whitened()
    {
        var svd = Svd.Of(X);
        var cut = Math.Max(X.Rows, X.Columns) * Math.ScaleB(svd.S[0], -52);
        var rank = svd.S.Count(value => value > cut);
        var whitened = Math.Sqrt(Count) * svd.U.ColumnRange(0, rank).TimesTransposed(svd.V.ColumnRange(0, rank));
        return new RegressionSet($"{Name}, whitened", whitened, Y);
    }

    private static void Require(string name, string what, Matrix values)
    {
        for (var i = 0; i < values.Rows; i++)
            for (var j = 0; j < values.Columns; j++)
                if (!double.IsFinite(values[i, j]))
                    throw new DataException($"{name}: sample {i}, {what} {j} is {values[i, j]}; it must be finite.");
    }
}
