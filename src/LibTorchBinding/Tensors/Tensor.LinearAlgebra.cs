namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>(n, k) (k, m) to (n, m); also vectors and batches, by libtorch's rules.</summary>
        public Tensor matmul(Tensor target) => Op.matmul.Call(this, target);

        /// <summary>(n, k) (k, m) to (n, m).</summary>
        public Tensor mm(Tensor target) => Op.mm.Call(this, target);

        /// <summary>(n, k) (k) to (n).</summary>
        public Tensor mv(Tensor target) => Op.mv.Call(this, target);

        /// <summary>(b, n, k) (b, k, m) to (b, n, m).</summary>
        public Tensor bmm(Tensor batch2) => Op.bmm.Call(this, batch2);

        /// <summary>(n) (n) to a number.</summary>
        public Tensor dot(Tensor target) => Op.dot.Call(this, target);

        /// <summary>(n) (m) to (n, m).</summary>
        public Tensor outer(Tensor vec2) => Op.outer.Call(this, vec2);

        public Tensor inner(Tensor vec2) => Op.inner.Call(this, vec2);

        public Tensor kron(Tensor other) => Op.kron.Call(this, other);

        /// <summary>beta this + alpha mat1 mat2.</summary>
        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) =>
            Op.addmm.Call(this, mat1, mat2, beta, alpha);

        public Tensor addmm_(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) =>
            Op.addmm_.Change(this, this, mat1, mat2, beta, alpha);

        /// <summary>beta this + alpha mat vec.</summary>
        public Tensor addmv(Tensor mat, Tensor vec, float beta = 1, float alpha = 1) =>
            Op.addmv.Call(this, mat, vec, beta, alpha);

        public Tensor addmv_(Tensor mat, Tensor vec, float beta = 1, float alpha = 1) =>
            Op.addmv_.Change(this, this, mat, vec, beta, alpha);

        /// <summary>beta this + alpha vec1 vec2^T.</summary>
        public Tensor addr(Tensor vec1, Tensor vec2, float beta = 1, float alpha = 1) =>
            Op.addr.Call(this, vec1, vec2, beta, alpha);

        public Tensor trace() => Op.trace.Call(this);

        public Tensor det() => Op.linalg_det.Call(this);

        public Tensor inverse() => Op.linalg_inv.Call(this);
    }
}
