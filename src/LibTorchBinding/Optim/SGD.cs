using TorchSharp.Modules;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            public static SGD SGD(
                IEnumerable<Parameter> parameters,
                double learningRate,
                double momentum = 0,
                double dampening = 0,
                double weight_decay = 0,
                bool nesterov = false,
                bool maximize = false) =>
                new(parameters, learningRate, momentum, dampening, weight_decay, nesterov, maximize);

            public static SGD SGD(
                IEnumerable<(string name, Parameter parameter)> parameters,
                double learningRate,
                double momentum = 0,
                double dampening = 0,
                double weight_decay = 0,
                bool nesterov = false,
                bool maximize = false) =>
                new(parameters.Select(p => p.parameter), learningRate, momentum, dampening, weight_decay, nesterov, maximize);
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>
    /// w -= lr v, with v = g + weight_decay w, or with momentum the running v = momentum v + (1 - dampening) g.
    /// The first v is g itself, whatever the dampening. With maximize w += lr v: weight decay then lets the weights grow, in
    /// TorchSharp, where PyTorch turns the sign of the gradient alone.
    /// </summary>
    public class SGD : OptimizerHelper, torch.optim.IMomentum
    {
        private readonly Dictionary<Parameter, torch.Tensor> velocities = new(ReferenceEqualityComparer.Instance);

        public SGD(
            IEnumerable<Parameter> parameters,
            double lr,
            double momentum = 0,
            double dampening = 0,
            double weight_decay = 0,
            bool nesterov = false,
            bool maximize = false)
            : this([new ParamGroup(parameters, new Options())], lr, momentum, dampening, weight_decay, nesterov, maximize)
        {
        }

        public SGD(
            IEnumerable<ParamGroup> parameters,
            double lr,
            double momentum = 0,
            double dampening = 0,
            double weight_decay = 0,
            bool nesterov = false,
            bool maximize = false)
        {
            Require(lr >= 0, "learning rate", lr, "at least 0");
            Require(momentum >= 0, "momentum", momentum, "at least 0");
            Require(dampening >= 0, "dampening", dampening, "at least 0");
            Require(weight_decay >= 0, "weight decay", weight_decay, "at least 0");
            if (nesterov && (momentum == 0 || dampening != 0))
            {
                throw new ArgumentException(
                    $"Nesterov's momentum needs a momentum above 0 and no dampening, not {momentum} and {dampening}.");
            }
            var defaults = new Options
            {
                LearningRate = lr,
                InitialLearningRate = lr,
                momentum = momentum,
                dampening = dampening,
                weight_decay = weight_decay,
                nesterov = nesterov,
                maximize = maximize,
            };
            _defaults = defaults;
            _parameter_groups = [];
            foreach (var group in parameters)
            {
                group.Options = group.Options.Or(defaults);
                group.Parameters = [.. group.Parameters];
                _parameter_groups.Add(group);
            }
        }

        public double Momentum
        {
            get => ((Options)_defaults!).momentum!.Value;
            set
            {
                ((Options)_defaults!).momentum = value;
                foreach (var group in _parameter_groups) ((ParamGroup)group).Momentum = value;
            }
        }

        public override torch.Tensor? step(Func<torch.Tensor>? closure = null) => _step<ParamGroup>(Step, closure);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                foreach (var velocity in velocities.Values) velocity.Dispose();
                velocities.Clear();
            }
            base.Dispose(disposing);
        }

        private void Step(ParamGroup group)
        {
            var o = group.Options;
            foreach (var parameter in group.Parameters)
            {
                if (parameter.grad is not { } g) continue;
                if (o.weight_decay != 0) g = g.add(parameter, o.weight_decay!.Value);
                if (o.momentum != 0)
                {
                    if (velocities.TryGetValue(parameter, out var v))
                        v.mul_(o.momentum!.Value).add_(g, 1 - o.dampening!.Value);
                    else
                        velocities[parameter] = v = g.clone().DetachFromDisposeScope();
                    g = o.nesterov == true ? g.add(v, o.momentum!.Value) : v;
                }
                parameter.add_(g, o.maximize == true ? group.LearningRate : -group.LearningRate);
            }
        }

        private static void Require(bool holds, string what, double value, string bound)
        {
            if (!holds) throw new ArgumentException($"The {what} of SGD is {value}; it must be {bound}.");
        }

        /// <summary>What is null takes the optimiser's value.</summary>
        public class Options : OptimizerOptions
        {
            public double? momentum;
            public double? dampening;
            public double? weight_decay;
            public bool? nesterov;
            public bool? maximize;

            internal Options Or(Options defaults) => new()
            {
                LearningRate = LearningRate ?? defaults.LearningRate,
                InitialLearningRate = LearningRate ?? defaults.InitialLearningRate,
                momentum = momentum ?? defaults.momentum,
                dampening = dampening ?? defaults.dampening,
                weight_decay = weight_decay ?? defaults.weight_decay,
                nesterov = nesterov ?? defaults.nesterov,
                maximize = maximize ?? defaults.maximize,
            };
        }

        public class ParamGroup : ParamGroup<Options>, torch.optim.IMomentum
        {
            public ParamGroup() => Options = new Options();

            public ParamGroup(IEnumerable<Parameter> parameters, Options options)
                : base(parameters, options)
            {
            }

            public ParamGroup(
                IEnumerable<Parameter> parameters,
                double lr = 0.001,
                double momentum = 0,
                double dampening = 0,
                double weight_decay = 0,
                bool nesterov = false,
                bool maximize = false)
                : base(parameters, new Options
                {
                    LearningRate = lr,
                    momentum = momentum,
                    dampening = dampening,
                    weight_decay = weight_decay,
                    nesterov = nesterov,
                    maximize = maximize,
                })
            {
            }

            public double Momentum
            {
                get => Options.momentum ?? 0;
                set => Options.momentum = value;
            }
        }
    }
}
