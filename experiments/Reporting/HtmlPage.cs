using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using TorchAlign.Experiments.Reporting.Charting;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Reporting;

/// <summary>
/// A report as one HTML file that needs nothing else: style, data and specifications are inside, the scripts too or, in a sweep, beside
/// it, and a content policy forbids every other request.
/// </summary>
internal static partial class HtmlPage
{
    // vega compiles its expressions, hence 'unsafe-eval'; nothing else may be fetched, hence no origin but that of shared scripts.
    private static string Policy(PageScripts? scripts) =>
        $"default-src 'none'; script-src{scripts?.Origins} 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:";

    private const string WithoutVega = $"""
        <p class="note warning">Vega was not found when this report was written. For interactive charts,
        {VegaAssets.Remedy}, and write the report again. The <code>.vl.json</code> files beside this page hold the charts.</p>

        """;

    private const string WithScripts = """
        <p class="note">Click a legend entry to single a curve out; point at a curve for its numbers.</p>
        <noscript><p class="note warning">The charts need JavaScript.</p></noscript>

        """;

    /// <summary>
    /// The page with the scripts of the interactive charts or, where <paramref name="scripts"/> is null, with
    /// those of the drawn <paramref name="pictures"/> that there are, by the names of their charts.
    /// </summary>
    public static string Write(ReportPage page, PageScripts? scripts, IReadOnlyDictionary<string, string> pictures)
    {
        var html = new StringBuilder();
        Begin(html, page.Title, page.Claim, scripts);
        if (page.Facts.Count > 0) Pairs(html, "facts", page.Facts);
        foreach (var table in page.Tables) Table(html, table);
        Figures(html, page, scripts, pictures);
        Terms(html, Glossary.For(page));
        if (page.Configuration is { } configuration)
            html.Append("<h2>Configuration</h2>\n<details><summary>every option in force</summary>\n<pre>")
                .Append(Text(configuration.ToJsonString(RecordJson.Options))).Append("</pre></details>\n");
        html.Append($"""
            <footer>Written by TorchAlign. Beside this page: <code>run.json</code> (what was run, and the columns of each
            table), the tables as <code>.csv</code> in full precision, arrays such as layers as <code>.npz</code>,
            <code>summary.json</code>{(scripts is { AreShared: true } ? "" : ", and each chart as <code>.vl.json</code>")}.</footer>

            """);
        if (scripts is not null) Scripts(html, page.Charts.Where(chart => chart.NotDrawn is null), scripts);
        return html.Append("</body>\n</html>\n").ToString();
    }

