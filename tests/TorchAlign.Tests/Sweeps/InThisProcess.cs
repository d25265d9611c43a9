using TorchAlign.Experiments;
using TorchAlign.Simulated;
using TorchAlign.Tests.Commands;
using TorchAlignProgram = TorchAlign.Tests.Commands.Program;

namespace TorchAlign.Tests.Sweeps;

/// <summary>
/// Sweeps called within this process, where what is tested is no matter of processes: a start of one costs more than most of them. They
/// take the working folder, where paths in a study begin, so no other test is at work meanwhile.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class InThisProcess
{
    public const string Name = "sweeps in this process";
}

internal static class SweepInThisProcess
{
    /// <summary>As <see cref="TorchAlignProgram.RunApart"/>, but within this process; for tests of <see cref="InThisProcess"/>.</summary>
    public static TorchAlignProgram.Result RunHere(this TorchAlignProgram program, params string[] arguments)
    {
        var folder = Environment.CurrentDirectory;
        using var console = ConsoleRouter.Capture();
        try
        {
            Environment.CurrentDirectory = program.Folder;
            // On simulated devices here, on simulated devices in the workers.
            if (SimulatedDevices.Installed)
                Environment.SetEnvironmentVariable(TorchAlignProgram.Hooks, typeof(SimulatedDevices).Assembly.Location);
            return new TorchAlignProgram.Result(CommandLine.Run(arguments).GetAwaiter().GetResult(), console.Output, console.Error);
        }
        finally
        {
            Environment.CurrentDirectory = folder;
        }
    }
}
