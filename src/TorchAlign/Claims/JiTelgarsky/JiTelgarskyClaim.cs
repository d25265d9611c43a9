namespace TorchAlign.Claims;

/// <summary>A statement of [JT] on one-output networks of margin losses.</summary>
public sealed class JiTelgarskyClaim : Claim<RunEvidence>
{
    internal JiTelgarskyClaim(string id, string source, string statement, Action<JiTelgarskyHypothesis> needs,
        Func<RunEvidence, Measurement> measure)
        : base(id, source, statement, run => Asked(new JiTelgarskyHypothesis(run), needs), measure)
    {
    }
}
