using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.Networks;
using static TorchSharp.torch;

namespace TorchAlign.Tests.Engine;

/// <summary>Exceptions in parts of a threaded evaluation, as of a user's loss, reach the caller, and nothing is left of them.</summary>
public class FusedFieldWorkersTests
{
    private const int Count = 64;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_exception_reaches_the_caller_once_all_parts_have_ended(bool onCaller)
    {
        var workers = new FusedFieldWorkers();
        var caller = Environment.CurrentManagedThreadId;
        for (var repeat = 0; repeat < 20; repeat++)
        {
            using var failed = new ManualResetEventSlim();
            var running = 0;
            var error = Assert.Throws<ArithmeticException>(() => workers.Run(new Parts(Fail), Count, threads: 3));
            Assert.Equal("part", error.Message);
            Assert.Equal(0, Volatile.Read(ref running));

            var runs = new int[Count];
            workers.Run(new Parts(part => Interlocked.Increment(ref runs[part])), Count, threads: 3);
            Assert.All(runs, times => Assert.Equal(1, times));

            void Fail(int part)
            {
                Interlocked.Increment(ref running);
                try
                {
                    if (Environment.CurrentManagedThreadId == caller == onCaller)
                    {
                        failed.Set();
                        throw new ArithmeticException("part");
                    }
                    Assert.True(failed.Wait(Patience), "no other thread took a part");
                    Thread.Yield();
                }
                finally
                {
                    Interlocked.Decrement(ref running);
                }
            }
        }
    }

    [Fact]
    public void A_loss_that_throws_leaves_the_next_evaluation_right()
    {
        var shape = new NetworkShape(5, 4, 1);
        var z = EngineProblems.Separable(120_000, 5, 3);
        var loss = new Throwing(MarginLoss.Logistic);
        var field = new FusedField(shape, z, loss, threads: 4);
        var fresh = new FusedField(shape, z, MarginLoss.Logistic, threads: 1);
        for (var repeat = 0; repeat < 20; repeat++)
        {
            var start = EngineProblems.Gaussian(shape, repeat);
            using var direction = field.NewState();
            using var expected = fresh.NewState();
            loss.CallsLeft = 1 + repeat % 7;
            Assert.Throws<ArithmeticException>(() => field.Evaluate(EngineProblems.Point(field, start).W, direction));
            Assert.Equal(fresh.Evaluate(EngineProblems.Point(fresh, start).W, expected),
                field.Evaluate(EngineProblems.Point(field, start).W, direction));
            Assert.Equal(expected.ToArray(), direction.ToArray());
            Assert.Equal(fresh.Margins.ToArray(), field.Margins.ToArray());
            Assert.Equal(fresh.Weights.ToArray(), field.Weights.ToArray());
        }
    }

    private sealed class Parts(Action<int> run) : IParts
    {
        public void Run(int part) => run(part);
    }

    /// <summary>Throws once, on the given one of its next chunks.</summary>
    private sealed class Throwing(MarginLoss loss) : MarginLoss
    {
        private int _callsLeft;

        public int CallsLeft
        {
            set => _callsLeft = value;
        }

        public override string Name => loss.Name;

        public override double? Smoothness => loss.Smoothness;

        public override double? Lipschitz => loss.Lipschitz;

        public override double LogValue(double margin) => loss.LogValue(margin);

        public override double LogSlope(double margin) => loss.LogSlope(margin);

        public override double ShiftedSlopes(ReadOnlySpan<double> margins, Span<double> slopes, out double shift) =>
            Interlocked.Decrement(ref _callsLeft) == 0
                ? throw new ArithmeticException("chunk")
                : loss.ShiftedSlopes(margins, slopes, out shift);

        public override void Curvatures(ReadOnlySpan<double> margins, ReadOnlySpan<double> weights, Span<double> curvatures) =>
            loss.Curvatures(margins, weights, curvatures);

        public override Tensor LogRisk(Tensor margins) => loss.LogRisk(margins);
    }
}
