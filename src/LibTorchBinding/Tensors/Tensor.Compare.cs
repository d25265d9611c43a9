namespace TorchSharp;

public static partial class torch
{
    /// <summary>Comparisons give tensors of bool, broadcast; allclose and Equals give one answer.</summary>
    public partial class Tensor
    {
        public Tensor eq(Tensor target) => Op.eq_Tensor.Call(this, target);

        public Tensor eq(Scalar target) => Op.eq_Scalar.Call(this, target);

        /// <summary>Element by element, as eq: TorchSharp's name for it.</summary>
        public Tensor equal(Tensor target) => eq(target);

        public Tensor ne(Tensor target) => Op.ne_Tensor.Call(this, target);

        public Tensor ne(Scalar target) => Op.ne_Scalar.Call(this, target);

        public Tensor lt(Tensor target) => Op.lt_Tensor.Call(this, target);

        public Tensor lt(Scalar target) => Op.lt_Scalar.Call(this, target);

        public Tensor le(Tensor target) => Op.le_Tensor.Call(this, target);

        public Tensor le(Scalar target) => Op.le_Scalar.Call(this, target);

        public Tensor gt(Tensor target) => Op.gt_Tensor.Call(this, target);

        public Tensor gt(Scalar target) => Op.gt_Scalar.Call(this, target);

        public Tensor ge(Tensor target) => Op.ge_Tensor.Call(this, target);

        public Tensor ge(Scalar target) => Op.ge_Scalar.Call(this, target);

        public Tensor isfinite() => Op.isfinite.Call(this);

        public Tensor isnan() => Op.isnan.Call(this);

        public Tensor isinf() => Op.isinf.Call(this);

        public Tensor logical_and(Tensor other) => Op.logical_and.Call(this, other);

        public Tensor logical_or(Tensor other) => Op.logical_or.Call(this, other);

        public Tensor logical_xor(Tensor other) => Op.logical_xor.Call(this, other);

        public Tensor logical_not() => Op.logical_not.Call(this);

        /// <summary>|this - target| within atol + rtol |target| everywhere.</summary>
        public bool allclose(Tensor target, double rtol = 1e-05, double atol = 1e-08, bool equal_nan = false) =>
            Op.allclose.CallInt(this, target, rtol, atol, equal_nan) != 0;

        /// <summary>Same shape and same elements.</summary>
        public bool Equals(Tensor target) => Op.equal.CallInt(this, target) != 0;

        public override bool Equals(object? obj) => obj is Tensor target && Equals(target);

        // Of the object: elements change, and scopes keep tensors by identity.
        public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
    }
}
