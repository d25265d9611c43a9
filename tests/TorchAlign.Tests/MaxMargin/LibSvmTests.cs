using TorchAlign.Data;
using TorchAlign.MaxMargin;
using TorchAlign.Tests.Data;

namespace TorchAlign.Tests.MaxMargin;

public class LibSvmTests
{
    public static TheoryData<string, string, string?, bool> Sets => new()
    {
        { "iris", "setosa", null, false },
        { "iris", "setosa", null, true },
        { "digits", "0", "1", false },
        { "digits", "3", "5", false },
        { "digits", "1", "8", false },
        { "digits", "3", "5", true },
        { "digits", "5", null, false },
    };

    [LibSvmTheory]
    [MemberData(nameof(Sets))]
    public void Libsvm_agrees_to_the_accuracy_its_kernel_predicts(string file, string positive, string? negative, bool center)
    {
        string path = file == "iris" ? RepositoryFiles.Iris : RepositoryFiles.Digits;
        var options = new ReadOptions { Positive = positive, Negative = negative, Center = center };
        SignedPoints z = DataFile.Read(path, options).ToSignedPoints();
        MarginSolution s = HardMargin.Solve(z);
        foreach (LibSvmMethod method in Enum.GetValues<LibSvmMethod>())
        {
            LibSvmResult? r = LibSvmWitness.Ask(z, s, method, out string? reason);
            Assert.True(r is not null, reason);
            Assert.False(r.ReachedCap);
            Assert.InRange(r.Angle, 0.2 * r.ExpectedAngle, 2 * r.ExpectedAngle);
            Assert.True(r.Angle <= r.AngleBound);
            Assert.InRange(r.Iterations, 1, 100_000);
        }
    }

    [LibSvmFact]
    public void Both_ways_see_planted_margins()
    {
        foreach (double margin in new[] { 0.3, 0.03, 3e-3 })
        {
            for (int seed = 0; seed < 5; seed++)
            {
                SignedPoints z = Generators.Gaussian(seed, 60, 5, margin).ToSignedPoints();
                MarginSolution s = HardMargin.Solve(z);
                foreach (LibSvmMethod method in Enum.GetValues<LibSvmMethod>())
                {
                    LibSvmResult r = LibSvmWitness.Ask(z, s, method, out _)!;
                    Assert.True(r.Angle <= 3 * r.ExpectedAngle + 1e-8,
                        $"{method} at {margin}: {r.Angle:E1}, expected {r.ExpectedAngle:E1}");
                }
            }
        }
    }

    [LibSvmFact]
    public void A_wrong_direction_is_contradicted()
    {
        SignedPoints right = Generators.PlanarSet(1).ToSignedPoints(), other = Generators.PlanarSet(2).ToSignedPoints();
        LibSvmResult r = LibSvmWitness.Ask(right, HardMargin.Solve(other), LibSvmMethod.OneClass, out _)!;
        Assert.True(r.Angle > 100 * r.AngleBound);
    }

    [LibSvmFact]
    public void It_is_not_asked_what_it_cannot_answer()
    {
        SignedPoints antipodal = MarginCheck.Points(1, 1, -1);
        Assert.Null(LibSvmWitness.Ask(antipodal, HardMargin.Solve(antipodal), LibSvmMethod.OneClass, out string? reason));
        Assert.Contains("not proved separable", reason);
        SignedPoints tiny = Generators.Gaussian(1, 40, 4, 1e-9).ToSignedPoints();
        Assert.Null(LibSvmWitness.Ask(tiny, HardMargin.Solve(tiny), LibSvmMethod.OneClass, out reason));
        Assert.Contains("float32", reason);
    }

    [LibSvmFact]
    public void Its_version_is_known() => Assert.Matches(@"^3\.\d\d$", LibSvmWitness.Version);

    [Fact]
    public void Its_iterations_are_read_from_what_it_prints() =>
        Assert.Equal(46, LibSvmLibrary.Iterations("*.*\noptimization finished, #iter = 34\nobj = 1\noptimization finished, #iter = 12\n"));

    [Fact]
    public void The_remedy_names_the_package() => Assert.Contains("libsvm3", LibSvmWitness.Remedy);

    [FactThatNeeds(Need.NoLibSvm)]
    public void Absent_it_says_how_to_get_it()
    {
        Assert.Null(LibSvmWitness.Version);
        SignedPoints z = Generators.PlanarSet(1).ToSignedPoints();
        Assert.Null(LibSvmWitness.Ask(z, HardMargin.Solve(z), LibSvmMethod.OneClass, out string? reason));
        Assert.Equal(LibSvmWitness.Remedy, reason);
    }
}

internal sealed class LibSvmFactAttribute : FactAttribute
{
    public LibSvmFactAttribute()
    {
        if (!LibSvmWitness.Available) Skip = LibSvmWitness.Remedy;
    }
}

internal sealed class LibSvmTheoryAttribute : TheoryAttribute
{
    public LibSvmTheoryAttribute()
    {
        if (!LibSvmWitness.Available) Skip = LibSvmWitness.Remedy;
    }
}
