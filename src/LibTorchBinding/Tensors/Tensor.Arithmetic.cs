namespace TorchSharp;

public static partial class torch
{
    /// <summary>How a quotient is rounded.</summary>
    public enum RoundingMode
    {
        None,
        trunc,
        floor,
    }

    /// <summary>Sums, products and quotients, broadcast; names that end in _ change this tensor.</summary>
    public partial class Tensor
    {
        public Tensor add(Tensor target) => Op.add_Tensor.Call(this, target);

        /// <summary>this + alpha target.</summary>
        public Tensor add(Tensor target, Scalar alpha) => Op.add_Tensor.Call(this, target, alpha);

        public Tensor add(Scalar scalar) => Op.add_Scalar.Call(this, scalar);

        public Tensor add(Scalar scalar, Scalar alpha) => Op.add_Scalar.Call(this, scalar, alpha);

        public Tensor add_(Tensor target) => Op.add_Tensor_.Change(this, this, target);

        /// <summary>this += alpha target.</summary>
        public Tensor add_(Tensor target, Scalar alpha) => Op.add_Tensor_.Change(this, this, target, alpha);

        public Tensor add_(Scalar scalar) => Op.add_Scalar_.Change(this, this, scalar);

        public Tensor add_(Scalar scalar, Scalar alpha) => Op.add_Scalar_.Change(this, this, scalar, alpha);

        public Tensor sub(Tensor target) => Op.sub_Tensor.Call(this, target);

        public Tensor sub(Scalar target) => Op.sub_Scalar.Call(this, target);

        public Tensor sub_(Tensor target) => Op.sub_Tensor_.Change(this, this, target);

        public Tensor sub_(Scalar target) => Op.sub_Scalar_.Change(this, this, target);

        public Tensor mul(Tensor target) => Op.mul_Tensor.Call(this, target);

        public Tensor mul(Scalar target) => Op.mul_Scalar.Call(this, target);

        public Tensor mul_(Tensor target) => Op.mul_Tensor_.Change(this, this, target);

        public Tensor mul_(Scalar target) => Op.mul_Scalar_.Change(this, this, target);

        public Tensor div(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            rounding_mode == RoundingMode.None ? Op.div_Tensor.Call(this, target)
                : Op.div_Tensor_mode.Call(this, target, rounding_mode.ToString());

        public Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            rounding_mode == RoundingMode.None ? Op.div_Scalar.Call(this, target)
                : Op.div_Scalar_mode.Call(this, target, rounding_mode.ToString());

        public Tensor div_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            rounding_mode == RoundingMode.None ? Op.div_Tensor_.Change(this, this, target)
                : Op.div_Tensor_mode_.Change(this, this, target, rounding_mode.ToString());

        public Tensor div_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            rounding_mode == RoundingMode.None ? Op.div_Scalar_.Change(this, this, target)
                : Op.div_Scalar_mode_.Change(this, this, target, rounding_mode.ToString());

        /// <summary>this + value tensor1 tensor2, element by element.</summary>
        public Tensor addcmul(Tensor tensor1, Tensor tensor2, Scalar value) =>
            Op.addcmul.Call(this, tensor1, tensor2, value);

        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value) =>
            Op.addcmul_.Change(this, this, tensor1, tensor2, value);

        /// <summary>this + tensor1 / tensor2, element by element.</summary>
        public Tensor addcdiv(Tensor tensor1, Tensor tensor2) => Op.addcdiv.Call(this, tensor1, tensor2);

        public Tensor addcdiv(Tensor tensor1, Tensor tensor2, Scalar value) =>
            Op.addcdiv.Call(this, tensor1, tensor2, value);

        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2) => Op.addcdiv_.Change(this, this, tensor1, tensor2);

        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value) =>
            Op.addcdiv_.Change(this, this, tensor1, tensor2, value);

        /// <summary>this + weight (end - this).</summary>
        public Tensor lerp(Tensor end, Tensor weight) => Op.lerp.Call(this, end, weight);

        public Tensor lerp_(Tensor end, Tensor weight) => Op.lerp_.Change(this, this, end, weight);
    }
}
