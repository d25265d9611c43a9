using System.Numerics.Tensors;
using FsCheck;
using FsCheck.Fluent;
using TorchAlign.Data;
using TorchAlign.MaxMargin;
using TorchAlign.Numerics;

namespace TorchAlign.Tests.MaxMargin;

/// <summary>Exchanging points in blocks ends where the active-set method ends, or says that it did not.</summary>
public class BlockPivotingTests
{
    /// <summary>Documents of a few words, or rows without zeros; some with a point twice, or with one opposite to another.</summary>
    private static readonly Arbitrary<(SignedPoints Points, int Flaw)> Sets =
        (from seed in Gen.Choose(0, int.MaxValue - 1)
         from n in Gen.Choose(2, 40)
         from spare in Gen.Choose(0, 40)
         from share in Gen.Elements(0.1, 0.5, 1.0)
         from flaw in Gen.Elements(0, 0, 0, 1, -1)
         select (Documents(seed, n, n + spare, share, flaw), flaw)).ToArbitrary();

    [Fact]
    public void It_ends_where_the_active_set_method_ends()
    {
        int solved = 0, given = 0;
        Prop.ForAll(Sets, set =>
        {
            if (EndsWhereTheActiveSetMethodEnds(set.Points) is not { } ended) return;
            given++;
            if (ended) solved++;
        }).Holds(300);
        // The others are nearly dependent.
        Assert.InRange(solved, 0.9 * given, given);
    }

    /// <summary>Null where the points are not separable; false where it did not end.</summary>
    private static bool? EndsWhereTheActiveSetMethodEnds(SignedPoints z)
    {
        var expected = HardMargin.Solve(z);
        var block = BlockPivoting.Solve(z, AlikePoints.Of(z), default, null);
        if (expected.Separability != Separability.Yes)
        {
            // Whatever it ends with proves nothing: the caller looks at the certificate.
            if (block is not null) Assert.False(MarginCertificate.ProvesSeparable(z, block.W));
            return null;
        }
        if (block is null) return false;
        var gamma = 1 / TensorPrimitives.Norm<double>(block.W);
        Assert.Equal(1, gamma / expected.Gamma, 1e-11);
        Assert.InRange(MarginCertificate.Lower(z, block.W) / expected.Upper, 1 - 1e-11, 1);
        Assert.InRange(MarginCertificate.Upper(z, block.Weights) / expected.Lower, 1, 1 + 1e-11);
        Assert.Equal((expected.SupportRank, expected.SupportSpansData), block.Span(expected.SupportVectors, default));
        return true;
    }

    [Fact]
    public void Many_documents_are_solved_by_a_few_exchanges()
    {
        var z = Documents(seed: 3, n: 1000, d: 1200, share: 0.02, flaw: 0);
        Assert.True(BlockPivoting.IsFor(z));
        var reports = new List<MarginProgress>();
        var solution = HardMargin.Solve(z, progress: new Listener(reports.Add));
        MarginCheck.Separable(z, solution, 1e-12);
        Assert.InRange(reports.Count, 2, 60);
        Assert.InRange(solution.SupportVectors.Length, 300, 1000);
        Assert.Equal(solution.SupportVectors.Length, solution.SupportRank);
        Assert.False(solution.SupportSpansData);
    }

    [Fact]
    public void A_document_that_is_there_twice_counts_once()
    {
        var z = Documents(seed: 4, n: 1000, d: 1100, share: 0.02, flaw: 1);
        var solution = HardMargin.Solve(z);
        MarginCheck.Separable(z, solution, 1e-12);
        Assert.Equal(0, solution.DualWeights[999]);
        Assert.Equal(solution.SupportVectors.Contains(0), solution.SupportVectors.Contains(999));
        Assert.Equal(solution.SupportVectors.Except([999]).Count(), solution.SupportRank);
    }

    [Fact]
    public void Dependent_points_go_to_the_active_set_method()
    {
        // The sum of two points that may all be support vectors: a null space that is no repetition.
        var z = Documents(seed: 6, n: 1000, d: 1100, share: 0.02, flaw: 0);
        var entries = z.Z.ToArray();
        for (var j = 0; j < 1100; j++) entries[999 * 1100 + j] = (entries[j] + entries[1100 + j]) / 2;
        var dependent = new SignedPoints(entries, 1000, 1100);
        var solution = HardMargin.Solve(dependent);
        MarginCheck.Separable(dependent, solution, 1e-12);
        Assert.True(solution.WeightCarriers.Length <= 999);
    }

    [Fact]
    public void The_same_features_in_both_classes_are_named()
    {
        var solution = HardMargin.Solve(Documents(seed: 4, n: 1000, d: 1100, share: 0.02, flaw: -1));
        Assert.Equal(Separability.No, solution.Separability);
        Assert.Equal([0, 999], solution.GordanCarriers);
        Assert.Contains("Points 0 and 999", solution.Message);
    }

    [Fact]
    public void It_ends_when_it_is_cancelled()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        var z = Documents(5, 50, 60, 0.2, 0);
        Assert.Throws<OperationCanceledException>(() => BlockPivoting.Solve(z, AlikePoints.Of(z), source.Token, null));
    }

    /// <param name="seed">Of everything.</param>
    /// <param name="n">Points.</param>
    /// <param name="d">Words.</param>
    /// <param name="share">Of the entries of a row that are not 0.</param>
    /// <param name="flaw">1: the last point is the first one; -1: its opposite.</param>
    private static SignedPoints Documents(int seed, int n, int d, double share, int flaw)
    {
        var stream = new RandomStream(seed);
        var teacher = Enumerable.Range(0, d).Select(_ => stream.NextGaussian()).ToArray();
        var z = new double[n * d];
        for (var i = 0; i < n; i++)
        {
            var row = z.AsSpan(i * d, d);
            foreach (ref var entry in row)
                if (stream.NextDouble() < share) entry = 0.1 + Math.Abs(stream.NextGaussian());
            row[i % d] += 1; // none is 0
            if (TensorPrimitives.Dot<double>(row, teacher) < 0) TensorPrimitives.Negate(row, row);
        }
        if (flaw != 0) TensorPrimitives.Multiply(z.AsSpan(0, d), flaw, z.AsSpan((n - 1) * d, d));
        return new SignedPoints(z, n, d);
    }

    private sealed class Listener(Action<MarginProgress> report) : IProgress<MarginProgress>
    {
        public void Report(MarginProgress value) => report(value);
    }
}
