using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace TorchAlign.Experiments.Sweeps.Planning;

/// <summary>
/// Names a run by what decides its numbers: the command, every option in force and the data's content. Where a file lies is of no
/// account, so data that move or are copied do not cost the runs made with them.
/// </summary>
internal static class RunHash
{
    /// <summary>64 bits: two of a million runs share them with a probability of 3e-8.</summary>
    private const int Digits = 16;

    /// <param name="command">The command's words.</param>
    /// <param name="description">What the command answers to <c>--describe</c>.</param>
    public static string Of(IReadOnlyList<string> command, JsonObject description)
    {
        var configuration = description["configuration"]!.DeepClone();
        // The content's hash stands for the path.
        if (configuration["data"] is JsonObject data) data.Remove("source");
        DropPaths(configuration);
        var text = new JsonObject
        {
            ["command"] = string.Join(' ', command),
            ["configuration"] = configuration,
            ["data"] = (string?)description["data"]!["sha256"],
        }.ToJsonString();
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..Digits];
    }

    /// <summary>Any other file of a configuration comes with its hash too.</summary>
    private static void DropPaths(JsonNode? node)
    {
        if (node is JsonArray array)
        {
            foreach (var item in array) DropPaths(item);
        }
        else if (node is JsonObject fields)
        {
            if (fields.ContainsKey("sha256")) fields.Remove("path");
            foreach (var (_, value) in fields) DropPaths(value);
        }
    }
}
