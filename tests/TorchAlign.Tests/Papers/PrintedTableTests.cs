using Spectre.Console;
using TorchAlign.Experiments.Papers;
using TorchAlign.Experiments.Reporting;

namespace TorchAlign.Tests.Papers;

/// <summary>Tables of experiments on consoles that are too narrow for them.</summary>
public class PrintedTableTests
{
    private static readonly ReportTable Table = new("Runs",
        ["depth", "least decrease/(η‖∇L‖²)", "loss at the end", "max ‖product‖/M", "max defect/δ", "result"],
        [["N = 2", "0.9914", "2.056", "0.1564", "0.009401", "step-limit"], ["N = 3", "0.998", "2.056", "0.1596", "0.01246", "step-limit"]]);

    [Theory]
    [InlineData(160, false)]
    [InlineData(60, true)]
    public void A_table_that_does_not_fit_is_turned_on_its_side(int width, bool turned)
    {
        var table = PrintedTable.Of(Table, width);
        var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text), Ansi = AnsiSupport.No });
        console.Profile.Width = width;
        console.Write(table);
        var head = text.ToString().Split('\n')[2];
        Assert.Equal(turned, head.Contains("N = 2") && head.Contains("N = 3"));
        Assert.Contains("decrease/(η‖∇L‖²)", text.ToString());
    }

    [Fact]
    public void Turned_it_has_the_same_cells()
    {
        var turned = PrintedTable.Turned(Table);
        Assert.Equal(["depth", "N = 2", "N = 3"], turned.Columns);
        Assert.Equal(["loss at the end", "2.056", "2.056"], turned.Rows[1]);
        Assert.True(PrintedTable.Width(turned) < PrintedTable.Width(Table));
    }
}
