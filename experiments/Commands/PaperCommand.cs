using System.CommandLine;
using TorchAlign.Experiments.Papers;

namespace TorchAlign.Experiments.Commands;

/// <summary><c>paper PAPER NAME</c>: the experiments of a paper; <c>figure1</c> is short for <c>paper jt figure1</c>.</summary>
internal static class PaperCommand
{
    public static Command Build()
    {
        var paper = new Command("paper", """
            The experiments of a paper.

            Example: torchalign paper jt figure1 --seed 7
            """);
        var jt = new Command("jt", "Ji & Telgarsky, Gradient descent aligns the layers of deep linear networks, ICLR 2019.");
        jt.Add(new Figure1().Build());
        jt.Add(PaperExperiment.Build<Nonlinear>());
        paper.Add(jt);
        var rnbu = new Command("rnbu", "Radhakrishnan, Nichani, Bernstein & Uhler, On alignment in deep linear neural networks, 2020.");
        rnbu.Add(PaperExperiment.Build<Multiclass>());
        rnbu.Add(PaperExperiment.Build<Binary>());
        rnbu.Add(PaperExperiment.Build<ConvFactorisation>());
        rnbu.Add(PaperExperiment.Build<ConvAutoencoder>());
        paper.Add(rnbu);
        paper.Add(NguegnangCommand.Build());
        return paper;
    }
}
