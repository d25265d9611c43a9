using TorchSharp;
using static TorchSharp.torch;

namespace LibTorchBinding.Tests.Gradients;

/// <summary>Every operation with a derivative. Binding/GradientCoverageTests fails where one has no row.</summary>
public static class Rows
{
    public static IEnumerable<Row> All() =>
    [
        .. Elementwise(), .. Arithmetic(), .. Operators(), .. Shapes(), .. Reductions(), .. Products(), .. Linalg(),
        .. Functional(), .. Spatial(), .. Joins(),
    ];

    private static Real R(params long[] size) => new(false, size);

    private static Real P(params long[] size) => new(true, size);

    private static Row Of(string name, params object?[] args) => new(name, args);

    private static Scalar S(double value) => value;

    private static long[] L(params long[] values) => values;

    private static Func<Tensor> Indices(params long[] values) => () => tensor(values);

    private static Func<Tensor> Mask() => () => tensor(new[] { true, false, true, true, false, false }).view(2, 3);

    private static IEnumerable<Row> Elementwise()
    {
        foreach (var name in new[]
        {
            "abs", "absolute", "neg", "sign", "exp", "expm1", "square", "sin", "cos", "tanh", "sigmoid", "log_sigmoid", "relu",
            "floor", "ceil", "abs_", "neg_", "exp_", "expm1_", "tanh_", "sigmoid_", "relu_", "zero_",
        })
        {
            yield return Of(name, R(2, 3));
        }
        foreach (var name in new[]
        {
            "log", "log1p", "log2", "log10", "sqrt", "rsqrt", "reciprocal", "log_", "log1p_", "sqrt_",
        })
        {
            yield return Of(name, P(2, 3));
        }
        yield return Of("softplus", R(2, 3));
        yield return Of("softplus", R(2, 3), 2.0, 3.0);
        yield return Of("round", R(2, 3));
        yield return Of("round", R(2, 3), 1L);
        foreach (var name in new[] { "clamp", "clamp_" }) yield return Of(name, R(2, 3), S(-0.5), S(0.4));
        foreach (var name in new[] { "clamp_min", "clamp_max", "clamp_min_", "clamp_max_" }) yield return Of(name, R(2, 3), S(0.1));
        foreach (var name in new[] { "maximum", "minimum", "max", "min", "logaddexp" }) yield return Of(name, R(2, 3), R(3));
        yield return Of("where", R(2, 3), Mask(), R(2, 3));
        foreach (var name in new[] { "pow", "pow_" })
        {
            yield return Of(name, P(2, 3), P(2, 3));
            yield return Of(name, P(2, 3), S(-1.5));
        }
        yield return Of("masked_fill", R(2, 3), Mask(), S(2));
        yield return Of("masked_fill_", R(2, 3), Mask(), S(2));
        yield return Of("fill_", R(2, 3), S(2));
        yield return Of("copy_", R(2, 3), R(3));
    }

    private static IEnumerable<Row> Arithmetic()
    {
        foreach (var name in new[] { "add", "add_" })
        {
            yield return Of(name, R(2, 3), R(3));
            yield return Of(name, R(2, 3), R(2, 1), S(-0.7));
            yield return Of(name, R(2, 3), S(1.5));
            yield return Of(name, R(2, 3), S(1.5), S(2));
        }
        foreach (var name in new[] { "sub", "mul", "div", "sub_", "mul_", "div_" })
        {
            yield return Of(name, R(2, 3), P(3));
            yield return Of(name, R(2, 3), S(1.5));
        }
        foreach (var name in new[] { "addcmul", "addcmul_", "addcdiv", "addcdiv_" })
        {
            yield return Of(name, R(2, 3), R(2, 3), P(3), S(0.3));
            if (name.StartsWith("addcdiv", StringComparison.Ordinal)) yield return Of(name, R(2, 3), R(2, 3), P(3));
        }
        foreach (var name in new[] { "lerp", "lerp_" }) yield return Of(name, R(2, 3), R(2, 3), R(2, 3));
    }

