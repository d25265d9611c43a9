namespace TorchSharp;

public static partial class torch
{
    public static partial class autograd
    {
        /// <summary>
        /// d outputs / d inputs, one tensor for each input, in its shape; without touching any grad. An input that the
        /// outputs do not depend on gives an invalid tensor (IsInvalid) if <paramref name="allow_unused"/>, else an error.
        /// </summary>
        /// <param name="grad_outputs">Weights, in the outputs' shapes; null: the outputs are single numbers.</param>
        /// <param name="retain_graph">Keep the graph for another pass; without it the graph is freed, whatever create_graph says.</param>
        /// <param name="create_graph">Record the pass. The result can be differentiated again only if the graph is retained too:
        /// TorchSharp's rule, where PyTorch retains it by itself.</param>
        public static unsafe IList<Tensor> grad(
            IList<Tensor> outputs,
            IList<Tensor> inputs,
            IList<Tensor>? grad_outputs = null,
            bool retain_graph = false,
            bool create_graph = false,
            bool allow_unused = false)
        {
            var (o, i, g) = (Handles(outputs), Handles(inputs), Handles(grad_outputs));
            var results = new IntPtr[i.Length];
            fixed (IntPtr* po = o, pi = i, pg = g, pr = results)
            {
                Native.Check(Native.ta_grad(
                    po, o.Length, pi, i.Length, pg, g.Length, retain_graph ? 1 : 0,
                    create_graph ? 1 : 0, allow_unused ? 1 : 0, pr));
            }
            GC.KeepAlive(outputs);
            GC.KeepAlive(inputs);
            GC.KeepAlive(grad_outputs);
            return Array.ConvertAll(results, r => new Tensor(r));
        }

        public static void backward(
            IList<Tensor> tensors,
            IList<Tensor>? grad_tensors = null,
            bool? retain_graph = null,
            bool create_graph = false,
            IList<Tensor>? inputs = null) =>
            Backward(tensors, grad_tensors, retain_graph ?? create_graph, create_graph, inputs);

        internal static unsafe void Backward(
            IList<Tensor> tensors, IList<Tensor>? grads, bool retain, bool create, IList<Tensor>? inputs)
        {
            var (t, g, i) = (Handles(tensors), Handles(grads), Handles(inputs));
            fixed (IntPtr* pt = t, pg = g, pi = i)
            {
                Native.Check(Native.ta_backward(
                    pt, t.Length, pg, g.Length, retain ? 1 : 0, create ? 1 : 0, pi, i.Length));
            }
            GC.KeepAlive(tensors);
            GC.KeepAlive(grads);
            GC.KeepAlive(inputs);
        }

        private static IntPtr[] Handles(IList<Tensor>? tensors) => tensors is null ? [] : [.. tensors.Select(t => t.Handle)];
    }

    /// <summary>Nothing is recorded for differentiation on this thread until the result is disposed.</summary>
    public static IDisposable no_grad() => new GradMode(false);

    public static IDisposable set_grad_enabled(bool mode = true) => new GradMode(mode);

    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);

    public static bool is_grad_enabled() => Native.ta_grad_mode() != 0;

    private sealed class GradMode : IDisposable
    {
        private readonly bool before = is_grad_enabled();
        private bool disposed;

        internal GradMode(bool enabled) => Native.ta_set_grad_mode(enabled ? 1 : 0);

        public void Dispose()
        {
            if (disposed) return;
            disposed = true;
            Native.ta_set_grad_mode(before ? 1 : 0);
        }
    }
}
