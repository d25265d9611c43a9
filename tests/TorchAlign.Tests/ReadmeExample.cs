using System.Runtime.CompilerServices;
using TorchAlign.Alignment;
using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Fields;
using TorchAlign.Losses;
using TorchAlign.MaxMargin;
using TorchAlign.Networks;
using TorchAlign.Networks.Constraints;
using TorchAlign.Numerics;

namespace TorchAlign.Tests;

/// <summary>The README's library example, compiled and run, and held against the README line by line.</summary>
public class ReadmeExample
{
    [Fact]
    public void It_does_what_the_README_says()
    {
        var folder = Directory.GetCurrentDirectory();
        try
        {
            Directory.SetCurrentDirectory(Path.Combine(AppContext.BaseDirectory, "data"));
            Assert.Equal("direction-within", Run().Name);
        }
        finally
        {
            Directory.SetCurrentDirectory(folder);
        }
    }

    [Fact]
    public void It_is_what_the_README_says()
    {
        var source = File.ReadAllText(SourcePath());
        var readme = File.ReadAllText(Path.Combine(Path.GetDirectoryName(SourcePath())!, "..", "..", "README.md"));
        var examples = string.Concat(readme.Split("```csharp").Skip(1).Take(2).Select(part => part.Split("```")[0]));
        foreach (var line in examples.Split('\n').Select(line => line.Split("//")[0].Trim()).Where(line => line != ""))
            Assert.Contains(line, source);
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
        var end = Trajectory.Follow(new FlowSystem(field, Clock.LogRisk), new Seulex(), new TrajectoryPoint(w), new RunPlan
        {
            Stops = [Stops.StepLimit(100_000)],
            Schedule = SampleSchedule.EveryStep,
            OnSample = point => ObservationStops.CosineWithin(1e-12)(diagnostics.Observe(point)),
        });
        return end;
    }

    private static string SourcePath([CallerFilePath] string path = "") => path;
}
