using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>
        /// Reading gives a view where the indices are numbers and slices, a copy where one is a tensor; writing changes
        /// this tensor in place.
        /// </summary>
        [IndexerName("TensorItems")]
        public Tensor this[params TensorIndex[] indices]
        {
            get
            {
                var (view, tensors) = View(indices);
                return tensors is null ? Fresh(view) : Temporarily(view, v => Op.index_Tensor.Call(v, Arg.Optional(tensors)));
            }
            set => index_put_(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[params Tensor[] indices]
        {
            get => Op.index_Tensor.Call(this, Arg.Optional(indices));
            set => Op.index_put_.Run(this, Arg.Optional(indices), Cast(value));
        }

        [IndexerName("TensorItems")]
        public Tensor this[params long[] indices]
        {
            get => this[Array.ConvertAll(indices, i => (TensorIndex)i)];
            set => this[Array.ConvertAll(indices, i => (TensorIndex)i)] = value;
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1]
        {
            get => select(0, i1);
            set => this[(TensorIndex)i1] = value;
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2]
        {
            get => this[(TensorIndex)i1, (TensorIndex)i2];
            set => this[(TensorIndex)i1, (TensorIndex)i2] = value;
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3]
        {
            get => this[(TensorIndex)i1, (TensorIndex)i2, (TensorIndex)i3];
            set => this[(TensorIndex)i1, (TensorIndex)i2, (TensorIndex)i3] = value;
        }

        public Tensor index_put_(Tensor value, params TensorIndex[] indices)
        {
            var (view, tensors) = View(indices);
            var cast = Cast(value);
            if (tensors is null) Op.copy_.Run(view, cast);
            else Op.index_put_.Run(view, Arg.Optional(tensors), cast);
            if (!ReferenceEquals(view, this)) view.Dispose();
            if (!ReferenceEquals(cast, value)) cast.Dispose();
            return this;
        }

        public Tensor index_put_(Scalar value, params TensorIndex[] indices)
        {
            using Tensor scalar = value;
            return index_put_(scalar, indices);
        }

        public Tensor index_select(long dim, Tensor index) => Op.index_select.Call(this, dim, index);

        // A view of this tensor for the numbers, slices and new dimensions; beside it, by dimension of the view, the
        // tensors that are left to index it with. Views made on the way are disposed.
        private (Tensor view, Tensor?[]? tensors) View(TensorIndex[] indices)
        {
            var taken = indices.Sum(i => i.What switch
            {
                TensorIndex.Kind.Single or TensorIndex.Kind.Slice => 1,
                TensorIndex.Kind.Tensor when i.Indices!.dtype == ScalarType.Bool => (int)i.Indices.Dimensions,
                TensorIndex.Kind.Tensor => 1,
                _ => 0,
            });
            if (taken > Dimensions)
                throw new ExternalException($"too many indices for tensor of dimension {Dimensions}");
            var view = this;
            var at = 0;
            List<Tensor?>? tensors = null;
            foreach (var index in indices)
            {
                switch (index.What)
                {
                    case TensorIndex.Kind.Single:
                        Next(view.select(at, index.Start!.Value));
                        break;
                    case TensorIndex.Kind.Slice:
                        if (index.Start is not null || index.Stop is not null || index.Step != 1)
                            Next(Op.slice.Call(view, at, index.Start, index.Stop, index.Step));
                        at++;
                        break;
                    case TensorIndex.Kind.NewDimension:
                        Next(view.unsqueeze(at++));
                        break;
                    case TensorIndex.Kind.Ellipsis:
                        at += (int)Dimensions - taken;
                        break;
                    default:
                        tensors ??= [];
                        while (tensors.Count < at) tensors.Add(null);
                        tensors.Add(index.Indices);
                        at += index.Indices!.dtype == ScalarType.Bool ? (int)index.Indices.Dimensions : 1;
                        break;
                }
            }
            return (view, tensors?.ToArray());

            void Next(Tensor next)
            {
                if (!ReferenceEquals(view, this)) view.Dispose();
                view = next;
            }
        }

        // An indexer never returns this very object, since the caller may dispose what it got.
        private Tensor Fresh(Tensor view) => ReferenceEquals(view, this) ? alias() : view;

        private Tensor Temporarily(Tensor view, Func<Tensor, Tensor> use)
        {
            var result = use(view);
            if (!ReferenceEquals(view, this)) view.Dispose();
            return result;
        }

        // index_put_ wants one dtype and device; copy_ converts by itself but is given the same.
        private Tensor Cast(Tensor value) => value.dtype == dtype ? value : value.to(dtype);
    }
}
