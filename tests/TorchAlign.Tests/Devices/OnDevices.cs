using System.Reflection;
using TorchAlign.Devices;
using TorchSharp;
using Xunit.Sdk;

namespace TorchAlign.Tests.Devices;

/// <summary>Rows of a theory on the CPU: each row begins with the device's name, then come the arguments given here.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public class OnCpuAttribute(params object[] arguments) : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [["cpu", .. arguments]];
}

/// <summary>
/// The same row on the first GPU; without one, on a simulated one where this process has it, or else skipped with the reason that
/// <c>--device cuda</c> would give.
/// </summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class OnCudaAttribute : DataAttribute
{
    private static readonly string? Reason = WhyNot();

    private readonly object[] _arguments;

    public OnCudaAttribute(params object[] arguments)
    {
        _arguments = arguments;
        Skip = Reason;
    }

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [["cuda:0", .. _arguments]];

    private static string? WhyNot()
    {
        try
        {
            DeviceName.Resolve("cuda:0");
            return null;
        }
        catch (DeviceException error)
        {
            return $"{error.Message} {SimulatedCuda.WhyNot}";
        }
    }
}
