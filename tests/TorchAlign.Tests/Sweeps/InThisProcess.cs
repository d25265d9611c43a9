using TorchAlign.Experiments;
using TorchAlign.Simulated;
using TorchAlignProgram = TorchAlign.Tests.Commands.Program;

namespace TorchAlign.Tests.Sweeps;

/// <summary>
/// Commands called in this process, where what is tested is no matter of processes: a start of one costs more than most sweeps. They
/// take the console and the working folder, so nobody else is at work meanwhile.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class InThisProcess
{
    public const string Name = "commands in this process";
}

internal static class ProgramInThisProcess
{
    /// <summary>As <see cref="TorchAlignProgram.Run"/>; for tests of the collection <see cref="InThisProcess"/>.</summary>
    public static TorchAlignProgram.Result RunHere(this TorchAlignProgram program, params string[] arguments)
    {
        var (folder, output, error) = (Environment.CurrentDirectory, Console.Out, Console.Error);
        var (said, complained) = (new StringWriter(), new StringWriter());
        try
        {
            Environment.CurrentDirectory = program.Folder;
            Console.SetOut(said);
            Console.SetError(complained);
            // On simulated devices here, on simulated devices in the workers.
            if (SimulatedDevices.Installed)
                Environment.SetEnvironmentVariable("DOTNET_STARTUP_HOOKS", typeof(SimulatedDevices).Assembly.Location);
            var status = CommandLine.Run(arguments).GetAwaiter().GetResult();
            return new TorchAlignProgram.Result(status, said.ToString(), complained.ToString());
        }
        finally
        {
            Environment.CurrentDirectory = folder;
            Console.SetOut(output);
            Console.SetError(error);
        }
    }
}
