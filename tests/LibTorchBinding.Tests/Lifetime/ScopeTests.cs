using TorchSharp;
using static TorchSharp.torch;

namespace LibTorchBinding.Tests.Lifetime;

/// <summary>Dispose scopes: nested, moved, detached, and each thread's own.</summary>
public class ScopeTests
{
    [Fact]
    public void A_scope_disposes_what_is_made_in_it()
    {
        var outside = ones(2);
        Tensor inside;
        using (var scope = NewDisposeScope())
        {
            inside = ones(2) + outside;
            Assert.Equal(2, scope.DisposablesCount);
            Assert.True(scope.Contains(inside));
            Assert.False(scope.Contains(outside));
        }
        Assert.True(inside.IsInvalid);
        Assert.False(outside.IsInvalid);
        outside.Dispose();
    }

    [Fact]
    public void A_scope_whose_content_throws_is_current_no_more()
    {
        using var around = NewDisposeScope();
        var scope = NewDisposeScope();
        scope.Attach(new Stubborn());
        Assert.Throws<InvalidOperationException>(scope.Dispose);
        Assert.Same(around, CurrentDisposeScope);
        using var later = ones(1);
        Assert.True(around.Contains(later));
    }

    private sealed class Stubborn : IDisposable
    {
        public void Dispose() => throw new InvalidOperationException();
    }

    [Fact]
    public void Scopes_nest_and_hand_results_outwards()
    {
        Tensor moved, detached, dropped, outer;
        using (var a = NewDisposeScope())
        {
            Assert.Same(a, CurrentDisposeScope);
            outer = ones(1);
            using (var b = NewDisposeScope())
            {
                Assert.Same(b, CurrentDisposeScope);
                (moved, detached, dropped) = (ones(1), ones(1), ones(1));
                Assert.Same(moved, moved.MoveToOuterDisposeScope());
                detached.DetachFromDisposeScope();
            }
            Assert.Same(a, CurrentDisposeScope);
            Assert.True(dropped.IsInvalid);
            Assert.False(moved.IsInvalid);
            Assert.True(a.Contains(moved) && a.Contains(outer) && !a.Contains(detached));
        }
        Assert.True(moved.IsInvalid && outer.IsInvalid);
        Assert.False(detached.IsInvalid);
        detached.Dispose();
    }

    [Fact]
    public void Scopes_attach_keep_and_move_by_hand()
    {
        using var keeper = NewDisposeScope();
        var loose = ones(1).DetachFromDisposeScope();
        using (var scope = NewDisposeScope())
        {
            scope.Attach(loose);
            Assert.True(scope.Contains(loose));
            var (kept, gone) = (ones(1), ones(1));
            scope.DisposeEverythingBut(kept);
            Assert.True(gone.IsInvalid && loose.IsInvalid && !kept.IsInvalid);
            Assert.Equal(1, scope.DisposablesCount);
            scope.MoveToOther(keeper, kept);
            Assert.True(keeper.Contains(kept));
            scope.DisposeEverything();
            Assert.False(kept.IsInvalid);
            var again = ones(1);
            again.MoveToOtherDisposeScope(kept);
            Assert.True(keeper.Contains(again));
            Assert.Equal(2, WrappedTensorDisposeScope(() => ones(2).sum() + ones(1)).numel() + 1);
        }
    }

    [Fact]
    public void What_is_disposed_by_hand_leaves_its_scope()
    {
        using var scope = NewDisposeScope();
        var x = ones(1);
        x.Dispose();
        Assert.Equal(0, scope.DisposablesCount);
    }

    [Fact]
    public async Task Statistics_count_each_thread_by_itself()
    {
        var results = new long[4][];
        await Task.WhenAll(Enumerable.Range(0, results.Length).Select(i => OnItsOwnThread(() =>
        {
            var statistics = DisposeScopeManager.Statistics;
            Assert.Null(CurrentDisposeScope);
            for (var k = 0; k < 200; k++)
            {
                using var scope = NewDisposeScope();
                var x = ones(3, 3, dtype: float64);
                for (var m = 0; m <= i; m++) x = x.matmul(x) / 3;
                Assert.Equal(1, x[0, 0].ToDouble());
                Assert.True(scope.DisposablesCount >= 1 + (2 * (i + 1)));
            }
            using var outside = ones(1);
            results[i] =
            [
                statistics.ThreadTotalLiveCount, statistics.CreatedInScopeCount, statistics.DisposedInScopeCount,
                statistics.CreatedOutsideScopeCount,
            ];
        })));
        for (var i = 0; i < results.Length; i++)
        {
            Assert.Equal(1, results[i][0]);
            Assert.Equal(1, results[i][3]);
            Assert.Equal(results[i][1], results[i][2]);
        }
    }

    [Fact]
    public async Task Statistics_tell_scopes_from_outside()
    {
        await OnItsOwnThread(() =>
        {
            var s = DisposeScopeManager.Statistics.TensorStatistics;
            s.Reset();
            var loose = ones(1);
            loose.Dispose();
            using (var scope = NewDisposeScope())
            {
                var (a, b, _) = (ones(1), ones(1), ones(1));
                a.DetachFromDisposeScope().Dispose();
                b.Dispose();
            }
            Assert.Equal((1, 3), (s.CreatedOutsideScopeCount, s.CreatedInScopeCount));
            Assert.Equal((2, 2), (s.DisposedOutsideScopeCount, s.DisposedInScopeCount));
            Assert.Equal(1, s.DetachedFromScopeCount);
            Assert.Equal(0, s.ThreadTotalLiveCount);
        });
    }

    // Not one of the pool, on which other tests may have left something.
    private static Task OnItsOwnThread(Action action) => Task.Factory.StartNew(
        action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