    /// <summary>A page up to its heading and the sentence below it.</summary>
    public static void Begin(StringBuilder html, string title, string claim, PageScripts? scripts) => html.Append($"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="{Policy(scripts)}">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{Text(title)}</title>
        <style>
        {Resources.Read("page.css")}</style>
        </head>
        <body>
        <h1>{Text(title)}</h1>
        <p class="claim">{Formula(claim)}</p>

        """);

    /// <summary>What the words and letters of a page mean; nothing where it uses none that needs it.</summary>
    public static void Terms(StringBuilder html, IReadOnlyList<(string Name, string Value)> terms)
    {
        if (terms.Count == 0) return;
        html.Append("<h2>Terms</h2>\n");
        Pairs(html, "terms", terms);
    }

    private static void Pairs(StringBuilder html, string kind, IReadOnlyList<(string Name, string Value)> pairs)
    {
        html.Append($"<dl class=\"{kind}\">\n");
        foreach (var (name, value) in pairs) html.Append($"<div><dt>{Formula(name)}</dt><dd>{Formula(value)}</dd></div>\n");
        html.Append("</dl>\n");
    }

    public static void Table(StringBuilder html, ReportTable table)
    {
        html.Append(table.IsFolded
                ? $"<details class=\"table\"><summary>{Text(table.Heading)}</summary>\n"
                : $"<h2>{Text(table.Heading)}</h2>\n")
            .Append("<div class=\"scroll\" tabindex=\"0\"><table>\n");
        if (table.Columns.Count > 0)
        {
            html.Append("<thead><tr>");
            foreach (var column in table.Columns) html.Append($"<th scope=\"col\">{Formula(column)}</th>");
            html.Append("</tr></thead>\n");
        }
        html.Append("<tbody>\n");
        var cell = table.Columns.Count > 0 ? "<td>" : "<td class=\"wide\">";
        foreach (var row in table.Rows)
        {
            html.Append($"<tr><th scope=\"row\">{Formula(row[0])}</th>");
            foreach (var value in row.Skip(1)) html.Append(cell).Append(Formula(value)).Append("</td>");
            html.Append("</tr>\n");
        }
        html.Append("</tbody></table></div>\n");
        if (table.Note is { } note) html.Append($"<p class=\"note\">{Formula(note)}</p>\n");
        if (table.IsFolded) html.Append("</details>\n");
    }

    private static void Figures(
        StringBuilder html, ReportPage page, PageScripts? scripts, IReadOnlyDictionary<string, string> pictures)
    {
        if (page.Charts.Count == 0) return;
        html.Append("<h2>Charts</h2>\n");
        if (page.ChartNote is { } note) html.Append($"<p class=\"note\">{Formula(note)}</p>\n");
        html.Append(scripts is null ? WithoutVega : WithScripts);
        html.Append("<div class=\"charts\">\n");
        foreach (var chart in page.Charts)
        {
            if (chart.NotDrawn is { } reason)
            {
                html.Append($"<figure class=\"absent\">\n<h3>{Text(chart.Title)}</h3>\n")
                    .Append($"<figcaption>Not drawn: {Formula(reason)}</figcaption>\n</figure>\n");
                continue;
            }
            var stretches = chart.Stretches ? "true" : "false";
            var kind = chart.IsWide ? "chart wide" : "chart";
            html.Append($"<figure class=\"{kind}\" id=\"{Text(chart.Name)}\" data-stretches=\"{stretches}\">\n")
                .Append($"<h3>{Text(chart.Title)}</h3>\n");
            if (scripts is not null)
                // The default encoder leaves no "<" in the JSON.
                html.Append("<div class=\"view\"></div>\n<script type=\"application/json\">")
                    .Append(chart.Spec.ToJsonString()).Append("</script>\n");
            else if (pictures.TryGetValue(chart.Name, out var svg))
                html.Append($"<img alt=\"{Text(chart.Title)}\" src=\"data:image/svg+xml;base64,")
                    .Append(Convert.ToBase64String(Encoding.UTF8.GetBytes(svg))).Append("\">\n");
            html.Append($"<figcaption>{Formula(chart.Caption)}</figcaption>\n</figure>\n");
        }
        html.Append("</div>\n");
    }

    private static void Scripts(StringBuilder html, IEnumerable<Chart> charts, PageScripts scripts)
    {
        DarkColours(html, charts.Select(chart => chart.Spec.ToJsonString()));
        html.Append(scripts.Elements);
        html.Append("<script>\n").Append(Resources.Read("numbers.js")).Append(Resources.Read("page.js")).Append("</script>\n");
    }

    /// <summary>Tells the page's script what becomes of each colour of these specifications on a dark page.</summary>
    public static void DarkColours(StringBuilder html, IEnumerable<string> specifications) => Data(html, "dark-colours",
        JsonSerializer.Serialize(specifications.SelectMany(text => Colour().Matches(text).Select(match => match.Value)).Distinct()
            .ToDictionary(colour => colour, Palette.OnDark)));

    /// <summary>Data for a script; the default encoder leaves no "&lt;" in the JSON.</summary>
    public static void Data(StringBuilder html, string id, string json) =>
        html.Append($"<script type=\"application/json\" id=\"{id}\">").Append(json).Append("</script>\n");

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    /// <summary>Text in which w_prod, ||W||_F, σ_{min}, L^(-L/2), W^T and 10^-1234 are set as formulas.</summary>
    private static string Formula(string text) => Superscript().Replace(
        Subscript().Replace(Text(Scientific().Replace(text, Powers)), "<sub>$1$2$3</sub>"), "<sup>$1$2$3</sup>");

    /// <summary>A number as messages of the library have it, in the manner of the page: 1.2E-17 as 1.2·10⁻¹⁷.</summary>
    private static string Powers(Match number) =>
        (number.Groups[1].Value == "1" ? "" : number.Groups[1].Value + "·")
        + "10" + Ticks.Superscript(int.Parse(number.Groups[2].Value, CultureInfo.InvariantCulture));

    [GeneratedRegex("#[0-9a-f]{6}")]
    private static partial Regex Colour();

    [GeneratedRegex(@"(?<![\w.])([0-9]+(?:\.[0-9]+)?)E([+-][0-9]{1,8})(?![\w.]*\w)")]
    private static partial Regex Scientific();

    [GeneratedRegex(@"_\{([^{}]*)\}|(?<=w)_(prod)\b|(?<=‖)_(F)\b")]
    private static partial Regex Subscript();

    [GeneratedRegex(@"\^(?:\(([^()]*)\)|\{([^{}]*)\}|(−?[0-9.]*[0-9]|L\b|T\b))")]
    private static partial Regex Superscript();
}
