namespace TorchSharp;

public static partial class torch
{
    /// <summary>Operators, broadcast. == and != compare element by element: ask for null with `is null`.</summary>
    public partial class Tensor
    {
        public static Tensor operator +(Tensor left, Tensor right) => Op.add_Tensor.Call(left, right);

        public static Tensor operator +(Tensor left, Scalar right) => Op.add_Scalar.Call(left, right);

        public static Tensor operator +(Tensor left, double right) => Op.add_Scalar.Call(left, right);

        public static Tensor operator +(Tensor left, float right) => Op.add_Scalar.Call(left, right);

        public static Tensor operator +(Tensor left, int right) => Op.add_Scalar.Call(left, right);

        public static Tensor operator +(Tensor left, long right) => Op.add_Scalar.Call(left, right);

        public static Tensor operator +(Scalar left, Tensor right) => Op.add_Scalar.Call(right, left);

        public static Tensor operator +(double left, Tensor right) => Op.add_Scalar.Call(right, left);

        public static Tensor operator +(float left, Tensor right) => Op.add_Scalar.Call(right, left);

        public static Tensor operator +(int left, Tensor right) => Op.add_Scalar.Call(right, left);

        public static Tensor operator +(long left, Tensor right) => Op.add_Scalar.Call(right, left);

        public static Tensor operator -(Tensor left, Tensor right) => Op.sub_Tensor.Call(left, right);

        public static Tensor operator -(Tensor left, Scalar right) => Op.sub_Scalar.Call(left, right);

        public static Tensor operator -(Tensor left, double right) => Op.sub_Scalar.Call(left, right);

        public static Tensor operator -(Tensor left, float right) => Op.sub_Scalar.Call(left, right);

        public static Tensor operator -(Tensor left, int right) => Op.sub_Scalar.Call(left, right);

        public static Tensor operator -(Tensor left, long right) => Op.sub_Scalar.Call(left, right);

        public static Tensor operator -(Scalar left, Tensor right) => Op.rsub_Scalar.Call(right, left);

        public static Tensor operator -(double left, Tensor right) => Op.rsub_Scalar.Call(right, left);

        public static Tensor operator -(float left, Tensor right) => Op.rsub_Scalar.Call(right, left);

        public static Tensor operator -(int left, Tensor right) => Op.rsub_Scalar.Call(right, left);

        public static Tensor operator -(long left, Tensor right) => Op.rsub_Scalar.Call(right, left);

        public static Tensor operator *(Tensor left, Tensor right) => Op.mul_Tensor.Call(left, right);

        public static Tensor operator *(Tensor left, Scalar right) => Op.mul_Scalar.Call(left, right);

        public static Tensor operator *(Tensor left, double right) => Op.mul_Scalar.Call(left, right);

        public static Tensor operator *(Tensor left, float right) => Op.mul_Scalar.Call(left, right);

        public static Tensor operator *(Tensor left, int right) => Op.mul_Scalar.Call(left, right);

        public static Tensor operator *(Tensor left, long right) => Op.mul_Scalar.Call(left, right);

        public static Tensor operator *(Scalar left, Tensor right) => Op.mul_Scalar.Call(right, left);

        public static Tensor operator *(double left, Tensor right) => Op.mul_Scalar.Call(right, left);

        public static Tensor operator *(float left, Tensor right) => Op.mul_Scalar.Call(right, left);

        public static Tensor operator *(int left, Tensor right) => Op.mul_Scalar.Call(right, left);

        public static Tensor operator *(long left, Tensor right) => Op.mul_Scalar.Call(right, left);

        public static Tensor operator /(Tensor left, Tensor right) => Op.div_Tensor.Call(left, right);

        public static Tensor operator /(Tensor left, Scalar right) => Op.div_Scalar.Call(left, right);

        public static Tensor operator /(Tensor left, double right) => Op.div_Scalar.Call(left, right);

        public static Tensor operator /(Tensor left, float right) => Op.div_Scalar.Call(left, right);

        public static Tensor operator /(Tensor left, int right) => Op.div_Scalar.Call(left, right);

        public static Tensor operator /(Tensor left, long right) => Op.div_Scalar.Call(left, right);

        public static Tensor operator /(Scalar left, Tensor right) => Over(left, right);

        public static Tensor operator /(double left, Tensor right) => Over(left, right);

        public static Tensor operator /(float left, Tensor right) => Over(left, right);

        public static Tensor operator /(int left, Tensor right) => Over(left, right);

        public static Tensor operator /(long left, Tensor right) => Over(left, right);

        public static Tensor operator -(Tensor tensor) => tensor.neg();

        public static Tensor operator ==(Tensor left, Tensor right) => left.eq(right);

        public static Tensor operator ==(Tensor left, Scalar right) => left.eq(right);

        public static Tensor operator ==(Scalar left, Tensor right) => right.eq(left);

        public static Tensor operator !=(Tensor left, Tensor right) => left.ne(right);

        public static Tensor operator !=(Tensor left, Scalar right) => left.ne(right);

        public static Tensor operator !=(Scalar left, Tensor right) => right.ne(left);

        public static Tensor operator <(Tensor left, Tensor right) => left.lt(right);

        public static Tensor operator <(Tensor left, Scalar right) => left.lt(right);

        public static Tensor operator <(Scalar left, Tensor right) => right.gt(left);

        public static Tensor operator <=(Tensor left, Tensor right) => left.le(right);

        public static Tensor operator <=(Tensor left, Scalar right) => left.le(right);

        public static Tensor operator <=(Scalar left, Tensor right) => right.ge(left);

        public static Tensor operator >(Tensor left, Tensor right) => left.gt(right);

        public static Tensor operator >(Tensor left, Scalar right) => left.gt(right);

        public static Tensor operator >(Scalar left, Tensor right) => right.lt(left);

        public static Tensor operator >=(Tensor left, Tensor right) => left.ge(right);

        public static Tensor operator >=(Tensor left, Scalar right) => left.ge(right);

        public static Tensor operator >=(Scalar left, Tensor right) => right.le(left);

        public static Tensor operator &(Tensor left, Tensor right) => Op.bitwise_and.Call(left, right);

        public static Tensor operator |(Tensor left, Tensor right) => Op.bitwise_or.Call(left, right);

        public static Tensor operator ~(Tensor left) => Op.bitwise_not.Call(left);

        public static implicit operator Tensor(double value) => tensor(value);

        public static implicit operator Tensor(float value) => tensor(value);

        public static implicit operator Tensor(long value) => tensor(value);

        public static implicit operator Tensor(int value) => tensor(value);

        public static implicit operator Tensor(bool value) => tensor(value);

        public static implicit operator Tensor(Scalar scalar) => scalar_tensor(scalar);

        public static explicit operator double(Tensor value) => value.ToDouble();

        public static explicit operator float(Tensor value) => value.ToSingle();

        public static explicit operator long(Tensor value) => value.ToInt64();

        public static explicit operator int(Tensor value) => value.ToInt32();

        public static explicit operator bool(Tensor value) => value.ToBoolean();

        // A number over a tensor: like PyTorch by way of the reciprocal, so that integers give floating point.
        private static Tensor Over(Arg left, Tensor right)
        {
            using var inverse = right.reciprocal();
            return Op.mul_Scalar.Call(inverse, left);
        }
    }
}
