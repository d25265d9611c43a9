using System.Numerics.Tensors;

namespace TorchAlign.Numerics;

/// <summary>A dense float64 matrix (rows, columns), row-major. Its values are shared, not copied.</summary>
public sealed class Matrix
{
    private readonly double[] _values;

    /// <param name="rows">At least 1.</param>
    /// <param name="columns">At least 1.</param>
    /// <param name="values">rows x columns numbers, row after row; kept, not copied.</param>
    /// <exception cref="ArgumentException">The count of the numbers is another.</exception>
    public Matrix(int rows, int columns, double[] values)
    {
        if (rows < 1 || columns < 1) throw new ArgumentException($"A matrix needs rows and columns; got {rows} x {columns}.");
        if (values.Length != (long)rows * columns)
            throw new ArgumentException(
                $"A {rows} x {columns} matrix holds {(long)rows * columns} numbers, not {values.Length}.", nameof(values));
        (Rows, Columns, _values) = (rows, columns, values);
    }

    public Matrix(int rows, int columns) : this(rows, columns, new double[checked(rows * columns)])
    {
    }

    public int Rows { get; }

    public int Columns { get; }

    /// <summary>The entries, row after row.</summary>
    public Span<double> Values => _values;

    public double this[int row, int column]
    {
        get => _values[row * Columns + column];
        set => _values[row * Columns + column] = value;
    }

    /// <summary>The memory itself.</summary>
    internal double[] Buffer => _values;

    /// <summary>||A||_F.</summary>
    public double FrobeniusNorm => TensorPrimitives.Norm<double>(_values);

    public static Matrix Identity(int size) => Diagonal(size, size, Enumerable.Repeat(1.0, size).ToArray());

    /// <summary>(rows, columns) with the given entries on the main diagonal, which may be shorter than it.</summary>
    public static Matrix Diagonal(int rows, int columns, ReadOnlySpan<double> entries)
    {
        var diagonal = new Matrix(rows, columns);
        for (var i = 0; i < entries.Length; i++) diagonal[i, i] = entries[i];
        return diagonal;
    }

    public Span<double> Row(int row) => _values.AsSpan(row * Columns, Columns);

    public Matrix Copy() => new(Rows, Columns, [.. _values]);

    public Matrix Transpose()
    {
        var transposed = new Matrix(Columns, Rows);
        for (var i = 0; i < Rows; i++)
            for (var j = 0; j < Columns; j++) transposed[j, i] = this[i, j];
        return transposed;
    }

    /// <summary>A B.</summary>
    public static Matrix operator *(Matrix a, Matrix b)
    {
        Require(a.Columns == b.Rows, a, b, "*");
        var product = new Matrix(a.Rows, b.Columns);
        Gemm.Multiply(a._values, b._values, product._values, a.Rows, a.Columns, b.Columns);
        return product;
    }

    public static Matrix operator *(double factor, Matrix a)
    {
        var scaled = new Matrix(a.Rows, a.Columns);
        TensorPrimitives.Multiply(a._values, factor, scaled._values);
        return scaled;
    }

    public static Matrix operator +(Matrix a, Matrix b)
    {
        Require((a.Rows, a.Columns) == (b.Rows, b.Columns), a, b, "+");
        var sum = new Matrix(a.Rows, a.Columns);
        TensorPrimitives.Add(a._values, b._values, sum._values);
        return sum;
    }

    public static Matrix operator -(Matrix a, Matrix b)
    {
        Require((a.Rows, a.Columns) == (b.Rows, b.Columns), a, b, "-");
        var difference = new Matrix(a.Rows, a.Columns);
        TensorPrimitives.Subtract(a._values, b._values, difference._values);
        return difference;
    }

    /// <summary>A^T B without forming A^T.</summary>
    public Matrix TransposedTimes(Matrix b)
    {
        Require(Rows == b.Rows, this, b, "^T *");
        var product = new Matrix(Columns, b.Columns);
        Gemm.MultiplyLeftTransposed(_values, b._values, product._values, Columns, Rows, b.Columns);
        return product;
    }

    /// <summary>A B^T without forming B^T.</summary>
    public Matrix TimesTransposed(Matrix b)
    {
        Require(Columns == b.Columns, this, b, "* ^T");
        var product = new Matrix(Rows, b.Rows);
        Gemm.MultiplyRightTransposed(_values, b._values, product._values, Rows, Columns, b.Rows);
        return product;
    }

    /// <summary>The columns from <paramref name="first"/> on, <paramref name="count"/> of them.</summary>
    public Matrix ColumnRange(int first, int count)
    {
        var part = new Matrix(Rows, count);
        for (var i = 0; i < Rows; i++) Row(i).Slice(first, count).CopyTo(part.Row(i));
        return part;
    }

    public override string ToString() => $"Matrix ({Rows}, {Columns})";

    private static void Require(bool fits, Matrix a, Matrix b, string operation)
    {
        if (!fits) throw new ArgumentException($"({a.Rows}, {a.Columns}) {operation} ({b.Rows}, {b.Columns}) does not fit.");
    }
}
