using System.Reflection;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Names and owns parameters, buffers and modules inside it.</summary>
        public partial class Module : IDisposable
        {
            protected readonly string name;

            private readonly List<(string name, Parameter? value)> ownParameters = [];
            private readonly List<(string name, Tensor value, bool persistent)> ownBuffers = [];
            private readonly List<(string name, Module value)> ownModules = [];
            private bool registered;

            protected Module(string name) => this.name = name;

            public bool training { get; private set; } = true;

            public virtual string GetName() => name;

            public virtual void register_parameter(string name, Parameter? param)
            {
                CheckName(name);
                param?.DetachFromDisposeScope();
                ownParameters.Add((name, param));
            }

            public virtual void register_module(string name, Module? submodule)
            {
                CheckName(name);
                if (submodule is null) return;
                ownModules.Add((name, submodule));
            }

            public virtual void register_buffer(string name, Tensor tensor, bool persistent = true)
            {
                CheckName(name);
                tensor.DetachFromDisposeScope();
                ownBuffers.Add((name, tensor, persistent));
            }

            /// <summary>Registers the fields that hold parameters, buffers and modules, under the fields' names.</summary>
            protected virtual void RegisterComponents()
            {
                if (registered) return;
                registered = true;
                foreach (var field in Fields())
                {
                    switch (field.GetValue(this))
                    {
                        case Module module:
                            register_module(field.Name, module);
                            break;
                        case Parameter parameter:
                            register_parameter(field.Name, parameter);
                            break;
                        case Tensor tensor:
                            register_buffer(field.Name, tensor);
                            break;
                    }
                }
            }

            public virtual IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
            {
                var seen = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
                foreach (var (path, module) in WithSelf(recurse))
                {
                    foreach (var (own, value) in module.ownParameters)
                    {
                        if (value is not null && seen.Add(value)) yield return (Join(path, own), value);
                    }
                }
            }

            public virtual IEnumerable<Parameter> parameters(bool recurse = true) =>
                named_parameters(recurse).Select(p => p.parameter);

            public virtual IEnumerable<(string name, Tensor buffer)> named_buffers(
                bool recurse = true, bool include_nonpersistent = true) =>
                from inside in WithSelf(recurse)
                from own in inside.module.ownBuffers
                where include_nonpersistent || own.persistent
                select (Join(inside.path, own.name), own.value);

            public virtual IEnumerable<Tensor> buffers(bool recurse = true, bool include_nonpersistent = true) =>
                named_buffers(recurse, include_nonpersistent).Select(b => b.buffer);

            public virtual IEnumerable<(string name, Module module)> named_children() =>
                ownModules.Select(m => (m.name, m.value));

            public virtual IEnumerable<Module> children() => ownModules.Select(m => m.value);

            /// <summary>
            /// All modules inside this one under their dotted paths: the children first, then what is inside each of them in the
            /// same order. One that is registered twice comes twice.
            /// </summary>
            public virtual IEnumerable<(string name, Module module)> named_modules() => ownModules.Concat(
                ownModules.SelectMany(child => child.value.named_modules().Select(m => (Join(child.name, m.name), m.module))));

            public virtual IEnumerable<Module> modules() => named_modules().Select(m => m.module);

            public virtual bool has_parameter(string target) => named_parameters().Any(p => p.name == target);

            public virtual bool has_buffer(string target) => named_buffers().Any(b => b.name == target);

            /// <summary>Calls <paramref name="fn"/> on the modules inside, then on this one.</summary>
            public virtual Module apply(Action<Module> fn)
            {
                foreach (var child in children()) child.apply(fn);
                fn(this);
                return this;
            }

            public virtual void zero_grad(bool set_to_none = true)
            {
                foreach (var parameter in parameters())
                {
                    using var gradient = parameter.grad;
                    if (gradient is null) continue;
                    if (set_to_none) parameter.grad = null;
                    else gradient.fill_(0);
                }
            }

            public virtual void train(bool train = true)
            {
                training = train;
                foreach (var child in children()) child.train(train);
            }

            public virtual void eval() => train(false);

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing)
            {
                if (!disposing) return;
                foreach (var (_, parameter) in ownParameters) parameter?.Dispose();
                foreach (var (_, buffer, _) in ownBuffers) buffer.Dispose();
                foreach (var (_, module) in ownModules) module.Dispose();
            }

            /// <summary>Registers a parameter, puts it in the place of the one of that name, or takes that one away.</summary>
            protected void ConditionallyRegisterParameter(string name, Parameter? value)
            {
                var at = ownParameters.FindIndex(p => p.name == name);
                if (at < 0 && value is not null) register_parameter(name, value);
                else if (at >= 0 && value is null) ownParameters.RemoveAt(at);
                else if (at >= 0) ownParameters[at] = (name, value);
            }

            /// <summary>Puts a parameter into a field and into the list, and disposes the one that was there.</summary>
            private protected void ReplaceParameter(ref Parameter? field, Parameter? value, string name)
            {
                if (ReferenceEquals(value, field)) return;
                value?.DetachFromDisposeScope();
                field?.Dispose();
                field = value;
                ConditionallyRegisterParameter(name, value);
            }

            /// <summary>PyTorch's default start: all uniform within 1 / sqrt(inputs of one output).</summary>
            private protected static Parameter InitialParameter(long[] size, long fanIn, Device? device, ScalarType? dtype)
            {
                var bound = fanIn > 0 ? 1 / Math.Sqrt(fanIn) : 0;
                return new(empty(size, dtype, device).uniform_(-bound, bound));
            }

            private IEnumerable<(string path, Module module)> WithSelf(bool recurse)
            {
                yield return ("", this);
                if (!recurse) yield break;
                foreach (var (own, child) in ownModules)
                {
                    foreach (var (path, module) in child.WithSelf(true)) yield return (Join(own, path), module);
                }
            }

            private IEnumerable<FieldInfo> Fields()
            {
                for (var type = GetType(); type is not null && type != typeof(Module); type = type.BaseType)
                {
                    foreach (var field in type.GetFields(
                        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                    {
                        yield return field;
                    }
                }
            }

            private void CheckName(string name)
            {
                if (string.IsNullOrEmpty(name) || name.Contains('.'))
                    throw new ArgumentException($"'{name}' cannot name a component of a module: it is empty or has a dot.");
                if (ownParameters.Exists(p => p.name == name) || ownModules.Exists(m => m.name == name)
                    || ownBuffers.Exists(b => b.name == name))
                    throw new ArgumentException($"{GetName()} has a component named '{name}' already.");
            }

            private static string Join(string path, string name) =>
                path.Length == 0 ? name : name.Length == 0 ? path : $"{path}.{name}";
        }
    }
}
