using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using System.Text.Json.Nodes;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Papers;

/// <summary>
/// A setting of an experiment, declared once: the option that gives it, the name under which run.json keeps it, what it may be, and its
/// value in one run.
/// </summary>
internal abstract class Setting(Option option)
{
    /// <summary>What the command line takes.</summary>
    public Option Option { get; } = option;

    /// <summary>In run.json: the option's name in camelCase.</summary>
    public string Key { get; } = JsonNamingPolicy.CamelCase.ConvertName(
        string.Concat(option.Name[2..].Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..])));

    /// <summary>Whether the command line named it; false in a run that goes on.</summary>
    public bool IsGiven { get; private set; }

    /// <summary>The value as run.json keeps it.</summary>
    public abstract JsonNode? Json { get; }

    /// <summary>Takes the value from a command line.</summary>
    /// <param name="declared">The same setting, of the command that was parsed.</param>
    /// <exception cref="CommandException">It is out of range.</exception>
    public void Take(ParseResult parsed, Setting declared)
    {
        IsGiven = parsed.GetResult(declared.Option) is { Implicit: false };
        TakeValue(parsed, declared.Option);
    }

    /// <summary>Takes the value that run.json kept.</summary>
    /// <exception cref="CommandException">It is missing, of another kind or out of range.</exception>
    public void Take(JsonObject configuration)
    {
        if (!configuration.TryGetPropertyValue(Key, out var json)) throw new CommandException($"it has no '{Key}'");
        try
        {
            TakeValue(json);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new CommandException($"'{Key}' cannot be {json?.ToJsonString() ?? "null"}");
        }
    }

    protected abstract void TakeValue(ParseResult parsed, Option option);

    protected abstract void TakeValue(JsonNode? json);
}

/// <inheritdoc/>
/// <param name="option">What the command line takes.</param>
/// <param name="read">The value that a command line gives the option.</param>
/// <param name="complaint">What a value must be that this one is not, such as "must be positive"; null where it is right.</param>
internal sealed class Setting<T>(Option option, Func<ParseResult, Option, T> read, Func<T, string?>? complaint = null) : Setting(option)
{
    /// <summary>A setting whose option has the setting's own type.</summary>
    public Setting(Option<T> option, Func<T, string?>? complaint = null)
        : this(option, (parsed, declared) => parsed.GetValue((Option<T>)declared)!, complaint)
    {
    }

    /// <summary>The value; may be set where what was not given follows from other settings.</summary>
    public T Value { get; set; } = default!;

    public override JsonNode? Json => RecordJson.ToNode(Value);

    public static implicit operator T(Setting<T> setting) => setting.Value;

    public override string ToString() => FormattableString.Invariant($"{Value}");

    protected override void TakeValue(ParseResult parsed, Option option) => TakeChecked(read(parsed, option));

    protected override void TakeValue(JsonNode? json) => TakeChecked(json.Deserialize<T>(RecordJson.Options)!);

    private void TakeChecked(T value)
    {
        if (complaint?.Invoke(value) is { } must)
            throw new CommandException(FormattableString.Invariant($"{Option.Name} {must}; got {value:R}."));
        Value = value;
    }
}
