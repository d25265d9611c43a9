using System.Text.Json;
using System.Text.Json.Serialization;
using TorchAlign.Checkpoints;

namespace TorchAlign.Experiments.Papers;

/// <summary>Values as JSON that reads back to the same bits, infinities and NaN included: what checkpoints keep of jobs.</summary>
internal static class ExactJson
{
    private static readonly JsonSerializerOptions _options = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        IgnoreReadOnlyProperties = true,
    };

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, _options);

    /// <exception cref="SnapshotException">The text is none of such a value.</exception>
    public static T Read<T>(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(text, _options)!;
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            throw new SnapshotException($"what it keeps of a job is of another version ({error.Message.TrimEnd('.')})");
        }
    }
}
