namespace TorchAlign.Claims;

/// <summary>What a run says of a claim.</summary>
public enum Verdict
{
    /// <summary>The hypothesis is met and the measured value satisfies the relation.</summary>
    Holds,

    /// <summary>The hypothesis is met and the measured value does not satisfy the relation; NaN never does.</summary>
    Fails,

    /// <summary>The claim does not speak of this run, or the run is too short for the claim's rate to say anything.</summary>
    HypothesisNotMet,
}

/// <summary>How the measured value is compared with the bound.</summary>
public enum Relation
{
    /// <summary>measured &lt;= bound + tolerance.</summary>
    AtMost,

    /// <summary>measured &gt;= bound - tolerance.</summary>
    AtLeast,

    /// <summary>measured &gt; bound + tolerance.</summary>
    Exceeds,

    /// <summary>A limit: |measured - bound| &lt;= tolerance at the end of a run, the tolerance being what a rate leaves there.</summary>
    TendsTo,
}

public static class Relations
{
    /// <summary>&lt;=, &gt;=, &gt; or -&gt;.</summary>
    public static string Symbol(this Relation relation) => relation switch
    {
        Relation.AtMost => "<=",
        Relation.AtLeast => ">=",
        Relation.Exceeds => ">",
        _ => "->",
    };

    /// <summary>Whether the measured value satisfies the relation; false as soon as a number is NaN.</summary>
    public static bool Satisfied(this Relation relation, double measured, double bound, double tolerance) => relation switch
    {
        _ when !(tolerance >= 0) => false,
        Relation.AtMost => measured <= bound + tolerance,
        Relation.AtLeast => measured >= bound - tolerance,
        Relation.Exceeds => measured > bound + tolerance,
        _ => Math.Abs(measured - bound) <= tolerance,
    };
}
