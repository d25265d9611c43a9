namespace TorchAlign.Devices;

/// <summary>A device that cannot be had; the message says what was found and what to do.</summary>
public sealed class DeviceException(string message) : Exception(message);
