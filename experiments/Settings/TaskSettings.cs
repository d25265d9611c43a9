namespace TorchAlign.Experiments.Settings;

/// <summary>What a network of several outputs learns.</summary>
public sealed record TaskSettings
{
    /// <summary>classify | regress.</summary>
    public required string Name { get; init; }

    /// <summary>Of regress: the columns of the targets, with commas between them; null: the label's.</summary>
    public string? Targets { get; init; }

    /// <summary>Of the rule nrt: published | sharpened.</summary>
    public string Guarantee { get; init; } = "published";

    /// <summary>Of the rule nrt: times the step that is guaranteed.</summary>
    public double AboveBound { get; init; } = 1;

    /// <summary>eta_k = eta / (1 + k / Decay); null: constant.</summary>
    public double? Decay { get; init; }

    /// <summary>Of regress: stop when the risk is this near to the least, as a share of the way from that of the zero network.</summary>
    public double? Excess { get; init; }
}
