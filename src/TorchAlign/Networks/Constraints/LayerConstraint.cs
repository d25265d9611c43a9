using System.Numerics.Tensors;
using TorchAlign.Numerics;

namespace TorchAlign.Networks.Constraints;

/// <summary>
/// A linear subspace S = span{A_1, ..., A_m} of the matrices (rows, columns) that a layer may take [RNBU]. A layer is given
/// by coefficients c (m) in a basis B_1, ..., B_m that is orthonormal in the Frobenius product, W = sum_a c_a B_a, or by a kernel
/// theta (m) in the A_a themselves, W = sum_a theta_a A_a, which is what a torch convolution stores. Only nonzero entries are kept.
/// </summary>
/// <remarks>
/// c = R theta with A_a = sum_b R_ba B_b; where the A_a are orthogonal R = diag(||A_a||_F). Descent on c is projected descent
/// W &lt;- W - eta P_S(grad), whatever the basis; descent on theta is not, unless all ||A_a||_F are 1.
/// </remarks>
public sealed class LayerConstraint
{
    // B_a has the values _values[i] at the row-major positions _entries[i], i from _starts[a] to _starts[a + 1].
    private readonly int[] _starts;
    private readonly int[] _entries;
    private readonly double[] _values;

    // R of the remarks, upper triangular; null where it is diag(Norms).
    private readonly Matrix? _factor;

    internal LayerConstraint(
        string name, int rows, int columns, int[] starts, int[] entries, double[] values, double[] norms, Matrix? factor = null)
    {
        (Name, Rows, Columns) = (name, rows, columns);
        (_starts, _entries, _values, Norms, _factor) = (starts, entries, values, norms, factor);
    }

    /// <summary>Such as <c>conv2d 1x28x28 -> 1, 3x3, zero padding</c>.</summary>
    public string Name { get; }

    /// <summary>d_k.</summary>
    public int Rows { get; }

    /// <summary>d_{k-1}.</summary>
    public int Columns { get; }

    /// <summary>m, the dimension of S.</summary>
    public int Dimension => _starts.Length - 1;

    /// <summary>||A_a||_F (m).</summary>
    public IReadOnlyList<double> Norms { get; }

    /// <summary>Whether the A_a are orthogonal to one another, as those of all built-in patterns are.</summary>
    public bool IsOrthogonal => _factor is null;

    /// <summary>Entries that the basis holds in all.</summary>
    public int NonzeroCount => _entries.Length;

    /// <summary>The nonzero entries of the B_a, for kernels of the A_a, a after a; positions are row-major.</summary>
    internal IEnumerable<(int Parameter, int Position, double Value)> Entries(Coordinates coordinates)
    {
        for (var a = 0; a < Dimension; a++)
        {
            if (coordinates == Coordinates.Kernel && _factor is not null)
            {
                var unit = new double[Dimension];
                unit[a] = 1;
                var matrix = OperatorOfKernel(unit).Buffer;
                for (var position = 0; position < matrix.Length; position++)
                    if (matrix[position] != 0) yield return (a, position, matrix[position]);
                continue;
            }
            var scale = coordinates == Coordinates.Kernel ? Norms[a] : 1;
            for (var i = _starts[a]; i < _starts[a + 1]; i++) yield return (a, _entries[i], scale * _values[i]);
        }
    }

    /// <summary>W (rows, columns), row-major, of the coefficients (m).</summary>
    public void Expand(ReadOnlySpan<double> coefficients, Span<double> matrix)
    {
        Require(coefficients, matrix);
        matrix.Clear();
        for (var a = 0; a < Dimension; a++)
            for (var i = _starts[a]; i < _starts[a + 1]; i++)
                matrix[_entries[i]] += coefficients[a] * _values[i];
    }

    /// <summary>
    /// c_a = &lt;B_a, M&gt; (m) of a matrix M (rows, columns): the coefficients of P_S(M), and of a gradient in W the gradient in c.
    /// </summary>
    public void Contract(ReadOnlySpan<double> matrix, Span<double> coefficients)
    {
        Require(coefficients, matrix);
        for (var a = 0; a < Dimension; a++)
        {
            var sum = 0.0;
            for (var i = _starts[a]; i < _starts[a + 1]; i++) sum += matrix[_entries[i]] * _values[i];
            coefficients[a] = sum;
        }
    }

    /// <summary>The operator matrix of the coefficients (m).</summary>
    public Matrix Operator(ReadOnlySpan<double> coefficients)
    {
        var matrix = new Matrix(Rows, Columns);
        Expand(coefficients, matrix.Values);
        return matrix;
    }

    /// <summary>The operator matrix sum_a theta_a A_a of a kernel (m).</summary>
    public Matrix OperatorOfKernel(ReadOnlySpan<double> kernel)
    {
        var coefficients = new double[Dimension];
        KernelToCoefficients(kernel, coefficients);
        return Operator(coefficients);
    }

    /// <summary>P_S(M).</summary>
    public Matrix Project(Matrix matrix)
    {
        var coefficients = new double[Dimension];
        Contract(matrix.Values, coefficients);
        return Operator(coefficients);
    }

    /// <summary>c = R theta; the two may be the same memory.</summary>
    public void KernelToCoefficients(ReadOnlySpan<double> kernel, Span<double> coefficients)
    {
        Require(kernel, coefficients);
        for (var b = 0; b < Dimension; b++)
        {
            // R is upper triangular: row b reads no theta_a that an earlier row has overwritten.
            var sum = kernel[b] * Diagonal(b);
            if (_factor is not null)
                for (var a = b + 1; a < Dimension; a++) sum += _factor[b, a] * kernel[a];
            coefficients[b] = sum;
        }
    }

    /// <summary>theta = R^{-1} c; the two may be the same memory.</summary>
    public void CoefficientsToKernel(ReadOnlySpan<double> coefficients, Span<double> kernel)
    {
        Require(coefficients, kernel);
        for (var b = Dimension - 1; b >= 0; b--)
        {
            var rest = coefficients[b];
            if (_factor is not null)
                for (var a = b + 1; a < Dimension; a++) rest -= _factor[b, a] * kernel[a];
            kernel[b] = rest / Diagonal(b);
        }
    }

    /// <summary>The gradient in theta, R^T g, of a gradient g in c; the two may be the same memory.</summary>
    public void CoefficientGradientToKernel(ReadOnlySpan<double> gradient, Span<double> kernelGradient)
    {
        Require(gradient, kernelGradient);
        for (var a = Dimension - 1; a >= 0; a--)
        {
            var sum = gradient[a] * Diagonal(a);
            if (_factor is not null)
                for (var b = 0; b < a; b++) sum += _factor[b, a] * gradient[b];
            kernelGradient[a] = sum;
        }
    }

    /// <summary>||M - P_S(M)||_F / ||M||_F: 0 for a matrix that satisfies the constraint.</summary>
    public double Violation(Matrix matrix) => (matrix - Project(matrix)).FrobeniusNorm / matrix.FrobeniusNorm;

    public override string ToString() => $"{Name} ({Rows}, {Columns}), dimension {Dimension}";

    private double Diagonal(int a) => _factor is null ? Norms[a] : _factor[a, a];

    private void Require(ReadOnlySpan<double> coefficients, ReadOnlySpan<double> second)
    {
        if (coefficients.Length != Dimension)
            throw new ArgumentException($"{Name} has dimension {Dimension}; got {coefficients.Length} coefficients.");
        if (second.Length != Rows * Columns && second.Length != Dimension)
            throw new ArgumentException($"{Name} is of matrices ({Rows}, {Columns}); got {second.Length} numbers.");
    }
}
