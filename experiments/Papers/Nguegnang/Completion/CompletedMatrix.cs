using System.Numerics.Tensors;
using TorchAlign.Dynamics;
using TorchAlign.Landscape;
using TorchAlign.Numerics;

namespace TorchAlign.Experiments.Papers;

/// <summary>A completion P of a matrix T.</summary>
/// <param name="Step">k.</param>
/// <param name="Loss">1/2 sum over the seen entries of (P_ij - T_ij)^2.</param>
/// <param name="Error">||P - T||_F / ||T||_F.</param>
/// <param name="EffectiveRank">exp of the entropy of the singular values of P over their sum.</param>
/// <param name="NuclearNorm">||P||_*.</param>
internal sealed record CompletionSample(long Step, double Loss, double Error, double EffectiveRank, double NuclearNorm)
{
    public static CompletionSample Of(long step, double loss, Matrix product, Matrix target)
    {
        var singular = Svd.Of(product).S;
        var sum = TensorPrimitives.Sum<double>(singular);
        var entropy = -singular.Where(s => s > 0).Sum(s => s / sum * Math.Log(s / sum));
        return new CompletionSample(step, loss, (product - target).FrobeniusNorm / target.FrobeniusNorm, Math.Exp(entropy), sum);
    }
}

/// <summary>How a matrix was completed.</summary>
/// <param name="Depth">N; 0 where it is the completion of least nuclear norm.</param>
/// <param name="Eta">The step of descent.</param>
/// <param name="End">How it ended.</param>
/// <param name="Samples">Along the descent; of the least nuclear norm the completion alone.</param>
/// <param name="Seconds">Wall time.</param>
/// <param name="Certificate">Null for a descent.</param>
internal sealed record CompletedMatrix(
    int Depth, double Eta, RunEnd End, IReadOnlyList<CompletionSample> Samples, double Seconds, NuclearNormCertificate? Certificate)
{
    private static readonly CompletionSample _none = new(0, double.NaN, double.NaN, double.NaN, double.NaN);

    /// <summary>Numbers that are none where not even the start could be looked at.</summary>
    public CompletionSample Last => Samples.LastOrDefault(_none);

    public JobEnd Outcome => JobEnd.OfDescent(End, Samples.FirstOrDefault(_none).Loss, Last.Loss);

    public static CompletedMatrix Of(NuclearNormCompletion found, double gap, Matrix target, double seconds) => new(
        0, double.NaN,
        found.RelativeGap <= gap
            ? new RunEnd("certified", true, "The certified gap is as small as was asked for.")
            : new RunEnd("iteration-limit", false, "The certified gap is larger than was asked for."),
        [CompletionSample.Of(0, 0, found.Completion, target)], seconds,
        new NuclearNormCertificate(found.LowerBound, found.RelativeGap, found.Iterations));

    /// <summary>The part in summary.json.</summary>
    public object Summary() => Certificate is null
        ? new { Depth, Result = Outcome.Name, Eta, Last.Step, Last.Loss, Last.Error, Last.EffectiveRank, Last.NuclearNorm, Seconds }
        : new
        {
            Result = Outcome.Name,
            Last.Error,
            Last.EffectiveRank,
            Last.NuclearNorm,
            Certificate.LowerBound,
            Certificate.RelativeGap,
            Certificate.Iterations,
        };
}

/// <summary>What bounds the least nuclear norm: see <see cref="NuclearNormCompletion"/>.</summary>
internal sealed record NuclearNormCertificate(double LowerBound, double RelativeGap, int Iterations);
