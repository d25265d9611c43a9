namespace TorchAlign.Networks.Constraints;

/// <summary>
/// Constraints by which every entry of W is either 0 or one of m shared numbers: A_a is 1 where the entry is theta_a. No two A_a
/// share an entry, so they are orthogonal, and ||A_a||_F^2 is the number of the entries that share theta_a.
/// </summary>
public static class Pattern
{
    /// <summary>No constraint; theta is W, row-major.</summary>
    public static LayerConstraint Full(int rows, int columns) =>
        ByEntry($"full {rows}x{columns}", rows, columns, rows * columns, (i, j) => i * columns + j);

    /// <summary>W_ij = theta_{i - j + columns - 1}: constant along diagonals, from the top right corner (m = rows + columns - 1).</summary>
    public static LayerConstraint Toeplitz(int rows, int columns) =>
        ByEntry($"toeplitz {rows}x{columns}", rows, columns, rows + columns - 1, (i, j) => i - j + columns - 1);

    /// <summary>
    /// W_ij = theta_{(i - j) mod size}: theta is the first column (m = size). All circulants are diagonal in the Fourier basis.
    /// </summary>
    public static LayerConstraint Circulant(int size) =>
        ByEntry($"circulant {size}x{size}", size, size, size, (i, j) => (i - j + size) % size);

    /// <summary>W is free where the mask (rows, columns), row-major, is true, and 0 elsewhere; theta in the order of the mask.</summary>
    public static LayerConstraint Mask(int rows, int columns, ReadOnlySpan<bool> free)
    {
        if (free.Length != rows * columns)
            throw new ArgumentException(
                $"A mask of a {rows} x {columns} layer has {rows * columns} entries, not {free.Length}.", nameof(free));
        var parameter = new int[free.Length];
        var count = 0;
        for (var i = 0; i < free.Length; i++) parameter[i] = free[i] ? count++ : -1;
        return ByEntry($"mask {rows}x{columns}", rows, columns, count, (i, j) => parameter[i * columns + j]);
    }

    /// <summary>
    /// Weight sharing: W is cut into blocks (blockRows, blockColumns); blocks with the same label share their numbers, those
    /// with a negative label are 0.
    /// </summary>
    /// <param name="blockRows">Rows of each block.</param>
    /// <param name="blockColumns">Columns of each block.</param>
    /// <param name="labels">One for each block: negative, or from 0 up without gaps; theta holds block 0 first, row-major.</param>
    public static LayerConstraint SharedBlocks(int blockRows, int blockColumns, int[,] labels)
    {
        RequirePositive(blockRows, blockColumns);
        var (rows, columns) = (blockRows * labels.GetLength(0), blockColumns * labels.GetLength(1));
        var blocks = labels.Cast<int>().DefaultIfEmpty(-1).Max() + 1;
        return ByEntry($"shared {blockRows}x{blockColumns} blocks {rows}x{columns}", rows, columns, blocks * blockRows * blockColumns,
            (i, j) => labels[i / blockRows, j / blockColumns] is >= 0 and var label
                ? (label * blockRows + i % blockRows) * blockColumns + j % blockColumns
                : -1);
    }

    private static LayerConstraint ByEntry(string name, int rows, int columns, int parameters, Func<int, int, int> parameterOf)
    {
        RequirePositive(rows, columns);
        return Of(name, rows, columns, parameters,
            from i in Enumerable.Range(0, rows)
            from j in Enumerable.Range(0, columns)
            let parameter = parameterOf(i, j)
            where parameter >= 0
            select (parameter, i, j));
    }

    /// <summary>From the entries (i, j) that are theta_parameter; each entry at most once.</summary>
    /// <exception cref="ArgumentException">There is no parameter, or one with no entry.</exception>
    internal static LayerConstraint Of(
        string name, int rows, int columns, int parameters, IEnumerable<(int Parameter, int Row, int Column)> entries)
    {
        var positions = new List<int>[parameters];
        for (var a = 0; a < parameters; a++) positions[a] = [];
        foreach (var (parameter, row, column) in entries) positions[parameter].Add(row * columns + column);
        if (parameters == 0) throw new ArgumentException($"{name} leaves no entry free; a layer needs at least one.");
        if (Array.FindIndex(positions, list => list.Count == 0) is >= 0 and var unused)
            throw new ArgumentException($"{name}: no entry of the matrix has parameter {unused}.");
        var starts = new int[parameters + 1];
        for (var a = 0; a < parameters; a++) starts[a + 1] = starts[a] + positions[a].Count;
        double[] norms = [.. positions.Select(list => Math.Sqrt(list.Count))];
        return new LayerConstraint(name, rows, columns, starts, [.. positions.SelectMany(list => list)],
            [.. positions.SelectMany((list, a) => Enumerable.Repeat(1 / norms[a], list.Count))], norms);
    }

    private static void RequirePositive(int rows, int columns)
    {
        if (rows < 1 || columns < 1) throw new ArgumentException($"A layer needs rows and columns; got {rows} x {columns}.");
    }
}
