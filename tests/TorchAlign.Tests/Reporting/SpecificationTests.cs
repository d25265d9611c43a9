using System.Text.Json.Nodes;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Experiments.Reporting.Charting;

namespace TorchAlign.Tests.Reporting;

public sealed class SpecificationTests
{
    private static readonly ReportPage Page = MaxMarginPage.From(ReportSamples.Model(400, 60));

    public static TheoryData<string> Names => [.. All.Select(c => c.Name)];

    private static IEnumerable<Chart> All => [.. Drawn(Page), .. Page.Figure is { } figure ? (Chart[])[figure] : []];

    [Fact]
    public void EveryChartIsThere() => Assert.Equal(
        ["plane", "direction-error", "angle-times-norm", "spectral-ratio", "spectral-ratio-gap", "alignment", "alignment-gap",
            "margins", "margin-gap", "smoothed-margin", "layer-norms", "balancedness-drift", "risk-time", "figure"],
        All.Select(c => c.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void EncodedFieldsExistInTheirData(string name) =>
        Walk(Spec(name), null, (layer, data) =>
        {
            foreach (var field in Fields(layer["encoding"]!))
                Assert.All(data!, row => Assert.True(row!.AsObject().ContainsKey(field), $"{field} is missing from {row}"));
        });

    [Theory]
    [MemberData(nameof(Names))]
    public void AxesHaveTitlesAndFiniteEnds(string name) =>
        Walk(Spec(name), null, (layer, _) =>
        {
            foreach (var channel in (string[])["x", "y"])
            {
                if (layer["encoding"]![channel] is not { } encoding) continue;
                Assert.False(string.IsNullOrWhiteSpace((string?)encoding["axis"]!["title"]));
                var ends = encoding["scale"]!["domain"]!.AsArray().Select(v => (double)v!).ToArray();
                Assert.All(ends, end => Assert.True(double.IsFinite(end)));
                Assert.True(ends[0] < ends[1]);
                if ((string?)encoding["scale"]!["type"] == "log") Assert.True(ends[0] > 0);
            }
        });

    [Theory]
    [MemberData(nameof(Names))]
    public void NothingDrawnIsOffItsScale(string name) =>
        Walk(Spec(name), null, (layer, data) =>
        {
            if ((string?)layer["encoding"]!["y"]?["scale"]?["type"] != "log") return;
            Assert.All(data!, row => Assert.True((double)row!["y"]! > 0));
        });

    [Theory]
    [MemberData(nameof(Names))]
    public void SeriesHaveAColourEach(string name) =>
        Walk(Spec(name), null, (layer, _) =>
        {
            foreach (var (_, channel) in layer["encoding"]!.AsObject())
                if (channel is JsonObject && channel["scale"]?["range"] is JsonArray range)
                    Assert.Equal(channel["scale"]!["domain"]!.AsArray().Count, range.Count);
        });

    [Fact]
    public void TheSpecificationIsVegaLite() =>
        Assert.All(All, c => Assert.Equal(VegaLiteSchema, (string?)JsonNode.Parse(c.ToJson())!["$schema"]));

    [Fact]
    public void NaNAndZeroAreLeftOutOfLogAxes()
    {
        var chart = Charts.Line(new LinePlot
        {
            Name = "n",
            Title = "t",
            Caption = "c",
            X = new Axis("x"),
            Y = new Axis("y", ScaleKind.Log),
            Series =
            [
                new Series("s", Palette.Ink,
                    [new(1, double.NaN, 0), new(2, 0, 1), new(3, 1e-9, 2), new(4, 1e-3, 3), new(5, double.PositiveInfinity, 4)]),
            ],
        });
        Walk(chart!.Spec, null, (_, data) => Assert.Equal([3.0, 4.0], data!.Select(r => (double)r!["x"]!)));
    }

    [Fact]
    public void AChartOfNothingSaysWhyItIsNone()
    {
        Assert.Equal("y is nowhere above 0, and its axis is logarithmic.", WhyNot(new(1, -1, 0), new(2, double.NaN, 1)));
        Assert.Equal("y has no finite value.", WhyNot(new(1, double.PositiveInfinity, 0), new(2, double.NaN, 1)));
        Assert.Equal("nothing was observed.", WhyNot());
        Assert.Equal("no curve has two points.", WhyNot(new Sample(1, 1, 0)));
        Assert.Equal("x stays below 0.01.", WhyNot(new(0.001, 1, 0), new(0.002, 2, 0)));
        Assert.Null(WhyNot(new(1, 1, 0), new(2, 2, 1)));
        Assert.Null(Line("word"));
        Assert.Equal("word", Line("word", absent: true)!.NotDrawn);

        static string? WhyNot(params Sample[] samples) => Line("", samples: samples)!.NotDrawn;

        static Chart? Line(string without, bool absent = false, Sample[]? samples = null) => Charts.Line(new LinePlot
        {
            Name = "n",
            Title = "t",
            Caption = "c",
            X = new Axis("x") { Floor = 0.01 },
            Y = new Axis("y", ScaleKind.Log),
            Series = samples is null ? [] : [new Series("s", Palette.Ink, samples)],
            Without = absent ? without : null,
        });
    }

    [Fact]
    public void ConstantsGetAnAxis()
    {
        foreach (var kind in Enum.GetValues<ScaleKind>())
        {
            var ends = new Axis("y", kind).Encode("y", 3, 3)["scale"]!["domain"]!.AsArray();
            Assert.True((double)ends[0]! < 3 && 3 < (double)ends[1]!);
        }
    }

    [Fact]
    public void LongSeriesAreThinnedWithoutLosingEndsOrExcursions()
    {
        var samples = Enumerable.Range(0, 100_000).Select(i => new Sample(i, i == 77_777 ? 5 : Math.Sin(i), i)).ToList();
        var thin = Thinning.Thin(samples, new Axis("x"), 400);
        Assert.InRange(thin.Count, 100, 450);
        Assert.Equal(samples[0], thin[0]);
        Assert.Equal(samples[^1], thin[^1]);
        Assert.Contains(samples[77_777], thin);
        Assert.Equal(thin.OrderBy(s => s.Step), thin);
    }

    [Theory]
    [InlineData(1e-15, 1, 3, 8)]
    [InlineData(0.2, 0.9, 1, 3)]
    [InlineData(1e-300, 1, 3, 8)]
    [InlineData(2.1, 2.9, 0, 1)]
    public void TicksLieWithinTheAxisAndAreFew(double least, double greatest, int fewest, int most)
    {
        var ticks = Ticks.Decades(least, greatest);
        Assert.InRange(ticks.Length, fewest, most);
        Assert.All(ticks, t => Assert.InRange(t, least * 0.999, greatest * 1.001));
    }

    [Fact]
    public void LabelsKeepToOneManner()
    {
        Assert.Equal(["0", "1", "10", "10²", "10⁶"], Ticks.Labels([0, 1, 10, 100, 1e6]));
        Assert.Equal(["0.1", "1", "300"], Ticks.Labels([0.1, 1, 300]));
        Assert.Equal(["3·10⁻⁵", "10⁻⁴"], Ticks.Labels([3e-5, 1e-4]));
    }

    [Fact]
    public void DarkColoursStandOutFromADarkPage()
    {
        var layers = Enumerable.Range(0, 4).SelectMany(n => Enumerable.Range(0, 4).Select(k => Palette.Layer(n, k, 4)));
        foreach (var colour in layers.Append(Palette.Ink))
        {
            Assert.True(Contrast(colour, "#ffffff") >= 2.5, $"{colour} on white");
            Assert.True(Contrast(Palette.OnDark(colour), "#15181c") >= 4, $"{Palette.OnDark(colour)} on dark");
        }
    }

    [Fact]
    public void WithoutAReferenceItsChartsAreLeftOut()
    {
        var page = MaxMarginPage.From(ReportSamples.Model(60, 20) with { Reference = null });
        Assert.DoesNotContain(page.Charts, c => c.Name is "plane" or "margin-gap" or "smoothed-margin");
        Assert.Contains(Drawn(page), c => c.Name == "spectral-ratio");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void ARunThatBrokeOffAtOnceHasAPage(int observations)
    {
        var model = ReportSamples.Model(60, 20);
        var page = MaxMarginPage.From(model with
        {
            // The last point twice: a run may observe its end again.
            Networks =
            [
                .. model.Networks.Select(n => n with
                {
                    Observations = [.. n.Observations.Take(observations), n.Observations[observations - 1]],
                }),
            ],
        });
        Assert.Contains(page.Charts, c => c.Name == "plane");
    }

    [Fact]
    public void RunsOfNonFiniteNumbersHaveAPage()
    {
        var model = ReportSamples.Model(60, 20);
        var page = MaxMarginPage.From(model with
        {
            Networks = [.. model.Networks.Select(n => n with
            {
                Observations = [.. n.Observations.Select(o => o with
                {
                    LogRisk = double.NaN, ProductNorm = double.PositiveInfinity, OneMinusCosine = double.NaN,
                    SpectralRatios = [.. o.SpectralRatios.Select(_ => double.NaN)],
                })],
            })],
        });
        Assert.Equal(["plane"], Drawn(page).Select(c => c.Name));
        Assert.All(page.Tables[0].Rows, row => Assert.Contains("–", row));
    }

    [Fact]
    public void ANetworkWithoutObservationsHasARow()
    {
        var model = ReportSamples.Model(60, 20);
        var page = MaxMarginPage.From(model with { Networks = [model.Networks[0] with { Observations = [] }] });
        Assert.Equal(["plane"], Drawn(page).Select(c => c.Name));
        Assert.Contains(page.Charts, c => c.NotDrawn == "nothing was observed.");
        Assert.Equal(page.Tables[0].Columns.Count, page.Tables[0].Rows.Single().Count);
    }

    private static IEnumerable<Chart> Drawn(ReportPage page) => page.Charts.Where(chart => chart.NotDrawn is null);

    private const string VegaLiteSchema = "https://vega.github.io/schema/vega-lite/v6.json";

    private static JsonObject Spec(string name) => All.Single(c => c.Name == name).Spec;

    /// <summary>Calls <paramref name="see"/> on each unit that encodes something, with the rows it draws from.</summary>
    private static void Walk(JsonObject spec, JsonArray? data, Action<JsonObject, JsonArray?> see)
    {
        data = spec["data"]?["values"]?.AsArray() ?? data;
        if (spec["encoding"] is not null)
        {
            Assert.NotNull(data);
            see(spec, data);
        }
        foreach (var kind in (string[])["layer", "hconcat", "vconcat"])
            foreach (var part in spec[kind]?.AsArray() ?? [])
                Walk(part!.AsObject(), data, see);
    }

    private static IEnumerable<string> Fields(JsonNode node) => node switch
    {
        JsonObject o => o.SelectMany(p => p is { Key: "field", Value: JsonValue v } ? [(string)v!]
            : p.Value is null ? [] : Fields(p.Value)),
        JsonArray a => a.Where(n => n is JsonObject).SelectMany(n => Fields(n!)),
        _ => [],
    };

    private static double Contrast(string a, string b)
    {
        static double Luminance(string hex)
        {
            double Channel(int start)
            {
                var c = Convert.ToInt32(hex.Substring(start, 2), 16) / 255.0;
                return c <= 0.04045 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4);
            }
            return 0.2126 * Channel(1) + 0.7152 * Channel(3) + 0.0722 * Channel(5);
        }

        var (light, dark) = (Math.Max(Luminance(a), Luminance(b)), Math.Min(Luminance(a), Luminance(b)));
        return (light + 0.05) / (dark + 0.05);
    }
}
