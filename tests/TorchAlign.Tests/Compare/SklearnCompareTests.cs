using System.Text.Json;
using TorchAlign.Data;
using TorchAlign.Experiments.Compare;
using TorchAlign.Experiments.Python;
using TorchAlign.MaxMargin;

namespace TorchAlign.Tests.Compare;

/// <summary>A test that needs a Python with scikit-learn; skipped, with the reason, where there is none.</summary>
public sealed class SklearnFactAttribute : FactAttribute
{
    public SklearnFactAttribute()
    {
        if (SklearnProcess.Python is null) Skip = SklearnProcess.Remedy;
    }
}

public class SklearnCompareTests
{
    /// <summary>z = (1, 0), (0, 1): u_bar = (1, 1) / sqrt 2, gamma = 1 / sqrt 2.</summary>
    private static readonly SignedPoints Corner = new([1, 0, 0, 1], 2, 2);

    [Fact]
    public void A_direction_is_judged_by_its_own_margin()
    {
        var ours = HardMargin.Solve(Corner);
        var right = SklearnCandidate.Judge("right", [3, 3], Corner, ours, 0, "");
        Assert.Equal(0, right.Shortfall, 1e-15);
        Assert.Equal(0, right.Angle, 1e-15);
        var wrong = SklearnCandidate.Judge("wrong", [3, 4], Corner, ours, 0, "");
        Assert.Equal(0.6, wrong.Margin, 1e-15);
        Assert.Equal(1 - (0.6 * Math.Sqrt(2)), wrong.Shortfall, 1e-15);
        Assert.Equal(Math.Atan2(4, 3) - (Math.PI / 4), wrong.Angle, 1e-15);
        var against = SklearnCandidate.Judge("against", [-1, -1], Corner, ours, 0, "");
        Assert.Equal(Math.PI, against.Angle, 1e-15);
    }

    [Fact]
    public void A_larger_margin_wins_and_rounding_does_not()
    {
        SklearnCandidate Of(string name, double margin) => new(name, margin, 0, 0, 0, "");
        var ours = Of("ours", 0.1);
        Assert.Equal(ours, SklearnCompare.Best([ours, Of("rounding", Math.BitIncrement(0.1)), Of("worse", 0.09)]));
        Assert.Equal("better", SklearnCompare.Best([ours, Of("better", 0.1 + 1e-12)]).Solver);
    }

    [Fact]
    public void A_package_that_nobody_has_is_found_nowhere() =>
        Assert.Null(PythonTwinFacts.InterpreterWith("there_is_no_such_package"));

    [SklearnFact]
    public void On_iris_the_errors_are_where_theory_puts_them()
    {
        using var program = new Commands.Program();
        var result = program.Run("compare", "sklearn", "iris", "--positive", "setosa", "--center", "--json");
        Assert.True(result.ExitCode == 0, result.Error);
        using var json = JsonDocument.Parse(result.Output);
        Assert.Equal("TorchAlign", json.RootElement.GetProperty("best").GetString());
        var shortfalls = json.RootElement.GetProperty("solvers").EnumerateArray().ToDictionary(
            solver => solver.GetProperty("solver").GetString()!, solver => solver.GetProperty("shortfall").GetDouble());
        Assert.InRange(shortfalls["TorchAlign"], 0, 1e-14);
        Assert.InRange(shortfalls["SVC, as is"], 1e-5, 1e-2); // its tolerance is 1e-3
        Assert.InRange(shortfalls["SVC, tol 1e-10"], 1e-9, 1e-5); // its kernel is in float32
        Assert.InRange(shortfalls["LinearSVC, tol 1e-10"], 0, 1e-9);
    }

    [SklearnFact]
    public void Without_a_maximum_margin_there_is_nothing_to_compare()
    {
        using var program = new Commands.Program();
        var result = program.Run("compare", "sklearn", "iris", "--positive", "versicolor");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("no maximum margin", result.Error);
        Assert.Empty(result.Output);
    }
}
