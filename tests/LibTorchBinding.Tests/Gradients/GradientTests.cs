using System.Reflection;
using TorchSharp;
using static TorchSharp.torch;

namespace LibTorchBinding.Tests.Gradients;

/// <summary>Every row's derivative against central differences, in float64.</summary>
public class GradientTests
{
    private const double Step = 1e-5;

    public static TheoryData<int, string> Cases()
    {
        var data = new TheoryData<int, string>();
        foreach (var (row, i) in Rows.All().Select((r, i) => (r, i))) data.Add(i, row.ToString());
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Agrees_with_finite_differences(int index, string name)
    {
        var row = Rows.All().ElementAt(index);
        Assert.Equal(name, row.ToString());
        foreach (var method in row.Methods())
        {
            using var scope = NewDisposeScope();
            Check(row, method);
        }
    }

    [Fact]
    public void A_wrong_derivative_is_found_out()
    {
        var row = new Row(nameof(Cheat.detached_factor), [new Real(false, [2, 3])]) { On = typeof(Cheat) };
        Assert.ThrowsAny<Exception>(() => Check(row, row.Methods().Single()));
    }

    private static void Check(Row row, MethodInfo method)
    {
        // Seeded by the operation, so that a row's numbers do not depend on the others.
        using var random = new Generator((ulong)(uint)row.ToString().Aggregate(7, (h, c) => unchecked((h * 31) + c)));
        var reals = new List<Tensor>();
        var actual = row.Args.Select(a => a switch
        {
            Real r => Make(r),
            Func<Tensor> make => make(),
            _ => a,
        }).ToArray();

        var output = row.Call(method, actual);
        var weights = randn(output.shape, dtype: float64, generator: random);
        var loss = (output * weights).sum();
        var gradients = loss.requires_grad
            ? autograd.grad([loss], reals, allow_unused: true)
            : [.. reals.Select(zeros_like_detached)];
        for (var i = 0; i < reals.Count; i++)
        {
            var expected = Differences(reals[i], () => (row.Call(method, actual) * weights).sum().item<double>());
            var got = gradients[i].IsInvalid ? new double[expected.Length] : gradients[i].data<double>().ToArray();
            for (var k = 0; k < expected.Length; k++)
            {
                var error = Math.Abs(got[k] - expected[k]) / Math.Max(1, Math.Abs(expected[k]));
                Assert.True(error < 1e-6, $"{method}: input {i}, element {k}: {got[k]} and by differences {expected[k]}");
            }
        }

        Tensor Make(Real r)
        {
            var x = r.Positive
                ? rand(r.Size, dtype: float64, generator: random) + 0.5
                : randn(r.Size, dtype: float64, generator: random);
            x = x.detach().requires_grad_();
            reals.Add(x);
            return x;
        }

        static Tensor zeros_like_detached(Tensor x) => zeros(x.shape, dtype: float64);
    }

    /// <summary>(f(x + h e_k) - f(x - h e_k)) / 2h for each element of x, which is changed in place and back.</summary>
    private static double[] Differences(Tensor x, Func<double> f)
    {
        using var _ = no_grad();
        var elements = x.data<double>();
        var result = new double[x.numel()];
        var flat = x.view(-1).data<double>();
        for (long k = 0; k < result.Length; k++)
        {
            var at = flat[k];
            flat[k] = at + Step;
            var up = f();
            flat[k] = at - Step;
            var down = f();
            flat[k] = at;
            result[k] = (up - down) / (2 * Step);
        }
        return result;
    }

    private static class Cheat
    {
        public static Tensor detached_factor(Tensor x) => x * x.detach();
    }
}
