using TorchAlign.Experiments.Reporting;

namespace TorchAlign.Tests.Reporting;

/// <summary>The terms below a page: those that it uses, in two lines each.</summary>
public class GlossaryTests
{
    [Fact]
    public void A_page_explains_what_it_uses_and_nothing_else()
    {
        var page = MaxMarginPage.From(ReportSamples.Model(120, 30));
        var terms = Glossary.For(page).Select(term => term.Name).ToArray();
        string[] used = ["ū", "γ", "1 − cos", "sin · ‖w‖", "|v|", "spectral ratio", "alignment", "balancedness", "support vectors"];
        Assert.Empty(used.Except(terms));
        Assert.Empty(terms.Intersect(["found", "off-diagonal mass", "effective rank", "strict saddle", "N"]));
        Assert.Equal(terms.Distinct(), terms);
    }

    [Fact]
    public void The_name_of_a_result_is_explained_where_it_is_one()
    {
        Assert.Empty(Glossary.For(["It was found that nothing crossed."]));
        Assert.Equal(["found", "crossed"], Glossary.For(["L = 2", "crossed", "found"]).Select(term => term.Name).Except(["L"]));
    }

    [Fact]
    public void Two_lines_are_enough()
    {
        // A column of the page holds about ninety characters.
        Assert.All(Glossary.All, term => Assert.InRange(term.Value.Length, 1, 170));
        Assert.Equal(Glossary.All.Count, Glossary.All.Select(term => term.Name).Distinct().Count());
    }
}
