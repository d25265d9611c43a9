namespace TorchAlign.Experiments.Runs;

/// <summary>What settings and a folder make: ready to be run.</summary>
internal interface IExperiment
{
    /// <summary>Runs it to its end, or until it is interrupted.</summary>
    /// <returns>The exit code.</returns>
    int Run(CancellationToken cancellation);
}
