using TorchAlign.Numerics;

namespace TorchAlign.Tests.Numerics;

public class ParallelLoopTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1000, 1)]
    [InlineData(1000, 8)]
    public void Each_is_done_once(int count, int threads)
    {
        var done = new int[count];
        ParallelLoop.For(count, threads, i => Interlocked.Increment(ref done[i]));
        Assert.All(done, times => Assert.Equal(1, times));
    }

    /// <summary>The command line tells users what it knows by the exception's type.</summary>
    [Fact]
    public void An_exception_comes_out_as_it_was_thrown() =>
        Assert.Throws<InvalidDataException>(() => ParallelLoop.For(4, 4, _ => throw new InvalidDataException()));

    [Fact]
    public void What_failed_is_told_before_what_was_cancelled()
    {
        using var both = new Barrier(2);
        Assert.Throws<InvalidDataException>(() => ParallelLoop.For(2, 2, i =>
        {
            both.SignalAndWait();
            throw i == 0 ? new OperationCanceledException() : new InvalidDataException();
        }));
        Assert.Throws<OperationCanceledException>(() => ParallelLoop.For(2, 1, _ => throw new OperationCanceledException()));
    }
}
