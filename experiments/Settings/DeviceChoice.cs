using TorchAlign.Devices;
using static TorchSharp.torch;

namespace TorchAlign.Experiments.Settings;

/// <summary>
/// The device that a command line names. A command that is only described for another machine, as a sweep from a login node without a
/// GPU does, takes any name there can be; whoever makes the run asks for the device itself.
/// </summary>
internal static class DeviceChoice
{
    private static readonly AsyncLocal<bool> Elsewhere = new();

    /// <exception cref="DeviceException">No name of a device, or one that cannot be had here.</exception>
    public static Device Resolve(string name) => Elsewhere.Value ? DeviceName.Parse(name) : DeviceName.Resolve(name);

    /// <summary>Does what does not run here: names of devices are read and not asked for.</summary>
    public static T ForAnotherMachine<T>(Func<T> describe)
    {
        Elsewhere.Value = true;
        try
        {
            return describe();
        }
        finally
        {
            Elsewhere.Value = false;
        }
    }
}
