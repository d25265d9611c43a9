namespace TorchSharp;

public static partial class torch
{
    /// <summary>Element by element: results have this tensor's shape, or the broadcast one.</summary>
    public partial class Tensor
    {
        public Tensor abs() => Op.abs.Call(this);

        public Tensor absolute() => Op.abs.Call(this);

        public Tensor neg() => Op.neg.Call(this);

        public Tensor sign() => Op.sign.Call(this);

        public Tensor exp() => Op.exp.Call(this);

        /// <summary>e^x - 1, exact near 0.</summary>
        public Tensor expm1() => Op.expm1.Call(this);

        public Tensor log() => Op.log.Call(this);

        /// <summary>log(1 + x), exact near 0.</summary>
        public Tensor log1p() => Op.log1p.Call(this);

        public Tensor log2() => Op.log2.Call(this);

        public Tensor log10() => Op.log10.Call(this);

        public Tensor sqrt() => Op.sqrt.Call(this);

        public Tensor rsqrt() => Op.rsqrt.Call(this);

        public Tensor square() => Op.square.Call(this);

        public Tensor reciprocal() => Op.reciprocal.Call(this);

        public Tensor sin() => Op.sin.Call(this);

        public Tensor cos() => Op.cos.Call(this);

        public Tensor tanh() => Op.tanh.Call(this);

        public Tensor sigmoid() => Op.sigmoid.Call(this);

        /// <summary>log(sigmoid(x)) = -log(1 + e^-x) without overflow.</summary>
        public Tensor log_sigmoid() => Op.log_sigmoid.Call(this);

        public Tensor relu() => Op.relu.Call(this);

        /// <summary>log(1 + e^(beta x)) / beta; x itself where beta x is above the threshold.</summary>
        public Tensor softplus(double beta = 1, double threshold = 20) => Op.softplus.Call(this, beta, threshold);

        public Tensor floor() => Op.floor.Call(this);

        public Tensor ceil() => Op.ceil.Call(this);

        public Tensor round(long decimals = 0) =>
            decimals == 0 ? Op.round.Call(this) : Op.round_decimals.Call(this, decimals);

        public Tensor abs_() => Op.abs_.Change(this, this);

        public Tensor neg_() => Op.neg_.Change(this, this);

        public Tensor exp_() => Op.exp_.Change(this, this);

        public Tensor expm1_() => Op.expm1_.Change(this, this);

        public Tensor log_() => Op.log_.Change(this, this);

        public Tensor log1p_() => Op.log1p_.Change(this, this);

        public Tensor sqrt_() => Op.sqrt_.Change(this, this);

        public Tensor tanh_() => Op.tanh_.Change(this, this);

        public Tensor sigmoid_() => Op.sigmoid_.Change(this, this);

        public Tensor relu_() => Op.relu_.Change(this, this);

        /// <summary>
        /// Sets all entries to 0. Unlike the other operations in place it returns a new handle to the same tensor, as in TorchSharp.
        /// </summary>
        public Tensor zero_() => Op.zero_.Call(this);

        public Tensor fill_(Scalar value) => Op.fill_Scalar_.Change(this, this, value);

        /// <summary>Takes the source's values, converted and broadcast.</summary>
        public Tensor copy_(Tensor source, bool nonBlocking = false) => Op.copy_.Change(this, this, source, nonBlocking);

        public Tensor clamp(Scalar? min = null, Scalar? max = null) => Op.clamp.Call(this, min, max);

        public Tensor clamp_(Scalar? min = null, Scalar? max = null) => Op.clamp_.Change(this, this, min, max);

        public Tensor clamp_min(Scalar min) => Op.clamp_min.Call(this, min);

        public Tensor clamp_max(Scalar max) => Op.clamp_max.Call(this, max);

        public Tensor clamp_min_(Scalar min) => Op.clamp_min_.Change(this, this, min);

        public Tensor clamp_max_(Scalar max) => Op.clamp_max_.Change(this, this, max);

        public Tensor maximum(Tensor other) => Op.maximum.Call(this, other);

        public Tensor minimum(Tensor other) => Op.minimum.Call(this, other);

        /// <summary>log(e^x + e^y) without overflow.</summary>
        public Tensor logaddexp(Tensor other) => Op.logaddexp.Call(this, other);

        /// <summary>This where the condition holds, else y.</summary>
        public Tensor where(Tensor condition, Tensor y) => Op.where_self.Call(condition, this, y);

        /// <summary>Fills it with uniform numbers in [from, to).</summary>
        public Tensor uniform_(double from, double to, Generator? generator = null) =>
            Op.uniform_.Change(this, this, from, to, generator);

        /// <summary>Fills it with normal numbers.</summary>
        public Tensor normal_(double mean = 0, double std = 1, Generator? generator = null) =>
            Op.normal_.Change(this, this, mean, std, generator);

        public Tensor pow(Tensor exponent) => Op.pow_Tensor_Tensor.Call(this, exponent);

        public Tensor pow(Scalar exponent) => Op.pow_Tensor_Scalar.Call(this, exponent);

        public Tensor pow_(Tensor exponent) => Op.pow_Tensor_.Change(this, this, exponent);

        public Tensor pow_(Scalar exponent) => Op.pow_Scalar_.Change(this, this, exponent);
    }
}