    private static IEnumerable<Row> Operators()
    {
        foreach (var name in new[] { "op_Addition", "op_Subtraction", "op_Multiply", "op_Division" })
        {
            yield return Of(name, R(2, 3), P(3));
            foreach (object number in new object[] { 2.5, 2.5f, 3, 3L, S(2.5) })
            {
                yield return Of(name, P(2, 3), number);
                // The tensor that is differentiated by comes first in a row: the mirrored form is its own case.
                yield return new Row(name, [P(2, 3), number]) { On = typeof(Mirrored) };
            }
        }
        yield return Of("op_UnaryNegation", R(2, 3));
    }

    private static IEnumerable<Row> Shapes()
    {
        foreach (var name in new[]
        {
            "alias", "clone", "contiguous", "flatten", "ravel", "t", "squeeze", "diagonal", "diag", "triu", "tril", "triu_",
            "tril_",
        })
        {
            yield return Of(name, R(3, 2));
        }
        yield return Of("squeeze", R(3, 1), 1L);
        yield return Of("diag", R(3), 1L);
        yield return Of("view", R(2, 3), L(3, 2));
        yield return Of("view_as", R(2, 3), (Func<Tensor>)(() => zeros(6L)));
        yield return Of("reshape", R(2, 3), L(-1));
        yield return Of("transpose", R(2, 3), 0L, 1L);
        yield return Of("transpose_", R(2, 3), 0L, 1L);
        yield return Of("permute", R(2, 3, 2), L(2, 0, 1));
        yield return Of("permute", R(2, 3, 2), new List<long> { 2, 0, 1 });
        yield return Of("unsqueeze", R(2, 3), 1L);
        yield return Of("unsqueeze_", R(2, 3), 1L);
        yield return Of("narrow", R(2, 4), 1L, 1L, 2L);
        yield return Of("select", R(2, 3), 1L, 2L);
        yield return Of("slice", R(2, 5), 1L, 0L, 5L, 2L);
        yield return Of("expand", R(1, 3), L(2, 3));
        yield return Of("expand", R(1, 3), L(2, 3), true);
        yield return Of("expand_as", R(1, 3), (Func<Tensor>)(() => zeros(2L, 3)));
        yield return Of("broadcast_to", R(1, 3), L(2, 3));
        yield return Of("repeat", R(2, 3), L(2, 1));
        yield return Of("flip", R(2, 3), L(1));
        yield return Of("split", R(2, 5), 2L, 1);
        yield return Of("split", R(2, 5), L(1, 4), 1L);
        yield return Of("unbind", R(2, 3));
        yield return Of("gather", R(2, 3), 1L, (Func<Tensor>)(() => tensor(new long[,] { { 0, 0 }, { 2, 1 } })));
        yield return Of("scatter_", R(3, 2), 0L, (Func<Tensor>)(() => tensor(new long[,] { { 2, 0 }, { 1, 2 } })), R(2, 2));
        yield return Of("masked_select", R(2, 3), Mask());
        yield return Of("index_select", R(2, 3), 1L, Indices(2, 0, 2));
        yield return Of("index_put_", R(3, 2), R(2), new TensorIndex[] { 1 });
        yield return Of("index_put_", R(3, 2), R(2, 2), new[] { TensorIndex.Tensor(tensor(new long[] { 2, 0 })) });
        yield return Of("index_put_", R(3, 2), S(2), new[] { TensorIndex.Colon, 1 });
        yield return Of("double", R(2, 3));
        yield return Of("cpu", R(2, 3));
        yield return Of("type_as", R(2, 3), (Func<Tensor>)(() => zeros(1L, dtype: float64)));
        yield return Of("to", R(2, 3), ScalarType.Float64, true);
        yield return Of("to", R(2, 3), CPU, true);
        yield return Of("to", R(2, 3), ScalarType.Float64, CPU, true);
        yield return Of("to", R(2, 3), DeviceType.CPU, -1, true);
        yield return Of("to", R(2, 3), "cpu", true);
        yield return Of("to", R(2, 3), (Func<Tensor>)(() => zeros(1L, dtype: float64)));
        yield return Of("to_type", R(2, 3), ScalarType.Float64, true);
    }

