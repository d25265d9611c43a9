using System.Runtime.InteropServices;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            /// <summary>Parameters and persistent buffers by name; the tensors themselves, not copies.</summary>
            public virtual Dictionary<string, Tensor> state_dict(
                Dictionary<string, Tensor>? destination = null, string? prefix = null)
            {
                destination ??= [];
                foreach (var (key, value) in named_parameters()) destination[Join(prefix ?? "", key)] = value;
                foreach (var (key, value) in named_buffers(true, false)) destination[Join(prefix ?? "", key)] = value;
                return destination;
            }

            /// <summary>Copies values in, by name; returns the names that were missing and those nobody asked for.</summary>
            /// <remarks>The spelling of the second is TorchSharp's.</remarks>
            public virtual (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(
                Dictionary<string, Tensor> source, bool strict = true, IList<string>? skip = null)
            {
                var own = state_dict();
                var missing = own.Keys.Where(k => !source.ContainsKey(k) && skip?.Contains(k) != true).ToList();
                var unexpected = source.Keys.Where(k => !own.ContainsKey(k) && skip?.Contains(k) != true).ToList();
                if (strict && (missing.Count > 0 || unexpected.Count > 0))
                {
                    throw new InvalidOperationException(
                        $"The state does not fit {GetName()}: missing [{string.Join(", ", missing)}], "
                        + $"unexpected [{string.Join(", ", unexpected)}].");
                }
                using (no_grad())
                {
                    foreach (var (key, value) in source)
                    {
                        if (own.TryGetValue(key, out var target) && skip?.Contains(key) != true) target.copy_(value);
                    }
                }
                return (missing, unexpected);
            }

            protected internal virtual Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking) =>
                Move(new Device(deviceType, deviceIndex), null, non_blocking);

            protected internal virtual Module _to(Device device, ScalarType dtype, bool non_blocking) =>
                Move(device, dtype, non_blocking);

            protected internal virtual Module _to(ScalarType dtype, bool non_blocking) => Move(null, dtype, non_blocking);

            // Parameters are replaced, not changed in place: one that was a view of a flat tensor is its own afterwards.
            private Module Move(Device? device, ScalarType? dtype, bool non_blocking)
            {
                foreach (var child in children()) _ = child.Move(device, dtype, non_blocking);
                for (var i = 0; i < ownParameters.Count; i++)
                {
                    var (key, old) = ownParameters[i];
                    if (old is null || Stays(old, device, dtype)) continue;
                    Parameter moved;
                    using (no_grad())
                    {
                        moved = new Parameter(Moved(old, device, dtype, non_blocking), old.requires_grad);
                        using var gradient = old.grad;
                        if (gradient is not null)
                        {
                            using var movedGradient = Moved(gradient, device, dtype, non_blocking);
                            moved.grad = movedGradient;
                        }
                    }
                    moved.DetachFromDisposeScope();
                    ownParameters[i] = (key, moved);
                    ReplaceInFields(old, moved);
                    old.Dispose();
                }
                for (var i = 0; i < ownBuffers.Count; i++)
                {
                    var (key, old, persistent) = ownBuffers[i];
                    if (Stays(old, device, dtype)) continue;
                    var moved = Moved(old, device, dtype, non_blocking).DetachFromDisposeScope();
                    ownBuffers[i] = (key, moved, persistent);
                    ReplaceInFields(old, moved);
                    old.Dispose();
                }
                return this;
            }

            // Only floating-point tensors change their dtype with the module's.
            private static ScalarType Target(Tensor tensor, ScalarType? dtype) =>
                tensor.is_floating_point() ? dtype ?? tensor.dtype : tensor.dtype;

            private static bool Stays(Tensor tensor, Device? device, ScalarType? dtype) =>
                Target(tensor, dtype) == tensor.dtype
                && (device is null || (device.type == tensor.device_type
                    && (device.index < 0 || device.index == tensor.device_index)));

            private static Tensor Moved(Tensor tensor, Device? device, ScalarType? dtype, bool non_blocking) =>
                tensor.to(Target(tensor, dtype), device ?? tensor.device, non_blocking: non_blocking);

            private void ReplaceInFields(Tensor old, Tensor now)
            {
                foreach (var field in Fields())
                {
                    if (ReferenceEquals(field.GetValue(this), old)) field.SetValue(this, now);
                }
            }
        }
    }
}

/// <summary>Moves modules; the result is the module itself.</summary>
public static class ModuleExtensionMethods
{
    public static T to<T>(this T module, DeviceType deviceType, int deviceIndex = -1, bool non_blocking = false)
        where T : torch.nn.Module => (T)module._to(deviceType, deviceIndex, non_blocking);

    public static T to<T>(this T module, torch.Device device, bool non_blocking = false)
        where T : torch.nn.Module => (T)module._to(device.type, device.index, non_blocking);

    public static T to<T>(this T module, torch.Device device, torch.ScalarType type, bool non_blocking = false)
        where T : torch.nn.Module => (T)module._to(device, type, non_blocking);

    public static T to<T>(this T module, torch.ScalarType type, bool non_blocking = false)
        where T : torch.nn.Module => (T)module._to(type, non_blocking);
}
