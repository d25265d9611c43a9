using System.CommandLine;

namespace TorchAlign.Experiments.Papers;

/// <summary><c>paper nrt NAME</c>.</summary>
internal static class NguegnangCommand
{
    public static Command Build() => new("nrt", """
        Nguegnang, Rauhut & Terstiege, Convergence of gradient descent for learning linear neural networks, 2024.

        The squared loss L(W) = 1/2 ||Y - W_N ... W_1 X||_F^2, X X^T of full rank: step sizes with a guarantee, and what descent finds.
        """)
    {
        PaperExperiment.Build<Curves>(),
        PaperExperiment.Build<Saddles>(),
        PaperExperiment.Build<Starts>(),
        PaperExperiment.Build<Slack>(),
        PaperExperiment.Build<DecreasingSteps>(),
        PaperExperiment.Build<Completion>(),
    };
}