    private static IEnumerable<Row> Reductions()
    {
        foreach (var name in new[] { "sum", "mean", "prod", "var", "std", "max", "min", "median", "norm" })
            yield return Of(name, R(2, 3));
        foreach (var name in new[]
        {
            "sum", "prod", "var", "std", "max", "min", "logsumexp", "softmax", "log_softmax", "cumsum", "cumprod",
        })
        {
            yield return Of(name, R(2, 3), 1L);
        }
        yield return Of("sum", R(2, 3, 2), 0L, 2L);
        yield return Of("sum", R(2, 3, 2), L(0, 2), true);
        yield return Of("mean", R(2, 3, 2), L(0, 2), true);
        foreach (var name in new[] { "amax", "amin" })
        {
            yield return Of(name, R(2, 3), L(1));
            yield return Of(name, R(2, 3), L(1), true);
        }
        yield return Of("sort", R(2, 3));
        yield return Of("sort", R(2, 3), 0L, true);
        yield return Of("topk", R(2, 5), 2);
        yield return Of("norm", R(2, 3), 3f);
        yield return Of("norm", R(2, 3), 1, true, 2f);
    }

    private static IEnumerable<Row> Products()
    {
        yield return Of("matmul", R(2, 3), R(3, 4));
        yield return Of("mm", R(2, 3), R(3, 4));
        yield return Of("mv", R(2, 3), R(3));
        yield return Of("bmm", R(2, 2, 3), R(2, 3, 2));
        yield return Of("dot", R(3), R(3));
        yield return Of("outer", R(3), R(2));
        yield return Of("inner", R(3), R(3));
        yield return Of("kron", R(2, 2), R(1, 2));
        foreach (var name in new[] { "addmm", "addmm_" }) yield return Of(name, R(2, 4), R(2, 3), R(3, 4), 0.5f, 2f);
        foreach (var name in new[] { "addmv", "addmv_" }) yield return Of(name, R(2), R(2, 3), R(3), 0.5f, 2f);
        yield return Of("addr", R(3, 2), R(3), R(2), 0.5f, 2f);
        yield return Of("trace", R(3, 3));
        yield return Of("det", R(3, 3));
        yield return Of("inverse", R(3, 3));
    }

    private static Row Lin(string name, params object?[] args) => new(name, args) { On = typeof(linalg) };

