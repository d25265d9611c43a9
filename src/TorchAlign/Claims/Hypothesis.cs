namespace TorchAlign.Claims;

/// <summary>
/// What a claim needs of a run, need by need, each with how it was checked. The text lists them all; those that fail
/// come first and say so.
/// </summary>
internal class Hypothesis
{
    private readonly List<string> _checked = [];
    private readonly List<string> _failed = [];

    public bool Met => _failed.Count == 0;

    public string Text => _failed.Count == 0
        ? string.Join("; ", _checked)
        : "not met: " + string.Join("; ", _failed) + (_checked.Count == 0 ? "" : " | met: " + string.Join("; ", _checked));

    public Hypothesis And(bool met, string whenMet, string whenNot)
    {
        if (met) _checked.Add(whenMet);
        else _failed.Add(whenNot);
        return this;
    }
}
