using System.Text.Json.Serialization;

namespace TorchAlign.Data;

/// <summary>How <see cref="DataFile.Read"/> understands a file, and what it does to its numbers.</summary>
public sealed record ReadOptions
{
    /// <summary>Whether the first line of a text table names its columns; null: find out.</summary>
    public bool? HasHeader { get; init; }

    /// <summary>
    /// The label's column by name or by number (from 1; -1 is the last); null: the last. Text tables only.
    /// </summary>
    public string? LabelColumn { get; init; }

    /// <summary>
    /// The columns that are features, by name, by number from 1 or as a range, with commas between: "width,4,6-9". Null: all but the label.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? Features { get; init; }

    /// <summary>Columns that are read beside the features, whatever was chosen: the targets.</summary>
    internal string? AlsoRead { get; init; }

    /// <summary>The columns that are no features, in the same way; null: none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? Drop { get; init; }

    /// <summary>Numbers are written 1,5 and not 1.5. Text tables only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool DecimalComma { get; init; }

    /// <summary>The encoding of a text file, such as latin-1; null: find out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? Encoding { get; init; }

    /// <summary>The class that becomes +1; all others become -1. Null: of exactly two classes, the greater.</summary>
    public string? Positive { get; init; }

    /// <summary>If given, only this class (-1) and the positive one are kept, such as digits 5 against 3.</summary>
    public string? Negative { get; init; }

    /// <summary>Subtract each column's mean.</summary>
    public bool Center { get; init; }

    /// <summary>
    /// Subtract each column's mean and divide by its standard deviation (that of the population, divisor n).
    /// </summary>
    public bool Standardize { get; init; }

    /// <summary>
    /// Append a feature that is 1 for every point, after centring: a bias that counts towards the norm.
    /// </summary>
    public bool AppendConstant { get; init; }
}
