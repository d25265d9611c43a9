using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Something that can be called with one argument.</summary>
        public interface IModule<T, TResult>
        {
            TResult call(T input1);
        }

        /// <summary>The level at which TorchSharp keeps hooks; this binding has none.</summary>
        public class HookableModule<TPreHook, TPostHook> : Module
        {
            protected HookableModule(string name)
                : base(name)
            {
            }
        }

        /// <summary>A module of one argument.</summary>
        public abstract class Module<T, TResult> :
            HookableModule<Func<Module<T, TResult>, T, T>, Func<Module<T, TResult>, T, TResult, TResult>>, IModule<T, TResult>
        {
            protected Module(string name)
                : base(name)
            {
            }

            public abstract TResult forward(T input);

            public TResult call(T input) => forward(input);
        }

        /// <param name="hasBias">Adds a vector of outputSize numbers.</param>
        public static Linear Linear(
            long inputSize, long outputSize, bool hasBias = true, Device? device = null, ScalarType? dtype = null) =>
            new(inputSize, outputSize, hasBias, device, dtype);

        /// <summary>Around given parameters: weight (out, in), bias (out).</summary>
        public static Linear Linear(Parameter weight, Parameter? bias = null) => new(weight, bias);

        public static ReLU ReLU(bool inplace = false) => new(inplace);

        public static Sequential Sequential(params Module<Tensor, Tensor>[] modules) =>
            Modules.Sequential.Of(modules);

        public static Sequential Sequential(params (string name, Module<Tensor, Tensor> submodule)[] modules) =>
            Modules.Sequential.Of(modules);

        public static Sequential Sequential(IEnumerable<Module<Tensor, Tensor>> modules) =>
            Modules.Sequential.Of([.. modules]);

        public static Parameter Parameter(Tensor data, bool requires_grad = true) => new(data, requires_grad);
    }
}
