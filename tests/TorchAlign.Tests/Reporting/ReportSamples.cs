using TorchAlign.Experiments.Reporting;

namespace TorchAlign.Tests.Reporting;

/// <summary>A report of two synthetic runs, as the command makes it.</summary>
internal static class ReportSamples
{
    public static ReportModel Model(int steps, int samples = 240, string title = "Deep linear networks find the maximum margin")
    {
        var shallow = new SyntheticRun(1, 1);
        var deep = new SyntheticRun(4, 4);
        return new ReportModel
        {
            Title = title,
            Claim = "A linear predictor and a linear network of four layers, trained by gradient flow on the exponential loss, reach "
                    + "the same maximum-margin direction. On the way every layer of the network becomes rank one and aligns with the next.",
            Seed = 7,
            Networks = [Network("L = 1", shallow, steps, samples, 0.5), Network("L = 4", deep, steps, samples, 0.5)],
            Reference = new ReferenceReport
            {
                Gamma = SyntheticRun.Gamma,
                Direction = SyntheticRun.Direction,
                Lower = SyntheticRun.Gamma * (1 - 1e-16),
                Upper = SyntheticRun.Gamma * (1 + 2e-16),
                RelativeGap = 3e-16,
                SupportVectors = [0, 1],
                PredictedResidualNorm = SyntheticRun.Residual,
                Libsvm = "angle 2·10⁻⁷ rad in 12 iterations",
            },
            Data = new DataReport { Name = "planar", X = shallow.X, Y = shallow.Y },
            Configuration = new { Depths = new[] { 1, 4 }, Width = 4, Loss = "exponential", Clock = "log-risk" },
        };
    }

    private static NetworkReport Network(string label, SyntheticRun run, int steps, int samples, double scale)
    {
        var observations = run.Run(steps, scale, samples: samples);
        return new NetworkReport
        {
            Label = label,
            Shape = run.Shape,
            Observations = observations,
            Result = "steps spent",
            PredictedNorm = SyntheticRun.Residual,
            Seconds = 0.25,
            Evaluations = observations[^1].Evaluations,
        };
    }
}
