namespace TorchSharp;

public static partial class torch
{
    /// <summary>Sums, means, extremes and orders, over all or along dimensions.</summary>
    public partial class Tensor
    {
        public Tensor sum(ScalarType? type = null) => Op.sum.Call(this, type);

        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) => sum([dim], keepdim, type);

        public Tensor sum(long dim0, long dim1, bool keepdim = false, ScalarType? type = null) =>
            sum([dim0, dim1], keepdim, type);

        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) =>
            Op.sum_dim.Call(this, dim, keepdim, type);

        public Tensor sum(ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null) =>
            Op.sum_dim.Call(this, dim, keepdim, type);

        public Tensor mean() => Op.mean.Call(this);

        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) =>
            Op.mean_dim.Call(this, dimensions, keepdim, type);

        public Tensor prod(ScalarType? type = null) => Op.prod.Call(this, type);

        public Tensor prod(long dim, bool keepdim = false, ScalarType? type = null) =>
            Op.prod_dim.Call(this, dim, keepdim, type);

        /// <summary>Variance of all elements, over n - 1 if unbiased.</summary>
        public Tensor var(bool unbiased = true) => Op.var.Call(this, unbiased);

        public Tensor std(bool unbiased = true) => Op.std.Call(this, unbiased);

        public Tensor var(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Convert(Op.var_dim.Call(this, (long[])[dim], unbiased, keepdim), type);

        public Tensor std(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Convert(Op.std_dim.Call(this, (long[])[dim], unbiased, keepdim), type);

        public Tensor max() => Op.max.Call(this);

        public Tensor min() => Op.min.Call(this);

        public Tensor max(Tensor other) => Op.maximum.Call(this, other);

        public Tensor min(Tensor other) => Op.minimum.Call(this, other);

        public (Tensor values, Tensor indexes) max(long dim, bool keepdim = false) => Op.max_dim.Call2(this, dim, keepdim);

        public (Tensor values, Tensor indexes) min(long dim, bool keepdim = false) => Op.min_dim.Call2(this, dim, keepdim);

        public Tensor amax(params long[] dims) => Op.amax.Call(this, dims);

        public Tensor amin(params long[] dims) => Op.amin.Call(this, dims);

        public Tensor amax(long[] dims, bool keepdim = false, Tensor? @out = null) =>
            Into(@out, Op.amax.Call(this, dims, keepdim));

        public Tensor amin(long[] dims, bool keepdim = false, Tensor? @out = null) =>
            Into(@out, Op.amin.Call(this, dims, keepdim));

        public Tensor argmax() => Op.argmax.Call(this);

        public Tensor argmax(long dim, bool keepdim = false) => Op.argmax.Call(this, dim, keepdim);

        public Tensor argmin() => Op.argmin.Call(this);

        public Tensor argmin(long dim, bool keepdim = false) => Op.argmin.Call(this, dim, keepdim);

        /// <summary>Truth of all elements.</summary>
        public Tensor all() => Op.all.Call(this);

        public Tensor all(long dim, bool keepdim = false) => Op.all_dim.Call(this, dim, keepdim);

        public Tensor any() => Op.any.Call(this);

        public Tensor any(long dim, bool keepdim = false) => Op.any_dim.Call(this, dim, keepdim);

        /// <summary>log of the sum of e^x without overflow.</summary>
        public Tensor logsumexp(long dim, bool keepdim = false) => Op.logsumexp.Call(this, (long[])[dim], keepdim);

        public Tensor softmax(long dim, ScalarType? dtype = null) => Op.softmax.Call(this, dim, dtype);

        public Tensor log_softmax(long dim, ScalarType? dtype = null) => Op.log_softmax.Call(this, dim, dtype);

        public Tensor cumsum(long dim, ScalarType? type = null) => Op.cumsum.Call(this, dim, type);

        public Tensor cumprod(long dim, ScalarType? type = null) => Op.cumprod.Call(this, dim, type);

        public (Tensor Values, Tensor Indices) sort(long dim = -1, bool descending = false, bool stable = false) =>
            Op.sort_stable.Call2(this, stable, dim, descending);

        public Tensor argsort(long dim = -1, bool descending = false) => Op.argsort.Call(this, dim, descending);

        public (Tensor values, Tensor indexes) topk(int k, int dim = -1, bool largest = true, bool sorted = true) =>
            Op.topk.Call2(this, k, dim, largest, sorted);

        public Tensor median() => Op.median.Call(this);

        /// <summary>p-norm of all elements.</summary>
        public Tensor norm(float p = 2) => Op.norm_Scalar.Call(this, p);

        public Tensor norm(int dim, bool keepdim = false, float p = 2) =>
            Op.norm_dim.Call(this, (double)p, (long[])[dim], keepdim);

        private static Tensor Convert(Tensor result, ScalarType? type)
        {
            if (type is not { } wanted || wanted == result.dtype) return result;
            using (result) return result.to(wanted);
        }

        private static Tensor Into(Tensor? target, Tensor result)
        {
            if (target is null) return result;
            using (result) return target.copy_(result);
        }
    }
}
