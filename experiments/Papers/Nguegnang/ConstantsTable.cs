using TorchAlign.Dynamics;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Papers;

/// <summary>The constants behind the steps of some runs, on disk and for readers.</summary>
internal static class ConstantsTable
{
    private static readonly TableDescription _description = new("constants.csv",
    [
        new("run", "which run they belong to"),
        new("symbol", "name of the constant"),
        new("value", "its value"),
        new("formula", "how it was computed"),
        new("source", "where the formula stands; [NRT] is Nguegnang, Rauhut and Terstiege, Adv. Cont. Discr. Models 2024:23"),
    ]);

    /// <param name="of">The constants of a job's run, and its name.</param>
    public static JobTable<TResult> Of<TResult>(Func<TResult, (string Run, NguegnangConstants Constants)> of) => new(_description, result =>
    {
        var (run, constants) = of(result);
        return constants.All.Select(constant =>
            (string[])[run, constant.Symbol, Cell.Of(constant.Value), constant.Formula, constant.Source]);
    });

    /// <summary>A row for each constant, a column for each run.</summary>
    public static ReportTable Show(string heading, IReadOnlyList<(string Run, NguegnangConstants Constants)> runs)
    {
        var all = runs.Select(run => run.Constants.All).ToArray();
        return new ReportTable(heading, ["constant", .. runs.Select(run => run.Run), "formula", "source"],
        [
            .. all[0].Select((constant, i) => (IReadOnlyList<string>)
            [
                FormulaText.Of(constant.Symbol), .. all.Select(constants => Numbers.Short(constants[i].Value)),
                FormulaText.Of(constant.Formula), constant.Source,
            ]),
        ])
        {
            IsFolded = true,
        };
    }
}
