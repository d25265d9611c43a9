using System.Runtime.CompilerServices;
using TorchAlign.Simulated;
using TorchSharp;

namespace TorchAlign.Tests.Devices;

/// <summary>
/// A test by means of simulated CUDA devices: the CPU's arithmetic behind CUDA's device rules. Rows of <see cref="OnCudaAttribute"/>
/// run on them too. They are in a process of their own, which ./test.sh starts where no GPU took those rows.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SimulatedCudaFactAttribute : FactAttribute
{
    public SimulatedCudaFactAttribute() => Skip = SimulatedCuda.WhyNot;
}

/// <summary>The same with rows.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SimulatedCudaTheoryAttribute : TheoryAttribute
{
    public SimulatedCudaTheoryAttribute() => Skip = SimulatedCuda.WhyNot;
}

/// <summary>Tests that count or limit what the devices do: nobody else is on them meanwhile.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SimulatedCuda
{
    public const string Name = "simulated CUDA";

    private static string? _refusal;

    /// <summary>Why this process has no simulated devices, or null. ./test.sh looks for the variable's name in the reasons.</summary>
    internal static string? WhyNot { get; } = SimulatedDevices.Installed ? null
        : _refusal is not null ? $"There are no simulated CUDA devices: {_refusal}."
        : !SimulatedDevices.Built ? "There are no simulated CUDA devices with TorchSharp from its package."
        : torch.cuda.is_available() ? "There is a GPU here; simulated CUDA devices are for where there is none."
        : $"Simulated CUDA devices take this, in a process with {SimulatedDevices.Variable}=1.";

    /// <summary>Before any attribute or test asks for a device.</summary>
    [ModuleInitializer]
    internal static void Install()
    {
        if (Environment.GetEnvironmentVariable(SimulatedDevices.Variable) != "1" || !SimulatedDevices.Built) return;
        try
        {
            SimulatedDevices.Install();
        }
        catch (InvalidOperationException error)
        {
            _refusal = error.Message;
        }
    }
}
