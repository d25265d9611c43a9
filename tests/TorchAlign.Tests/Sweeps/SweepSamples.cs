using System.Globalization;
using System.Text.Json.Nodes;
using TorchAlign.Experiments.Sweeps;
using TorchAlign.Experiments.Sweeps.Gathering;
using TorchAlign.Experiments.Sweeps.Planning;
using TorchAlign.Tests.Reporting;

namespace TorchAlign.Tests.Sweeps;

/// <summary>A sweep's folder as if its runs had been made, for what is read from one.</summary>
internal sealed class SweepSamples : IDisposable
{
    private readonly List<PlannedRun> _runs = [];

    public SweepSamples() => Folder = SweepFolder.At(Path.Combine(Root, "sweep"), ["train"]);

    public string Root { get; } = Directory.CreateTempSubdirectory("torchalign-test-").FullName;

    public SweepFolder Folder { get; }

    public SweepPlan Plan => new() { Name = "sample", Command = ["train"], StudyFolder = Root, Runs = _runs };

    public SweepTable Table => SweepTable.Read(Folder, Plan);

    /// <summary>A run with a summary of one network and, where it has a clock, a trajectory.</summary>
    public PlannedRun Add(
        IReadOnlyDictionary<string, string> settings, double oneMinusCosine, string result = "found",
        IEnumerable<(double Clock, double Value)>? course = null)
    {
        var run = new PlannedRun($"{_runs.Count:x16}", settings,
            ["train", .. settings.Select(setting => $"--{setting.Key}={setting.Value}")]);
        _runs.Add(run);
        Write(run, "run.json", new JsonObject { ["networks"] = new JsonArray(new JsonObject()) }.ToJsonString());
        Write(run, "summary.json", new JsonObject
        {
            ["schema"] = "torchalign/1",
            ["networks"] = new JsonArray(new JsonObject { ["oneMinusCosine"] = oneMinusCosine, ["result"] = result }),
        }.ToJsonString());
        if (course is not null)
            Write(run, "trajectory.csv", "network,clock,one_minus_cosine\n" + string.Concat(course.Select(row =>
                string.Create(CultureInfo.InvariantCulture, $"L1,{row.Clock:R},{row.Value:R}\n"))));
        return run;
    }

    public void Write(PlannedRun run, string file, string text)
    {
        Directory.CreateDirectory(Folder.RunFolder(run));
        File.WriteAllText(Path.Combine(Folder.RunFolder(run), file), text);
    }

    /// <summary>Writes sweep.html and returns its path.</summary>
    public string Page()
    {
        var path = Folder.PathOf("sweep.html");
        SweepPage.Write(path, Folder, Plan, Table, PageInNode.NoVega(Root));
        return path;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
