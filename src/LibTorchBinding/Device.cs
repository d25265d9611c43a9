using System.Globalization;

namespace TorchSharp;

/// <summary>Kinds of device, with libtorch's numbers.</summary>
public enum DeviceType
{
    CPU = 0,
    CUDA = 1,

    /// <summary>Shapes without numbers: what would be computed, and where, without computing it.</summary>
    META = 14,
}

public static partial class torch
{
    /// <summary>Types of elements, with libtorch's numbers.</summary>
    public enum ScalarType : sbyte
    {
        Byte = 0,
        Int8 = 1,
        Int16 = 2,
        Int32 = 3,
        Int64 = 4,
        Float16 = 5,
        Float32 = 6,
        Float64 = 7,
        ComplexFloat32 = 9,
        ComplexFloat64 = 10,
        Bool = 11,
    }

    /// <summary>Where a tensor lives: "cpu", "cuda" or "cuda:1".</summary>
    public class Device
    {
        public Device(DeviceType deviceType, int index = -1)
        {
            type = deviceType;
            this.index = index;
        }

        public Device(string deviceType, int index = -1)
            : this(Parse(deviceType), index)
        {
        }

        public Device(string description)
        {
            var parts = description.Split(':');
            type = Parse(parts[0]);
            index = parts.Length == 1 ? -1
                : parts.Length == 2 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var i) ? i
                : throw Unknown(description);
        }

        public DeviceType type { get; }

        /// <summary>Number of the device of its type; -1: the current one.</summary>
        public int index { get; }

        public static implicit operator Device(string description) => new(description);

        public override string ToString()
        {
            var name = type.ToString().ToLowerInvariant();
            return index < 0 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}:{index}");
        }

        private static DeviceType Parse(string name) => name.ToLowerInvariant() switch
        {
            "cpu" => DeviceType.CPU,
            "cuda" => DeviceType.CUDA,
            "meta" => DeviceType.META,
            _ => throw Unknown(name),
        };

        private static ArgumentException Unknown(string description) =>
            new($"Unknown device '{description}': this binding knows 'cpu', 'cuda', 'cuda:INDEX' and 'meta'.");
    }

    public static readonly Device CPU = new(DeviceType.CPU);

    public static Device CUDA { get; } = new(DeviceType.CUDA);

    public static readonly Device META = new(DeviceType.META);

    /// <exception cref="InvalidOperationException">A CUDA device, where there is no CUDA; the constructors do not ask.</exception>
    public static Device device(string description) => Present(new(description));

    /// <inheritdoc cref="device(string)"/>
    public static Device device(string deviceType, int index = -1) => Present(new(deviceType, index));

    /// <inheritdoc cref="device(string)"/>
    public static Device device(DeviceType deviceType, int index = -1) => Present(new(deviceType, index));

    public static readonly ScalarType uint8 = ScalarType.Byte;
    public static readonly ScalarType int8 = ScalarType.Int8;
    public static readonly ScalarType int16 = ScalarType.Int16;
    public static readonly ScalarType int32 = ScalarType.Int32;
    public static readonly ScalarType int64 = ScalarType.Int64;
    public static readonly ScalarType @int = ScalarType.Int32;
    public static readonly ScalarType @long = ScalarType.Int64;
    public static readonly ScalarType float32 = ScalarType.Float32;
    public static readonly ScalarType float64 = ScalarType.Float64;
    public static readonly ScalarType @float = ScalarType.Float32;
    public static readonly ScalarType @double = ScalarType.Float64;
    public static readonly ScalarType @bool = ScalarType.Bool;

    private static Device Present(Device device) => device.type != DeviceType.CUDA || cuda.is_available()
        ? device
        : throw new InvalidOperationException($"There is no device {device}: CUDA is not available here.");

    public static bool is_floating_point(ScalarType type) =>
        type is ScalarType.Float16 or ScalarType.Float32 or ScalarType.Float64;

    public static bool is_integral(ScalarType type) => type <= ScalarType.Int64 || type == ScalarType.Bool;

    public static bool is_complex(ScalarType type) =>
        type is ScalarType.ComplexFloat32 or ScalarType.ComplexFloat64;
}
