using System.Runtime.CompilerServices;
using TorchAlign.Alignment;
using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Experiments;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.MaxMargin;
using TorchAlign.Networks;
using TorchAlign.Networks.Constraints;
using TorchAlign.Numerics;
using TorchAlign.Optimizers;
using TorchAlign.Tests.Data;
using TorchSharp;

namespace TorchAlign.Tests;

/// <summary>The README's library example, compiled and run, and held against the README line by line; its commands, parsed.</summary>
public class ReadmeExample
{
    [Fact]
    public void It_does_what_the_README_says()
    {
        // The tests run where they were built, and the build puts iris.csv there: the example reads it from the working folder.
        Assert.Equal("found", Run().Name);
    }

    [Fact]
    public void It_is_what_the_README_says()
    {
        var source = File.ReadAllText(SourcePath());
        var examples = Readme.Split("```csharp").Skip(1).Select(part => part.Split("```")[0]).ToArray();
        Assert.Equal(3, examples.Length);
        foreach (var line in string.Concat(examples).Split('\n').Select(line => line.Split("//")[0].Trim()).Where(line => line != ""))
            Assert.Contains(line, source);
    }

    [Fact]
    public void The_flow_of_a_module_does_what_the_README_says()
    {
        using var module = new LinearNetwork(NetworkShape.Uniform(2, depth: 2, width: 3));
        module.Load(Initialization.Gaussian(module.Shape, 0.5, new RandomStream(3)));
        using var x = torch.tensor(new double[] { 1, 0.5, 0.5, -1 }, 2, 2, dtype: torch.float64);
        var before = Risk(module).item<double>();

        using var flow = new GradientFlow(module.parameters(), Clock.LogRisk, rtol: 1e-6);
        flow.step(() => { flow.zero_grad(); var risk = Risk(module); risk.backward(); return risk; });

        Assert.True(Risk(module).item<double>() < before);

        torch.Tensor Risk(LinearNetwork network) => network.call(x).neg().exp().mean();
    }

    public static TheoryData<string> Commands =>
    [
        .. Readme.Split('\n').Where(line => line.StartsWith("    ./torchalign", StringComparison.Ordinal))
            .Select(line => line.Split('#')[0].Trim()).Distinct(),
    ];

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_command_of_the_README_is_understood(string line)
    {
        var parsed = CommandLine.Root().Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..]);
        Assert.Empty(parsed.Errors);
        Assert.NotNull(parsed.Action);
    }

    [Fact]
    public void Several_outputs_do_what_the_README_says()
    {
        var random = new RandomStream(1);
        var (x, y) = (new Matrix(30, 4), new Matrix(30, 3));
        random.FillGaussian(x.Values);
        random.FillGaussian(y.Values);

        var data = SecondMoments.Of(new RegressionSet("mine", x, y));
        var loss = SquaredLoss.Sum(data);
        var wide = new NetworkShape(data.Inputs, 16, data.Outputs);
        var small = Initialization.Gaussian(wide, 0.1, new RandomStream(7));
        var bound = NguegnangConstants.ForLongestStep(loss, wide, small, StepGuarantee.Published);
        var several = new ProductField(wide, loss);

        var condition = DataAlignment.Of(data);
        var layer = Convolution.TwoDimensional(1, 1, (8, 8), (3, 3), Border.Zero);

        var w = several.NewState();
        w.CopyFrom(small);
        var point = new TrajectoryPoint(w);
        Trajectory.Follow(new FlowSystem(several, Clock.Time), new GradientDescent(new ConstantStep(bound.StepBound)), point, new RunPlan
        {
            Stops = [Stops.StepLimit(1000)],
            Schedule = SampleSchedule.EveryStep,
        });
        Assert.True(Math.Exp(point.Value.LogRisk) < bound.InitialLoss);
        Assert.True(loss.Least < Math.Exp(point.Value.LogRisk));
        Assert.False(condition.Holds);
        Assert.Equal((64, 64, 9), (layer.Rows, layer.Columns, layer.Dimension));
    }

    private static RunEnd Run()
    {
        var points = DataFile.Read("iris.csv", new ReadOptions { Positive = "setosa", Center = true }).ToSignedPoints();
        var margin = HardMargin.Solve(points);
        var shape = NetworkShape.Uniform(points.Dimension, depth: 4, width: 8);
        var start = Initialization.Gaussian(shape, 0.1, new RandomStream(7));

        var field = new FusedField(shape, points.Z, MarginLoss.Exponential);
        var w = field.NewState();
        w.CopyFrom(start);
        var diagnostics = new AlignmentDiagnostics(shape, points, MarginLoss.Exponential, margin, start);
        var verdict = new DirectionVerdict(shape, points, MarginLoss.Exponential, margin, bound: 1e-12);
        var end = Trajectory.Follow(new FlowSystem(field, Clock.LogRisk), new Seulex(), new TrajectoryPoint(w), new RunPlan
        {
            Stops = [Stops.StepLimit(100_000)],
            Schedule = SampleSchedule.EveryStep,
            OnSample = point => verdict.Look(point, diagnostics.Observe(point)),
        });
        return end;
    }

    private static string Readme => File.ReadAllText(Path.Combine(RepositoryFiles.Root, "README.md"));

    private static string SourcePath([CallerFilePath] string path = "") => path;
}
