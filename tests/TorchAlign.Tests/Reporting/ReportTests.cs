using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Recording;
using TorchAlign.Tests.Recording;

namespace TorchAlign.Tests.Reporting;

public sealed class ReportTests : IDisposable
{
    private static readonly ReportModel Model = ReportSamples.Model(120, 30);
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ThePageNeedsNothingElse()
    {
        var html = Write(Model, Stubs());
        foreach (Match link in Regex.Matches(html, @"<[^>]*\b(?:src|href|srcset|action)\s*=\s*[""']?([^""'\s>]+)", RegexOptions.IgnoreCase))
            Assert.StartsWith("data:", link.Groups[1].Value);
        Assert.DoesNotContain("<link", html);
        Assert.DoesNotContain("@import", html);
        Assert.DoesNotContain("url(", html);
        Assert.Contains("default-src 'none'", html);
        Assert.DoesNotContain("sourceMappingURL", html);
        Assert.Contains("/* vega */", html);
        Assert.Contains("/* vega-embed */", html);
    }

    [Fact]
    public void TheScriptsCannotEndTheirElement()
    {
        var html = Write(Model, Stubs("'</script><b>'"));
        Assert.DoesNotContain("</script><b>", html);
    }

    [Fact]
    public void NamesAreEscaped()
    {
        const string Evil = "<img src=x onerror=alert(1)> & \"co\"</script>";
        var model = Model with
        {
            Title = Evil,
            Claim = Evil,
            Networks = [Model.Networks[0] with { Label = Evil, Result = Evil }],
            Data = Model.Data! with { Name = Evil, Positive = Evil, Features = [Evil, Evil] },
            Configuration = new { Evil },
        };
        var html = Write(model, Stubs());
        Assert.DoesNotContain("<img", html);
        Assert.Contains("&lt;img src=x onerror=alert(1)&gt; &amp; &quot;co&quot;", html);
    }

    [Fact]
    public void EverySpecificationOnThePageParses()
    {
        var html = Write(Model, Stubs());
        var blocks = Regex.Matches(html, @"<script type=""application/json""[^>]*>(.*?)</script>", RegexOptions.Singleline);
        Assert.Equal(MaxMarginPage.From(Model).Charts.Count(chart => chart.NotDrawn is null) + 1, blocks.Count);
        Assert.All(blocks, block => Assert.NotNull(JsonNode.Parse(block.Groups[1].Value)));
    }

    [Fact]
    public void FormulasAreSet()
    {
        var html = Write(Model with { Claim = "w_prod, ‖W‖_F, L^(−L/2), 10^−1234.5, W_{j+1}^T, M^{2/N}, petal_width, 1.25E-017, 1E+30, a1E-5" }, null);
        // Characters of Latin-1 are written as their numbers.
        html = System.Net.WebUtility.HtmlDecode(html);
        Assert.Contains("w<sub>prod</sub>, ‖W‖<sub>F</sub>, L<sup>−L/2</sup>, 10<sup>−1234.5</sup>, W<sub>j+1</sub><sup>T</sup>, "
            + "M<sup>2/N</sup>, petal_width, 1.25·10⁻¹⁷, 10³⁰, a1E-5", html);
    }

    [Fact]
    public void FormulasInAsciiAreWrittenAsFormulas()
    {
        Assert.Equal("½ ‖Y − W_{N} ⋯ W₁ X‖_F^2", FormulaText.Of("1/2 ||Y - W_N ... W_1 X||_F^2"));
        Assert.Equal("(√(2 L(W(0))) + ‖Y‖₂) / σ_{min}(X)", FormulaText.Of("(sqrt(2 L(W(0))) + ||Y||_2) / sigma_min(X)"));
        Assert.Equal("2 e N K^(N−1) ‖X‖₂^2 + √e N K^(N/2−1) ‖X Y^T‖₂",
            FormulaText.Of("2 e N K^(N-1) ||X||_2^2 + sqrt(e) N K^(N/2-1) ||X Y^T||_2"));
        Assert.Equal("max_{j} ‖W_{j+1}^T W_{j+1} − W_{j} W_{j}^T‖₂", FormulaText.Of("max_j ||W_{j+1}^T W_{j+1} - W_j W_j^T||_2"));
        Assert.Equal("η (descent), a δ", FormulaText.Of("eta (descent), a delta"));
    }

