using System.Runtime.CompilerServices;

// The solver's parts are tested one by one.
[assembly: InternalsVisibleTo("TorchAlign.Tests")]
