namespace TorchSharp;

public static partial class torch
{
    /// <summary>One entry of an indexer: a number, a slice, an ellipsis, a new dimension or a tensor of indices.</summary>
    public readonly struct TensorIndex
    {
        public static readonly TensorIndex Ellipsis = new(Kind.Ellipsis);

        /// <summary>A new dimension of size 1.</summary>
        public static readonly TensorIndex None = new(Kind.NewDimension);

        public static readonly TensorIndex Null = None;

        /// <summary>All of a dimension.</summary>
        public static readonly TensorIndex Colon = Slice();

        internal readonly Kind What;
        internal readonly long? Start;
        internal readonly long? Stop;
        internal readonly long Step;
        internal readonly Tensor? Indices;

        private TensorIndex(Kind what, long? start = null, long? stop = null, long step = 1, Tensor? indices = null)
        {
            What = what;
            Start = start;
            Stop = stop;
            Step = step;
            Indices = indices;
        }

        internal enum Kind
        {
            NewDimension,
            Ellipsis,
            Single,
            Slice,
            Tensor,
        }

        public static implicit operator TensorIndex(long value) => new(Kind.Single, value);

        public static implicit operator TensorIndex(Range range) => Slice(range);

        public static implicit operator TensorIndex(Index index) => new(Kind.Single, Signed(index));

        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) =>
            new(Kind.Slice, start, stop, step ?? 1);

        public static TensorIndex Slice(Range range) => new(
            Kind.Slice, Signed(range.Start), range.End.Equals(Index.End) ? null : Signed(range.End));

        public static TensorIndex Single(long? index) => new(Kind.Single, index);

        /// <summary>Indices along one dimension (int64), or a mask over the leading ones (bool).</summary>
        public static TensorIndex Tensor(Tensor tensor) => new(Kind.Tensor, indices: tensor);

        private static long Signed(Index index) => index.IsFromEnd ? -index.Value : index.Value;
    }
}
