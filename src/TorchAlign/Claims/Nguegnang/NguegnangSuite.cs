namespace TorchAlign.Claims;

/// <summary>The runs on which the claims of <see cref="NguegnangClaims"/> are checked, and what came of them.</summary>
public static class NguegnangSuite
{
    /// <summary>Runs everything; the same seed gives the same runs.</summary>
    /// <param name="seed">Of the data and of all starts.</param>
    /// <param name="cancellation">Ends the suite with <see cref="OperationCanceledException"/>.</param>
    /// <param name="progress">Told of every run when it begins.</param>
    public static SuiteReport Run(int seed, CancellationToken cancellation, IProgress<SuiteProgress>? progress)
    {
        var runs = NguegnangRuns.All(seed);
        var results = new List<SuiteRunResult>();
        for (var i = 0; i < runs.Count; i++)
        {
            progress?.Report(new SuiteProgress(runs[i].Name, i, runs.Count));
            var evidence = runs[i].Follow(cancellation);
            results.Add(new SuiteRunResult(evidence.Name, evidence.End, evidence.Descent.Steps,
                Math.Log10(evidence.Descent.Loss[^1]), Math.Log(evidence.Descent.Time), NguegnangClaims.Check(evidence)));
        }
        return new SuiteReport(results);
    }
}
