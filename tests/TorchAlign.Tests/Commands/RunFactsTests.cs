using System.Text.Json.Nodes;

namespace TorchAlign.Tests.Commands;

/// <summary>What a reader has to know of a run is in its files, on the terminal and in the report, in the same words.</summary>
public sealed class RunFactsTests : IDisposable
{
    private readonly Program _program = new();

    public void Dispose() => _program.Dispose();

    [Fact]
    public void Data_that_were_centred_and_scaled_say_so_everywhere()
    {
        var (summary, report, _) = Train("--data", "iris", "--positive", "setosa", "--center", "--depth", "1,2", "--to", "1e-3");
        var data = summary["data"]!;
        Assert.Equal(("setosa", "rest"), ((string)data["positive"]!, (string)data["negative"]!));
        Assert.Equal(5.843333333333334, (double)data["means"]![0]!, 1e-12);
        var (scale, margin) = ((double)data["scale"]!, summary["maxMargin"]!);
        Assert.Equal((double)margin["gamma"]! * scale, (double)margin["gammaInDataUnits"]!);
        Assert.Equal(data.ToJsonString(), Run()["data"]!["prepared"]!.ToJsonString());
        Assert.Equal("+1 is setosa, -1 is rest", Fact(summary, "classes"));
        Assert.StartsWith("each feature less its mean: 5.843, 3.057", Fact(summary, "centred"));
        Assert.Contains(scale.ToString("R"), Fact(summary, "scale"));
        foreach (var fact in summary["facts"]!.AsArray()) Assert.Contains(Encoded((string)fact!["name"]!), report);
        Assert.Contains("+1 is setosa", report);

        var result = _program.Run("margin", "iris", "--positive", "setosa", "--center", "--json");
        var alone = JsonNode.Parse(result.Output)!;
        Assert.Equal(scale, (double)alone["scale"]!);
        Assert.Equal(data["means"]!.ToJsonString(), alone["means"]!.ToJsonString());
        Assert.Equal((double)margin["gammaInDataUnits"]!, (double)alone["gammaInDataUnits"]!);
    }

    [Fact]
    public void A_start_that_was_changed_says_so_everywhere()
    {
        var (summary, report, terminal) = Train("--depth", "2", "--init", "gaussian", "--scale", "2", "--seed", "3", "--to", "1e-6");
        var note = Fact(summary, "L = 2, start");
        Assert.StartsWith("The last layer of the start was multiplied by ", note);
        Assert.Equal(note, (string)Run()["networks"]![0]!["start"]!);
        Assert.Contains(note, report);
        Assert.Contains("L = 2, start", terminal);
        Assert.Contains("stays there", Fact(summary, "L = 2, found"));
    }

    [Fact]
    public void A_missing_prediction_says_why()
    {
        var (summary, report, terminal) = Train("--data", "iris", "--positive", "setosa", "--depth", "1", "--to", "1e-3");
        Assert.Contains("do not span the data", Fact(summary, "Assumption 3 fails"));
        Assert.Contains("Assumption 3", Fact(summary, "no predicted limit"));
        Assert.Null(summary["networks"]![0]!["predictedAngleTimesNorm"]);
        Assert.Contains("no predicted limit", report);
        Assert.DoesNotContain("NaN", terminal);
    }

    [Fact]
    public void Data_that_cannot_be_separated_have_no_direction_in_any_file()
    {
        var (summary, report, terminal) = Train("--data", "iris", "--positive", "versicolor", "--depth", "1", "--steps", "50");
        Assert.Null(summary["maxMargin"]);
        Assert.Contains("separa", Fact(summary, "not separable"));
        Assert.Equal("step-limit", (string)summary["networks"]![0]!["result"]!);
        Assert.DoesNotContain("held against the maximum-margin direction", report);
        Assert.DoesNotContain("1 - cos", terminal);
    }

    [Fact]
    public void The_error_of_a_fast_forward_is_kept()
    {
        var (summary, _, _) = Train(
            "--method", "descent", "--loss", "logistic", "--steps", "1e12", "--fast-forward", "--depth", "2");
        Assert.Contains("true steps the risk differed by at most", Fact(summary, "L = 2, method"));
    }

    [Fact]
    public void A_limit_does_not_cancel_the_goal()
    {
        var (summary, _, _) = Train("--depth", "1", "--seconds", "600", "--steps", "1e6");
        Assert.Equal("found", (string)summary["networks"]![0]!["result"]!);
        Assert.True((double)summary["networks"]![0]!["oneMinusCosine"]! <= 1e-12);
    }

    /// <summary>The run that passes the axis at R = 1 - 3e-10 and is stopped before it finds the direction.</summary>
    [Fact]
    public void A_crossing_is_told_with_its_risk()
    {
        var (summary, _, _) = Train("--depth", "6", "--width", "16", "--init", "equal-norms", "--scale", "0.05", "--seed", "36",
            "--to", "1e-9", "--steps", "50");
        var network = summary["networks"]![0]!;
        Assert.Equal("crossed", (string)network["result"]!);
        Assert.InRange((double)network["crossedAtLog10Risk"]!, -1e-6, 0);
        Assert.Contains("The limit of 50 steps was reached", Fact(summary, "L = 6, crossed"));
    }

    private (JsonNode Summary, string Report, string Terminal) Train(params string[] options)
    {
        var result = _program.Run(["train", .. options, "--threads", "1"]);
        Assert.True(result.ExitCode == 0, result.Error);
        return (JsonNode.Parse(Read("summary.json"))!, Read("report.html"), result.Output);
    }

    private JsonNode Run() => JsonNode.Parse(Read("run.json"))!;

    private string Read(string file) => File.ReadAllText(Path.Combine(_program.Folder, "runs", "run", file));

    private static string Fact(JsonNode summary, string name) =>
        (string)summary["facts"]!.AsArray().Single(fact => (string)fact!["name"]! == name)!["value"]!;

    private static string Encoded(string text) => System.Net.WebUtility.HtmlEncode(text);
}
