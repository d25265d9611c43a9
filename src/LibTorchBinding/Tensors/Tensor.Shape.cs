namespace TorchSharp;

public static partial class torch
{
    /// <summary>Shapes and views: results share memory with this tensor unless said otherwise.</summary>
    public partial class Tensor
    {
        public Tensor alias() => Op.alias.Call(this);

        /// <summary>A copy with memory of its own, recorded for differentiation.</summary>
        public Tensor clone() => Op.clone.Call(this);

        /// <summary>Itself if contiguous, else a copy.</summary>
        public Tensor contiguous() => Op.contiguous.Call(this);

        public Tensor view(params long[] shape) => Op.view.Call(this, shape);

        public Tensor view_as(Tensor other) => Op.view.Call(this, other.shape);

        /// <summary>A view if the strides allow it, else a copy.</summary>
        public Tensor reshape(params long[] shape) => Op.reshape.Call(this, shape);

        public Tensor flatten(long start_dim = 0, long end_dim = -1) => Op.flatten.Call(this, start_dim, end_dim);

        public Tensor ravel() => Op.ravel.Call(this);

        public Tensor t() => Op.t.Call(this);

        public Tensor T => Op.numpy_T.Call(this);

        /// <summary>The last two dimensions exchanged.</summary>
        public Tensor mT => Op.mT.Call(this);

        public Tensor transpose(long dim0, long dim1) => Op.transpose.Call(this, dim0, dim1);

        public Tensor transpose_(long dim0, long dim1) => Op.transpose_.Change(this, this, dim0, dim1);

        public Tensor permute(params long[] permutation) => Op.permute.Call(this, permutation);

        public Tensor permute(IEnumerable<long> permutation) => Op.permute.Call(this, permutation.ToArray());

        public Tensor unsqueeze(long dim) => Op.unsqueeze.Call(this, dim);

        public Tensor unsqueeze_(long dim) => Op.unsqueeze_.Change(this, this, dim);

        /// <summary>Without the dimensions of size 1, or without that one.</summary>
        public Tensor squeeze(long? dim = null) =>
            dim is { } d ? Op.squeeze_dim.Call(this, d) : Op.squeeze.Call(this);

        public Tensor narrow(long dim, long start, long length) => Op.narrow.Call(this, dim, start, length);

        /// <summary>One index along one dimension, which goes away.</summary>
        public Tensor select(long dim, long index) => Op.select.Call(this, dim, index);

        public Tensor slice(long dim, long start, long finish, long step) =>
            Op.slice.Call(this, dim, start, finish, step);

        public Tensor expand(params long[] sizes) => Op.expand.Call(this, sizes);

        public Tensor expand(long[] sizes, bool isImplicit = false) => Op.expand.Call(this, sizes, isImplicit);

        public Tensor expand(ReadOnlySpan<long> sizes, bool isImplicit = false) => Op.expand.Call(this, sizes, isImplicit);

        public Tensor expand_as(Tensor other) => Op.expand.Call(this, other.shape);

        public Tensor broadcast_to(params long[] shape) => Op.expand.Call(this, shape);

        /// <summary>Copies along each dimension.</summary>
        public Tensor repeat(params long[] sizes) => Op.repeat.Call(this, sizes);

        public Tensor flip(params long[] dims) => Op.flip.Call(this, dims);

        /// <summary>Pieces of <paramref name="size"/> along a dimension, the last one smaller if need be.</summary>
        public Tensor[] split(long size, int dim = 0) =>
            Op.split_Tensor.CallList((int)((this.size(dim) + size - 1) / Math.Max(size, 1)), this, size, dim);

        public Tensor[] split(long[] sizes, long dim = 0) => Op.split_sizes.CallList(sizes.Length, this, sizes, dim);

        public Tensor[] unbind(long dimension = 0) => Op.unbind.CallList((int)size((int)dimension), this, dimension);

        /// <summary>The diagonal of a matrix as a view, (n, m) to (min(n, m)).</summary>
        public Tensor diagonal(long offset = 0, long dim1 = 0, long dim2 = 1) =>
            Op.diagonal.Call(this, offset, dim1, dim2);

        /// <summary>A vector's diagonal matrix, or a copy of a matrix's diagonal.</summary>
        public Tensor diag(long diagonal = 0) => Op.diag.Call(this, diagonal);

        public Tensor triu(long diagonal = 0) => Op.triu.Call(this, diagonal);

        public Tensor tril(long diagonal = 0) => Op.tril.Call(this, diagonal);

        public Tensor triu_(long diagonal = 0) => Op.triu_.Change(this, this, diagonal);

        public Tensor tril_(long diagonal = 0) => Op.tril_.Change(this, this, diagonal);

        /// <summary>out[i, j] = this[index[i, j], j] for dim 0, and so on: a copy.</summary>
        public Tensor gather(long dim, Tensor index) => Op.gather.Call(this, dim, index);

        /// <summary>this[index[i, j], j] = src[i, j] for dim 0, and so on; where an index comes twice, either value may stay.</summary>
        public Tensor scatter_(long dim, Tensor index, Tensor src) => Op.scatter_.Change(this, this, dim, index, src);

        public Tensor masked_select(Tensor mask) => Op.masked_select.Call(this, mask);

        public Tensor masked_fill(Tensor mask, Scalar value) => Op.masked_fill.Call(this, mask, value);

        public Tensor masked_fill_(Tensor mask, Scalar value) => Op.masked_fill_.Change(this, this, mask, value);

        /// <summary>Indices of the elements that are not 0, (k, dimensions).</summary>
        public Tensor nonzero() => Op.nonzero.Call(this);
    }
}
