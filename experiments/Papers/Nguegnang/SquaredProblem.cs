using TorchAlign.Data;
using TorchAlign.Losses;
using TorchAlign.Networks;
using TorchAlign.Numerics;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Papers;

/// <summary>A regression problem under L(W) = 1/2 ||Y - W_N ... W_1 X||_F^2 [NRT, (1)].</summary>
internal sealed class SquaredProblem
{
    public const string RandomInputs = "random";
    public const string Factorization = "identity";

    private SquaredProblem(string name, RegressionSet data)
    {
        (Name, Data, Moments) = (name, data, SecondMoments.Of(data));
        if (Moments.Rank < Moments.Inputs)
            throw new CommandException(
                $"X X^T is singular: {data.Name} has inputs of rank {Moments.Rank} in {Moments.Inputs} dimensions, so sigma_min(X) = 0 and "
                + $"no step has a guarantee. Give at least --points {Moments.Inputs}, or a smaller --dimension.");
    }

    /// <summary>A word for tables and file names.</summary>
    public string Name { get; }

    public RegressionSet Data { get; }

    public SecondMoments Moments { get; }

    public DataIdentity Identity => new(Data.Name, Data.Hash);

    /// <summary>A loss of its own for each field: it keeps memory to work in.</summary>
    public SquaredLoss NewLoss() => SquaredLoss.Sum(Moments);

    /// <summary>An autoencoder, Y = X, on n Gaussian samples with entries N(0, 1/n).</summary>
    /// <exception cref="CommandException">X X^T is singular.</exception>
    public static SquaredProblem Autoencoder(int dimension, int samples, int seed)
    {
        var random = RegressionGenerators.Gaussian(samples, dimension, dimension, RandomStream.Named(seed, "data"));
        return new SquaredProblem(RandomInputs, new RegressionSet($"autoencoder {samples} x {dimension}, seed {seed}", random.X, random.X));
    }

    /// <summary>Gaussian inputs and independent Gaussian targets, entries N(0, 1/n).</summary>
    /// <exception cref="CommandException">X X^T is singular.</exception>
    public static SquaredProblem Regression(int dimension, int samples, int seed) =>
        new(RandomInputs, RegressionGenerators.Gaussian(samples, dimension, dimension, RandomStream.Named(seed, "data")));

    /// <summary>X = I and a Gaussian target (d, d) with entries N(0, 1/d), whose singular values lie between about 0 and 2.</summary>
    public static SquaredProblem GaussianTarget(int dimension, int seed)
    {
        var target = new Matrix(dimension, dimension);
        RandomStream.Named(seed, "data").FillGaussian(target.Values);
        return Target(1 / Math.Sqrt(dimension) * target, $"Gaussian target {dimension} x {dimension}, seed {seed}");
    }

    /// <summary>X = I and the given target.</summary>
    public static SquaredProblem Target(Matrix target, string name)
    {
        var data = RegressionGenerators.Factorization(target);
        return new SquaredProblem(Factorization, new RegressionSet(name, data.X, data.Y));
    }

    /// <summary>d - r - ... - r - d, N layers.</summary>
    public NetworkShape Shape(int depth, int rank) =>
        new([Data.Inputs, .. Enumerable.Repeat(rank, depth - 1), Data.Outputs]);
}
