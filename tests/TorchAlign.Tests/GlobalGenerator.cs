namespace TorchAlign.Tests;

/// <summary>
/// Tests whose numbers come from torch's global random generator, as those of a new layer do: alone, because there is one for all threads.
/// </summary>
[CollectionDefinition(nameof(GlobalGenerator), DisableParallelization = true)]
public class GlobalGenerator;
