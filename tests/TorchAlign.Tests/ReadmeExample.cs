using System.Runtime.CompilerServices;
using TorchAlign.Alignment;
using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Losses;
using TorchAlign.MaxMargin;
using TorchAlign.Networks;

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
        var example = readme.Split("```csharp")[1].Split("```")[0];
        foreach (var line in example.Split('\n').Select(line => line.Split("//")[0].Trim()).Where(line => line != ""))
            Assert.Contains(line, source);
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
