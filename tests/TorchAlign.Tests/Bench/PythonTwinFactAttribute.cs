using TorchAlign.Experiments.Python;

namespace TorchAlign.Tests.Bench;

/// <summary>A test that needs a Python with torch; skipped, with the reason, where there is none.</summary>
public sealed class PythonTwinFactAttribute : FactAttribute
{
    public PythonTwinFactAttribute()
    {
        if (PythonTwinFacts.Find().Path is null) Skip = $"No python3 with torch was found. {PythonTwin.Remedy}";
    }
}
