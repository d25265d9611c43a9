using TorchAlign.Experiments.Python;

namespace TorchAlign.Tests.Bench;

/// <summary>As <see cref="PythonTwinFactAttribute"/>, for a theory.</summary>
public sealed class PythonTwinTheoryAttribute : TheoryAttribute
{
    public PythonTwinTheoryAttribute()
    {
        if (PythonTwinFacts.Find().Path is null) Skip = $"No python3 with torch was found. {PythonTwin.Remedy}";
    }
}
