namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public bool is_leaf => Fact(Native.ta_is_leaf(Handle)) != 0;

        /// <summary>Setting it to false on a tensor that is no leaf is no error and changes nothing.</summary>
        public bool requires_grad
        {
            get => Fact(Native.ta_requires_grad(Handle)) != 0;
            set
            {
                Native.Check(Native.ta_set_requires_grad(Handle, value ? 1 : 0));
                GC.KeepAlive(this);
            }
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public Tensor with_requires_grad(bool requires_grad = true) => requires_grad_(requires_grad);

        /// <summary>Keeps the gradient of a tensor that is no leaf, too.</summary>
        public void retain_grad()
        {
            Native.Check(Native.ta_retain_grad(Handle));
            GC.KeepAlive(this);
        }

        /// <summary>
        /// The gradient gathered so far, null before any. Each reading makes a new object on the same native tensor.
        /// </summary>
        public unsafe Tensor? grad
        {
            get
            {
                IntPtr result;
                Native.Check(Native.ta_grad_of(Handle, &result));
                GC.KeepAlive(this);
                return result == 0 ? null : new Tensor(result);
            }
            set
            {
                Native.Check(Native.ta_set_grad_of(Handle, value?.Handle ?? 0));
                GC.KeepAlive(this);
                GC.KeepAlive(value);
            }
        }

        /// <summary>Adds d this / d leaf to the gradient of every leaf; this must have one element.</summary>
        public void backward() => autograd.Backward([this], null, false, false, null);

        /// <param name="grad_tensors">The weight of each element of this; null: this is a single number.</param>
        /// <param name="retain_graph">Keep the graph for a second pass.</param>
        /// <param name="create_graph">Record the pass itself, for second derivatives.</param>
        /// <param name="inputs">The leaves to differentiate by; null: all.</param>
        public void backward(
            IList<Tensor>? grad_tensors = null,
            bool retain_graph = false,
            bool create_graph = false,
            IList<Tensor>? inputs = null) =>
            autograd.Backward([this], grad_tensors, retain_graph || create_graph, create_graph, inputs);

        /// <summary>The same memory without history.</summary>
        public Tensor detach() => Op.detach.Call(this);

        public Tensor detach_() => Op.detach_.Change(this, this);
    }
}