    private static IEnumerable<Row> Linalg()
    {
        static Tensor Symmetric(Tensor x) => x + x.mT;
        static Tensor Definite(Tensor x) => x.matmul(x.mT) + eye(3, dtype: float64);
        static Tensor Product((Tensor U, Tensor S, Tensor Vh) f) => (f.U * f.S).matmul(f.Vh) + f.S;

        // With full matrices the derivative exists only for the singular values: libtorch says so for the rest.
        yield return Lin("svd", R(3, 2)) with { After = r => (((Tensor, Tensor S, Tensor))r).S };
        yield return Lin("svd", R(3, 2), false) with { After = r => Product(((Tensor, Tensor, Tensor))r) };
        yield return Lin("svdvals", R(3, 2));
        yield return Lin("qr", R(3, 2));
        yield return Lin("eigh", R(3, 3)) with { Before = Symmetric };
        yield return Lin("eigh", R(3, 3)) with { Before = Symmetric, After = r => (((Tensor, Tensor V))r).V.square() };
        yield return Lin("eigvalsh", R(3, 3)) with { Before = Symmetric };
        yield return Lin("det", R(3, 3));
        yield return Lin("inv", R(3, 3));
        yield return Lin("pinv", R(3, 2));
        yield return Lin("cholesky", R(3, 3)) with { Before = Definite };
        yield return Lin("solve", R(3, 3), R(3, 2));
        yield return Lin("lstsq", R(4, 2), R(4, 1));
        yield return Lin("lstsq", R(4, 2), R(4, 1), 1e-10);
        yield return Lin("matrix_norm", R(3, 2));
        yield return Lin("matrix_norm", R(3, 2), "nuc");
        yield return Lin("matrix_norm", R(3, 2), 2.0);
        yield return Lin("vector_norm", R(3, 2));
        yield return Lin("vector_norm", R(3, 2), 3.0, L(1));
        yield return Lin("norm", R(3, 2));
        yield return Lin("norm", R(3, 2), 1.5, L(1));
        yield return Lin("norm", R(3, 2), 1);
        yield return Lin("norm", R(3, 2), "fro");
        yield return Lin("multi_dot", R(2, 3), R(3, 2), R(2, 2)) with { On = typeof(Chained) };
    }

    private static IEnumerable<Row> Functional()
    {
        static Row F(string name, params object?[] args) => new(name, args) { On = typeof(nn.functional) };
        yield return F("linear", R(4, 3), R(2, 3), R(2));
        yield return F("linear", R(4, 3), R(2, 3));
        yield return F("relu", R(2, 3));
        yield return F("softplus", R(2, 3));
        yield return F("logsigmoid", R(2, 3));
        yield return F("softmax", R(2, 3), 1L);
        yield return F("log_softmax", R(2, 3), 1L);
        foreach (var reduction in Enum.GetValues<nn.Reduction>())
        {
            yield return F("mse_loss", R(2, 3), R(2, 3), reduction);
            yield return F("cross_entropy", R(2, 3), Indices(2, 0), null, -100L, reduction);
            Func<Tensor> target = () => full(2L, 3, 0.25, float64);
            yield return F("binary_cross_entropy_with_logits", R(2, 3), target, null, reduction);
        }
    }

    private static IEnumerable<Row> Spatial()
    {
        static Row F(string name, params object?[] args) => new(name, args) { On = typeof(nn.functional) };
        yield return F("conv1d", R(2, 2, 5), R(3, 2, 2));
        yield return F("conv1d", R(1, 4, 6), R(2, 2, 2), R(2), 2L, 1L, 2L, 2L);
        yield return F("conv2d", R(2, 2, 3, 4), R(3, 2, 2, 3));
        yield return F("conv2d", R(1, 2, 5, 4), R(4, 1, 2, 2), R(4), L(2, 1), L(1, 2), L(1, 2), 2L);
        foreach (var mode in Enum.GetValues<PaddingModes>()) yield return F("pad", R(1, 2, 3, 4), L(1, 2, 2, 0), mode, 0.0);
        foreach (var name in new[] { "max_pool2d", "avg_pool2d" })
        {
            yield return F(name, R(1, 2, 4, 4), 2L);
            yield return F(name, R(1, 1, 5, 5), 3L, 2L, 1L);
            yield return F(name, R(1, 1, 5, 4), L(3, 2), L(2, 1), L(1, 0));
        }
    }

    private static IEnumerable<Row> Joins()
    {
        static Row T(string name, params object?[] args) => new(name, args) { On = typeof(Chained) };
        yield return T("cat", R(2, 3), R(1, 3));
        yield return T("cat_list", R(2, 3), R(1, 3));
        yield return T("stack", R(2, 3), R(2, 3));
        yield return T("einsum", R(2, 3), R(3, 2));
        yield return T("where", R(2, 3), R(2, 3));
        yield return T("index", R(3, 4));
        yield return T("index_tensors", R(3, 4));
        yield return T("index_set", R(3, 4), R(2));
    }
}