    [Fact]
    public void AChartThatCannotBeDrawnIsExplainedInItsPlace()
    {
        var model = ReportSamples.Model(60, 20);
        var html = Write(model with { Networks = [model.Networks[0]] }, Stubs());
        Assert.Contains(
            "<h3>Alignment of adjacent layers</h3>\n<figcaption>Not drawn: a single layer has no neighbour to align with.", html);
        var places = ((string[])["id=\"angle-times-norm\"", "Not drawn", "id=\"margins\""])
            .Select(part => html.IndexOf(part, StringComparison.Ordinal)).ToArray();
        Assert.Equal(places.Order(), places);
        Assert.DoesNotContain(-1, places);
    }

    [Fact]
    public void WithoutVegaThereAreTablesAndTheWayToCharts()
    {
        File.WriteAllText(_folder["plane.svg"], "<svg/>");
        var files = Report.Write(_folder.Path, MaxMarginPage.From(Model), null);
        var html = File.ReadAllText(files.Page);
        Assert.Contains("npm ci", html);
        Assert.Contains("npm ci", Assert.Single(files.Warnings));
        Assert.Contains("L = 4", html);
        Assert.DoesNotContain("<script", html);
        // A picture that was drawn before is shown.
        Assert.Single(Regex.Matches(html, "<img [^>]*src=\"data:image/svg\\+xml;base64,"));
        Assert.All(files.Specifications, path => Assert.NotNull(JsonNode.Parse(File.ReadAllText(path))));
    }

    [Fact]
    public void ScriptsThatDoNotRunAreAWarning()
    {
        var files = Report.Write(_folder.Path, MaxMarginPage.From(Model), Stubs("syntax error"));
        Assert.Empty(files.Pictures);
        Assert.NotEmpty(files.Warnings);
        Assert.True(File.Exists(files.Page));
    }

    [Fact]
    public void AFolderThatIsNotThereIsARecordingError() =>
        Assert.Throws<RecordingException>(() => Report.Write(_folder["none"], MaxMarginPage.From(Model), null));

    [FactThatNeeds(Need.Charts)]
    public void NodeDrawsEveryChart()
    {
        var page = MaxMarginPage.From(Model);
        var files = Report.Write(_folder.Path, page, VegaAssets.Find());
        Assert.Empty(files.Warnings);
        Assert.Equal(page.Charts.Count(chart => chart.NotDrawn is null) + 1, files.Pictures.Count);
        foreach (var picture in files.Pictures)
        {
            var svg = XDocument.Load(picture).Root!;
            Assert.Equal("svg", svg.Name.LocalName);
            Assert.DoesNotContain("NaN", svg.ToString());
            Assert.True(svg.Descendants().Count(e => e.Name.LocalName == "path") > 3);
        }
    }

    [Fact]
    public void NumbersReadWell()
    {
        Assert.Equal("–", Numbers.Short(double.NaN));
        Assert.Equal("0.1396", Numbers.Short(0.13963));
        Assert.Equal("−3.1·10⁻⁷", Numbers.Short(-3.1e-7));
        Assert.Equal("10⁻⁹", Numbers.Short(1e-9));
        Assert.Equal("12346", Numbers.Short(12345.6));
        Assert.Equal("1 − 2·10⁻⁷", Numbers.NearOne(1 - 2e-7));
        Assert.Equal("0.9", Numbers.NearOne(0.9));
        Assert.Equal("10^−1350000.0", Numbers.Risk(-1350000));
        Assert.Equal("10^(−6.92·10¹⁰⁰)", Numbers.Risk(-6.92e100));
        Assert.Equal("10⁻⁶", Numbers.Risk(-6));
        Assert.Equal("1.2345678901234567·10⁻¹⁷", Numbers.Exact(1.2345678901234567e-17));
        Assert.Equal("−0.13963124", Numbers.Exact(-0.13963124));
    }

    private string Write(ReportModel model, VegaAssets? assets) =>
        File.ReadAllText(Report.Write(_folder.Path, MaxMarginPage.From(model), assets).Page);

    private VegaAssets Stubs(string body = "0")
    {
        string Stub(string name)
        {
            File.WriteAllText(_folder[name], $"/* {name} */ {body};\n//# sourceMappingURL={name}.map\n");
            return _folder[name];
        }
        return new VegaAssets(Stub("vega"), Stub("vega-lite"), Stub("vega-embed"));
    }
}
