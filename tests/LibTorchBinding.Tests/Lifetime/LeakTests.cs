using System.Runtime.CompilerServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LibTorchBinding.Tests.Lifetime;

/// <summary>Tests of what all threads share: the count of handles, and the global random generator with its seed.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public class Alone;

/// <summary>Native handles and memory over many steps; alone, since handles are counted over all threads.</summary>
[Collection(nameof(Alone))]
public class LeakTests
{
    [Fact]
    public void Live_handles_return_to_where_they_were_after_10000_steps()
    {
        using var training = new Training();
        training.Step();
        Settle();
        var (handles, onThread) = (Tensor.TotalCount, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        for (var i = 0; i < 10_000; i++) training.Step();
        Assert.Equal(handles, Tensor.TotalCount);
        Assert.Equal(onThread, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Memory_stays_flat_over_100000_steps()
    {
        using var training = new Training();
        for (var i = 0; i < 30_000; i++) training.Step();
        Settle();
        var before = NativeMemory();
        for (var i = 0; i < 100_000; i++) training.Step();
        Settle();
        var grown = (NativeMemory() - before) / 1e6;
        // One lost tensor of the smallest kind a step would be 20 MB and more; the runtime's own code grows by some.
        Assert.True(grown < 15, $"the process grew by {grown:F1} MB");

        // The collector's heap grows and shrinks as it likes and holds none of torch's memory.
        static long NativeMemory() => Environment.WorkingSet - GC.GetGCMemoryInfo().TotalCommittedBytes;
    }

    [Fact]
    public void Finalisers_free_what_nobody_disposed()
    {
        Settle();
        var before = Tensor.TotalCount;
        Scatter(1000);
        Assert.True(Tensor.TotalCount > before);
        Settle();
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public async Task Finalisers_and_use_on_other_threads_do_not_meet()
    {
        Settle();
        var before = Tensor.TotalCount;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 20; i++)
            {
                Scatter(100);
                GC.Collect(0);
            }
        })));
        Settle();
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void The_peak_is_remembered()
    {
        using var scope = NewDisposeScope();
        for (var i = 0; i < 50; i++) ones(1);
        Assert.True(Tensor.PeakCount >= Tensor.TotalCount && Tensor.TotalCount >= 50);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Scatter(int n)
    {
        var x = ones(2, 2);
        for (var i = 0; i < n; i++) x = x.matmul(x) / 2;
        Assert.Equal(1, x[0, 0].ToDouble());
    }

    private static void Settle()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    /// <summary>One step of gradient descent on a two-layer network, as a user would write it.</summary>
    private sealed class Training : IDisposable
    {
        private readonly Sequential net = nn.Sequential(
            nn.Linear(2, 2, hasBias: false, dtype: float64), nn.Linear(2, 1, hasBias: false, dtype: float64));

        private readonly Tensor x = ones(3, 2, dtype: float64);
        private readonly SGD sgd;

        public Training() => sgd = optim.SGD(net.parameters(), 1e-3, momentum: 0.5);

        public void Step()
        {
            using var scope = NewDisposeScope();
            sgd.step(() =>
            {
                sgd.zero_grad();
                var loss = nn.functional.softplus(-net.call(x)).mean();
                loss.backward();
                return loss;
            });
        }

        public void Dispose()
        {
            sgd.Dispose();
            net.Dispose();
            x.Dispose();
        }
    }
}
