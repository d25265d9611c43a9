using System.Numerics.Tensors;
using TorchAlign.Experiments.Bench;
using TorchAlign.Experiments.Python;
using TorchAlign.Experiments.Runs;
using TorchAlign.Fields;

namespace TorchAlign.Tests.Bench;

public class TwinTests : IDisposable
{
    private const int Seed = 7;
    private const int Steps = 100;

    private static readonly DescentCase Smallest = DescentCase.All[0];

    private readonly string _folder = Directory.CreateTempSubdirectory("torchalign-test-").FullName;

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    [PythonTwinTheory]
    [InlineData("logistic")]
    [InlineData("exponential")]
    public async Task BothFormsOfTheTwinComputeOurWeights(string loss)
    {
        var problem = BenchProblem.Descent(Smallest with { Loss = loss }, Seed);
        using var twin = problem.StartTwin(Smallest.Step, threads: 1, _folder);
        var field = new FusedField(problem.Shape, problem.Points.Z, problem.Loss);
        var ours = Stepping.WeightsAfter(field, problem.Start, Smallest.Step, Steps);
        Assert.True(TensorPrimitives.Distance<double>(ours, problem.Start) > 0.01, "the steps must lead somewhere");
        foreach (var form in (string[])[PythonTwin.Eager, PythonTwin.Collapsed])
        {
            Assert.True(await twin.Run(form, Steps, CancellationToken.None) > 0);
            var theirs = await twin.Weights(form, problem.Shape, CancellationToken.None);
            var deviation = TensorPrimitives.Distance<double>(ours, theirs) / TensorPrimitives.Norm<double>(ours);
            Assert.True(deviation < DescentBench.AllowedDeviation, $"{loss}, {form}: {deviation}");
        }
    }

    [PythonTwinFact]
    public async Task TwinThatCannotSaysWhyAndCancellingDoesNotWaitForIt()
    {
        using var twin = BenchProblem.Descent(Smallest, Seed).StartTwin(Smallest.Step, threads: 1, _folder);
        var unknown = await Assert.ThrowsAsync<TwinException>(() => twin.Run("sideways", 1, CancellationToken.None));
        Assert.Contains("sideways", unknown.Message);
        // It goes on answering.
        Assert.Equal(1, (await twin.Facts(CancellationToken.None)).Threads);
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => twin.Run(PythonTwin.Eager, 1_000_000_000, stop.Token));
    }

    [PythonTwinFact]
    public async Task RiskThatIsNotFiniteIsNoResult()
    {
        using var twin = BenchProblem.Descent(Smallest, Seed).StartTwin(step: 1e200, threads: 1, _folder);
        var error = await Assert.ThrowsAsync<TwinException>(() => twin.Run(PythonTwin.Eager, 10, CancellationToken.None));
        Assert.Contains("not finite", error.Message);
    }
}
