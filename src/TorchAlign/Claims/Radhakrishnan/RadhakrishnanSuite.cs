namespace TorchAlign.Claims;

/// <summary>The runs on which the claims of <see cref="RadhakrishnanClaims"/> are checked, and what came of them.</summary>
public static class RadhakrishnanSuite
{
    /// <summary>Runs everything; the same seed gives the same runs.</summary>
    /// <param name="seed">Of all data and starts.</param>
    /// <param name="cancellation">Ends the suite with <see cref="OperationCanceledException"/>.</param>
    /// <param name="progress">Told of every run when it begins.</param>
    public static SuiteReport Run(int seed, CancellationToken cancellation, IProgress<SuiteProgress>? progress)
    {
        var runs = RadhakrishnanRuns.All(seed);
        var results = new List<SuiteRunResult>();
        for (var i = 0; i < runs.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(new SuiteProgress(runs[i].Name, i, runs.Count));
            var evidence = runs[i].Follow(runs[i].Name, cancellation);
            results.Add(new SuiteRunResult(evidence.Name, evidence.End, evidence.Steps[^1], evidence.LogRisks[^1] / Math.Log(10),
                Math.Log(evidence.Eta * evidence.Steps[^1]), RadhakrishnanClaims.Check(evidence)));
        }
        return new SuiteReport(results);
    }
}
