namespace TorchAlign.Numerics;

/// <summary>
/// Gauss-Legendre rules on [-1, 1] with an even number of points n, exact for polynomials of degree 2 n - 1. They are symmetric: the
/// positive points and their weights say all.
/// </summary>
internal sealed record GaussLegendre(double[] Points, double[] Weights)
{
    /// <summary>Six points.</summary>
    public static GaussLegendre Six { get; } = new(
        [0.23861918608319691, 0.66120938646626451, 0.93246951420315203],
        [0.46791393457269105, 0.36076157304813861, 0.17132449237917035]);

    /// <summary>Eight points.</summary>
    public static GaussLegendre Eight { get; } = new(
        [0.18343464249564980, 0.52553240991632899, 0.79666647741362674, 0.96028985649753623],
        [0.36268378337836198, 0.31370664587788729, 0.22238103445337447, 0.10122853629037626]);
}
