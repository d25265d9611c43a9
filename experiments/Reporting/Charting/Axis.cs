using System.Text.Json.Nodes;

namespace TorchAlign.Experiments.Reporting.Charting;

public enum ScaleKind
{
    Linear,

    /// <summary>Logarithmic; shows positive values only.</summary>
    Log,

    /// <summary>Linear near 0, logarithmic beyond <see cref="Axis.SymLogConstant"/>.</summary>
    SymLog,
}

/// <summary>An axis with its title (unit included) and scale, and what it can show.</summary>
public sealed record Axis(string Title, ScaleKind Kind = ScaleKind.Linear)
{
    public const double SymLogConstant = 0.3;

    /// <summary>Share of the axis left free at each end, so that no curve lies on the frame.</summary>
    private const double Padding = 0.03;

    /// <summary>The least value drawn; on a log axis what rounding leaves of 0 lies below it.</summary>
    public double Floor { get; init; } = double.NegativeInfinity;

    /// <summary>Greater values nearer the origin.</summary>
    public bool Reversed { get; init; }

    /// <summary>Only whole numbers mean something; on a linear axis.</summary>
    public bool Whole { get; init; }

    /// <summary>Curves reach both ends, as they should along the direction in which they run.</summary>
    public bool Tight { get; init; }

    /// <summary>The title up to its colon, for tooltips.</summary>
    public string Quantity => Title.Split(':')[0];

    public bool Shows(double value) =>
        double.IsFinite(value) && value >= Floor && (Kind != ScaleKind.Log || value > 0);

    /// <summary>Where a value lies along the axis, up to a linear map.</summary>
    public double Place(double value) => Kind switch
    {
        ScaleKind.Log => Math.Log(value),
        ScaleKind.SymLog => Math.Sign(value) * Math.Log(1 + Math.Abs(value) / SymLogConstant),
        _ => value,
    };

    /// <summary>The Vega-Lite encoding of a field whose values lie between the given ends.</summary>
    public JsonObject Encode(string field, double least, double greatest)
    {
        (least, greatest) = Ends(least, greatest);
        var scale = new JsonObject
        {
            ["domain"] = new JsonArray(VegaLite.Round(least), VegaLite.Round(greatest)),
            ["nice"] = false,
        };
        var axis = new JsonObject { ["title"] = Title };
        if (Kind == ScaleKind.Linear)
        {
            scale["zero"] = false;
            axis["tickCount"] = 6;
            if (Whole) (axis["tickMinStep"], axis["format"]) = (1, "d");
            else if (Math.Max(Math.Abs(least), Math.Abs(greatest)) is < 1e-3 or >= 1e5) axis["labelExpr"] = VegaLite.TickLabel;
        }
        else
        {
            scale["type"] = Kind == ScaleKind.Log ? "log" : "symlog";
            if (Kind == ScaleKind.SymLog) scale["constant"] = SymLogConstant;
            SetTicks(axis, Kind == ScaleKind.Log ? Ticks.Decades(least, greatest) : Ticks.SymLog(greatest));
        }
        if (Reversed) scale["reverse"] = true;
        return new JsonObject { ["field"] = field, ["type"] = "quantitative", ["scale"] = scale, ["axis"] = axis };
    }

    private double Unplace(double place) => Kind switch
    {
        ScaleKind.Log => Math.Exp(place),
        ScaleKind.SymLog => Math.Sign(place) * SymLogConstant * (Math.Exp(Math.Abs(place)) - 1),
        _ => place,
    };

    private (double, double) Ends(double least, double greatest)
    {
        var (low, high) = (Place(least), Place(greatest));
        // A constant still needs an axis of some length.
        var shortest = Kind == ScaleKind.Linear ? 1e-3 * Math.Max(Math.Abs(least), Math.Abs(greatest)) : 1;
        if (high - low <= shortest) (low, high) = (low - Math.Max(shortest, 1e-12), high + Math.Max(shortest, 1e-12));
        var pad = Tight ? 0 : Padding * (high - low);
        return (Unplace(low - pad), Unplace(high + pad));
    }

    /// <summary>A vega expression cannot write superscripts, so the labels are looked up.</summary>
    private static void SetTicks(JsonObject axis, double[] ticks)
    {
        axis["values"] = new JsonArray([.. ticks.Select(t => (JsonNode)t)]);
        var places = string.Join(", ", ticks.Select(t => JsonValue.Create(t).ToJsonString()));
        var labels = string.Join(", ", Ticks.Labels(ticks).Select(l => $"'{l}'"));
        axis["labelExpr"] = $"[{labels}][indexof([{places}], datum.value)]";
        axis["labelOverlap"] = true;
    }
}
