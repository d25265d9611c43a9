namespace TorchSharp;

public static partial class torch
{
    /// <summary>Matrix decompositions and norms; all take batches in leading dimensions.</summary>
    public static class linalg
    {
        public enum QRMode
        {
            Reduced = 0,
            Complete = 1,
            R = 2,
        }

        /// <summary>(n, m) to U (n, n), S (min), Vh (m, m); U (n, min) and Vh (min, m) if not full.</summary>
        public static (Tensor U, Tensor S, Tensor Vh) svd(Tensor input, bool fullMatrices = true) =>
            Op.linalg_svd.Call3(input, fullMatrices);

        /// <summary>Singular values, largest first.</summary>
        public static Tensor svdvals(Tensor input) => Op.linalg_svdvals.Call(input);

        /// <summary>(n, m) to Q (n, min), R (min, m).</summary>
        public static (Tensor Q, Tensor R) qr(Tensor input, QRMode mode = QRMode.Reduced) =>
            Op.linalg_qr.Call2(input, mode switch
            {
                QRMode.Complete => "complete",
                QRMode.R => "r",
                _ => "reduced",
            });

        /// <summary>Eigenvalues of a symmetric matrix, smallest first, and eigenvectors as columns.</summary>
        public static (Tensor, Tensor) eigh(Tensor input, char UPLO = 'L') => Op.linalg_eigh.Call2(input, UPLO.ToString());

        public static Tensor eigvalsh(Tensor input, char UPLO = 'L') => Op.linalg_eigvalsh.Call(input, UPLO.ToString());

        public static Tensor det(Tensor input) => Op.linalg_det.Call(input);

        public static Tensor inv(Tensor input) => Op.linalg_inv.Call(input);

        public static Tensor pinv(Tensor input, double? atol = null, double? rtol = null, bool hermitian = false) =>
            Op.linalg_pinv.Call(input, atol, rtol, hermitian);

        /// <summary>The lower triangle L with input = L L^T.</summary>
        public static Tensor cholesky(Tensor input) => Op.linalg_cholesky.Call(input);

        /// <summary>X with A X = B; with X A = B if not left.</summary>
        public static Tensor solve(Tensor A, Tensor B, bool left = true) => Op.linalg_solve.Call(A, B, left);

        /// <summary>The least-squares solution of input X = other.</summary>
        public static (Tensor Solution, Tensor Residuals, Tensor Rank, Tensor SingularValues) lstsq(
            Tensor input, Tensor other) => Op.linalg_lstsq.Call4(input, other);

        public static (Tensor Solution, Tensor Residuals, Tensor Rank, Tensor SingularValues) lstsq(
            Tensor input, Tensor other, double rcond) => Op.linalg_lstsq.Call4(input, other, rcond);

        public static Tensor matrix_norm(Tensor input, string ord = "fro", long[]? dims = null, bool keepdim = false) =>
            Op.linalg_matrix_norm_str.Call(input, ord, dims ?? [-2, -1], keepdim);

        public static Tensor matrix_norm(Tensor input, double ord, long[]? dims = null, bool keepdim = false) =>
            Op.linalg_matrix_norm.Call(input, ord, dims ?? [-2, -1], keepdim);

        /// <summary>The rank; singular values up to max(atol, rtol s_1) count as 0.</summary>
        public static Tensor matrix_rank(
            Tensor input, double? atol = null, double? rtol = null, bool hermitian = false) =>
            Op.linalg_matrix_rank.Call(input, atol, rtol, hermitian);

        public static Tensor vector_norm(Tensor input, double ord = 2, long[]? dims = null, bool keepdim = false) =>
            Op.linalg_vector_norm.Call(input, ord, dims, keepdim);

        public static Tensor norm(Tensor input, long[]? dims = null, bool keepdim = false) =>
            Op.linalg_norm.Call(input, Arg.None, dims, keepdim);

        public static Tensor norm(Tensor input, double ord, long[]? dims = null, bool keepdim = false) =>
            Op.linalg_norm.Call(input, ord, dims, keepdim);

        public static Tensor norm(Tensor input, int ord, long[]? dims = null, bool keepdim = false) =>
            Op.linalg_norm.Call(input, (double)ord, dims, keepdim);

        public static Tensor norm(Tensor input, string ord, long[]? dims = null, bool keepdim = false) =>
            Op.linalg_norm_str.Call(input, ord, dims, keepdim);

        /// <summary>The product of a chain of matrices, in the order that costs least.</summary>
        public static Tensor multi_dot(IList<Tensor> tensors) => Op.linalg_multi_dot.Call((Tensor[])[.. tensors]);
    }
}
