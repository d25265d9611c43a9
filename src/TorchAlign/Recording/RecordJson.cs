using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace TorchAlign.Recording;

/// <summary>
/// How records become JSON: camelCase, indented, numbers that parse back to the same bits, and null for NaN and
/// infinities, which JSON does not have.
/// </summary>
public static class RecordJson
{
    public static JsonSerializerOptions Options { get; } = Freeze(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        // The files are not HTML; names of data sets stay readable.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new FiniteDouble(), new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    });

    public static string Serialize<T>(T value) => JsonSerializer.Serialize(value, Options) + "\n";

    public static JsonNode? ToNode(object? value) => JsonSerializer.SerializeToNode(value, Options);

    private static JsonSerializerOptions Freeze(JsonSerializerOptions options)
    {
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    private sealed class FiniteDouble : JsonConverter<double>
    {
        public override bool HandleNull => true;

        public override double Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null ? double.NaN : reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value)) writer.WriteNumberValue(value);
            else writer.WriteNullValue();
        }
    }
}
