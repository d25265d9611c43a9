using TorchSharp.Modules;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            public interface ILearningRateController
            {
                double LearningRate { get; set; }

                double InitialLearningRate { get; set; }
            }

            public interface IMomentum
            {
                double Momentum { get; set; }
            }

            /// <summary>Changes the parameters of its groups, one <see cref="step"/> at a time.</summary>
            public abstract class Optimizer : IDisposable
            {
                /// <summary>Null until the constructor of the optimiser sets it, as in TorchSharp.</summary>
                protected IList<ParamGroup> _parameter_groups = null!;

                /// <param name="handle">TorchSharp's native optimiser; IntPtr.Zero: written in C#.</param>
                protected Optimizer(IntPtr handle)
                {
                    if (handle != 0)
                    {
                        throw new ArgumentException(
                            "Optimisers of this binding are written in C#: pass IntPtr.Zero.", nameof(handle));
                    }
                }

                public virtual IEnumerable<ILearningRateController> ParamGroups => _parameter_groups;

                /// <summary>
                /// Changes the parameters by their gradients; with a closure, that computes them first. Returns what the
                /// closure did, null without one.
                /// </summary>
                public virtual Tensor? step(Func<Tensor>? closure = null) => throw new InvalidOperationException(
                    $"{GetType().Name} does not override step.");

                /// <summary>Sets the gradients that there are to 0; they stay allocated.</summary>
                public virtual void zero_grad()
                {
                    using var _ = no_grad();
                    foreach (var parameter in parameters())
                    {
                        using var gradient = parameter.grad;
                        // One that was made with create_graph has a history, which filling in place would keep alive.
                        if (gradient is { requires_grad: true }) parameter.grad = null;
                        else gradient?.fill_(0);
                    }
                }

                public virtual IEnumerable<Parameter> parameters() => _parameter_groups.SelectMany(g => g.Parameters);

                public void Dispose()
                {
                    Dispose(true);
                    GC.SuppressFinalize(this);
                }

                protected virtual void Dispose(bool disposing)
                {
                }
            }
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>The base of optimisers that are written in C#.</summary>
    public abstract class OptimizerHelper : torch.optim.Optimizer
    {
        protected OptimizerOptions? _defaults;

        protected OptimizerHelper()
            : base(IntPtr.Zero)
        {
        }

        /// <summary>
        /// Runs the closure with gradients, then <paramref name="body"/> on every group without, in a scope that frees
        /// what the body leaves behind.
        /// </summary>
        protected torch.Tensor? _step<T>(Action<T> body, Func<torch.Tensor>? loss_closure = null)
            where T : ParamGroup
        {
            torch.Tensor? loss = null;
            if (loss_closure is not null)
            {
                using (torch.enable_grad()) loss = loss_closure();
            }
            using var grad = torch.no_grad();
            using var scope = torch.NewDisposeScope();
            foreach (var group in _parameter_groups) body((T)group);
            return loss;
        }
    }

    /// <summary>What a group of parameters is trained with.</summary>
    public class OptimizerOptions
    {
        public double? LearningRate { get; set; }

        public double InitialLearningRate { get; set; }
    }

    /// <summary>Parameters that share their options.</summary>
    public class ParamGroup : torch.optim.ILearningRateController
    {
        public ParamGroup()
        {
        }

        public IEnumerable<Parameter> Parameters { get; set; } = [];

        public OptimizerOptions Options { get; set; } = new();

        public double LearningRate
        {
            get => Options.LearningRate ?? throw new InvalidOperationException("The group has no learning rate yet.");
            set => Options.LearningRate = value;
        }

        public double InitialLearningRate
        {
            get => Options.InitialLearningRate;
            set => Options.InitialLearningRate = value;
        }
    }

    /// <summary>The same with options of a type of their own.</summary>
    public class ParamGroup<TOptions> : ParamGroup
        where TOptions : OptimizerOptions
    {
        public ParamGroup()
        {
        }

        public ParamGroup(IEnumerable<Parameter> parameters, TOptions? options = null)
        {
            Parameters = parameters;
            if (options is not null) Options = options;
        }

        public new TOptions Options
        {
            get => (TOptions)base.Options;
            set => base.Options = value;
        }
    }
}
