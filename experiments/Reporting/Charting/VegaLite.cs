using System.Text.Json.Nodes;

namespace TorchAlign.Experiments.Reporting.Charting;

/// <summary>The words of a Vega-Lite specification that every chart shares.</summary>
internal static class VegaLite
{
    public const string Schema = "https://vega.github.io/schema/vega-lite/v6.json";

    /// <summary>Names of layers that carry tooltips only begin so; a picture that does not move leaves them out.</summary>
    public const string Hover = "hover_";

    /// <summary>The labels of an axis in the manner of <see cref="Numbers.Short"/>; a vega expression.</summary>
    public static string TickLabel { get; } = Expression();

    /// <summary>A name that stays unique where charts share a panel: vega mixes up views, and data, of one name.</summary>
    public static string Unique(string prefix, string chart) => prefix + chart.Replace('-', '_');

    /// <summary>A whole specification of layers under one title.</summary>
    public static JsonObject Layered(string title, int width, int height, IEnumerable<JsonObject> layers) => new()
    {
        ["$schema"] = Schema,
        ["title"] = title,
        ["width"] = width,
        ["height"] = height,
        ["layer"] = Array(layers),
        ["config"] = Config(),
    };

    public static JsonObject Layer(JsonArray values, JsonNode mark, JsonObject encoding) => new()
    {
        ["data"] = new JsonObject { ["values"] = values },
        ["mark"] = mark,
        ["encoding"] = encoding,
    };

    public static JsonArray Array(IEnumerable<JsonNode?> nodes) => new([.. nodes]);

    public static JsonArray Array(IEnumerable<string> texts) => new([.. texts.Select(t => (JsonNode)t)]);

    public static JsonArray Array(IEnumerable<int> numbers) => new([.. numbers.Select(n => (JsonNode)n)]);

    public static JsonObject Tooltip(string field, string title, string type = "quantitative") =>
        type == "quantitative"
            ? new JsonObject { ["field"] = field, ["type"] = type, ["title"] = title, ["format"] = ".5~g" }
            : new JsonObject { ["field"] = field, ["type"] = type, ["title"] = title };

    /// <summary>Seven digits: what a picture and its tooltips can use.</summary>
    public static double Round(double value) =>
        value == 0 ? 0 : double.Parse(value.ToString("G7", System.Globalization.CultureInfo.InvariantCulture),
            System.Globalization.CultureInfo.InvariantCulture);

    private static string Expression()
    {
        const string scientific = "split(format(datum.value, '.3~e'), 'e')";
        var exponent = $"replace(replace({scientific}[1], '+', ''), '-', '⁻')";
        for (var digit = 0; digit < 10; digit++) exponent = $"replace({exponent}, /{digit}/g, '{Ticks.Superscript(digit)}')";
        return "datum.value === 0 ? '0' : abs(datum.value) >= 1e-3 && abs(datum.value) < 1e5 ? format(datum.value, '.6~r') : "
            + $"({scientific}[0] === '1' ? '10' : {scientific}[0] + '·10') + {exponent}";
    }

    public static JsonObject Config() => new()
    {
        ["font"] = "Helvetica, Arial, 'Liberation Sans', sans-serif",
        ["background"] = Palette.Paper,
        ["padding"] = 8,
        ["view"] = new JsonObject { ["stroke"] = null },
        ["title"] = new JsonObject
        {
            ["anchor"] = "start",
            ["color"] = Palette.Ink,
            ["fontSize"] = 14,
            ["fontWeight"] = 600,
            ["subtitleColor"] = Palette.Muted,
            ["subtitleFontSize"] = 11,
            ["subtitlePadding"] = 4,
            ["offset"] = 10,
        },
        ["axis"] = new JsonObject
        {
            ["domainColor"] = Palette.Muted,
            ["tickColor"] = Palette.Muted,
            ["gridColor"] = Palette.Grid,
            ["labelColor"] = Palette.Ink,
            ["titleColor"] = Palette.Ink,
            ["labelFontSize"] = 11,
            ["titleFontSize"] = 12,
            ["titleFontWeight"] = "normal",
            ["titlePadding"] = 8,
        },
        ["legend"] = new JsonObject
        {
            ["orient"] = "bottom",
            ["labelColor"] = Palette.Ink,
            ["titleColor"] = Palette.Ink,
            ["labelFontSize"] = 11,
            ["symbolSize"] = 220,
            ["symbolStrokeWidth"] = 2,
            ["columnPadding"] = 14,
            ["labelLimit"] = 320,
        },
    };
}
