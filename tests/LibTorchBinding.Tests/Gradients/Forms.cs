using TorchSharp;
using static TorchSharp.torch;

namespace LibTorchBinding.Tests.Gradients;

/// <summary>Operators with the number on the left.</summary>
public static class Mirrored
{
    public static Tensor op_Addition(Tensor x, double n) => n + x;

    public static Tensor op_Addition(Tensor x, float n) => n + x;

    public static Tensor op_Addition(Tensor x, int n) => n + x;

    public static Tensor op_Addition(Tensor x, long n) => n + x;

    public static Tensor op_Addition(Tensor x, Scalar n) => n + x;

    public static Tensor op_Subtraction(Tensor x, double n) => n - x;

    public static Tensor op_Subtraction(Tensor x, float n) => n - x;

    public static Tensor op_Subtraction(Tensor x, int n) => n - x;

    public static Tensor op_Subtraction(Tensor x, long n) => n - x;

    public static Tensor op_Subtraction(Tensor x, Scalar n) => n - x;

    public static Tensor op_Multiply(Tensor x, double n) => n * x;

    public static Tensor op_Multiply(Tensor x, float n) => n * x;

    public static Tensor op_Multiply(Tensor x, int n) => n * x;

    public static Tensor op_Multiply(Tensor x, long n) => n * x;

    public static Tensor op_Multiply(Tensor x, Scalar n) => n * x;

    public static Tensor op_Division(Tensor x, double n) => n / x;

    public static Tensor op_Division(Tensor x, float n) => n / x;

    public static Tensor op_Division(Tensor x, int n) => n / x;

    public static Tensor op_Division(Tensor x, long n) => n / x;

    public static Tensor op_Division(Tensor x, Scalar n) => n / x;
}

/// <summary>Operations whose tensors come in a list, in another order or by an indexer.</summary>
public static class Chained
{
    public static Tensor multi_dot(Tensor a, Tensor b, Tensor c) => linalg.multi_dot([a, b, c]);

    public static Tensor cat(Tensor a, Tensor b) => torch.cat(new[] { a, b }, 0);

    public static Tensor cat_list(Tensor a, Tensor b) => torch.cat(new List<Tensor> { a, b }, 0);

    public static Tensor stack(Tensor a, Tensor b) => torch.stack(new List<Tensor> { a, b }, 1);

    public static Tensor einsum(Tensor a, Tensor b) => torch.einsum("ij,jk->ik", a, b);

    public static Tensor where(Tensor a, Tensor b) => torch.where(a.gt(0), a.square(), b);

    public static Tensor index(Tensor a) => a[TensorIndex.Slice(1), TensorIndex.None, -1] + a[0, 1];

    public static Tensor index_tensors(Tensor a) => a[tensor(new long[] { 2, 0, 2 })];

    public static Tensor index_set(Tensor a, Tensor b)
    {
        var c = a.clone();
        c[TensorIndex.Slice(0, 2), TensorIndex.Single(3)] = b;
        return c;
    }
}
