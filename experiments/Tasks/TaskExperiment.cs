using TorchAlign.Alignment;
using TorchAlign.Experiments.Options;
using TorchAlign.Experiments.Papers;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Experiments.Runs;
using TorchAlign.Experiments.Settings;
using TorchAlign.Networks;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Tasks;

/// <summary>
/// <c>train --task classify|regress</c>: networks of several outputs, one job each, on the mechanism of the papers' experiments, which
/// gives them their folder, checkpoints, tables and ends.
/// </summary>
internal sealed class TaskExperiment : PaperExperiment<TaskNetwork, TaskPath>, IExperiment
{
    private const string TrainCommand = "train";

    private readonly RunSettings _settings;
    private readonly Output _output;
    private readonly Keeping _keeping;
    private IReadOnlyList<TaskNetwork> _networks = [];
    private TaskProblem _problem = null!;
    private DataAlignment _alignment = null!;

    public TaskExperiment(RunSettings settings, Output output, Keeping keeping)
        : base(TrainCommand, "", new RunOptions(settings.Seed, onDevice: "")) =>
        (_settings, _output, _keeping) = (settings, output, keeping);

    public override IReadOnlyList<TaskNetwork> Jobs => _networks;

    protected override bool SideBySide => false;

    protected override IReadOnlyList<JobTable<TaskPath>> Tables => TaskTables.Of(_settings, _networks);

    public int Run(CancellationToken cancellation)
    {
        SettingsCheck.Require(_settings);
        TorchSharp.torch.set_num_threads(_settings.Method.Threads);
        var data = Prepare();
        _keeping.Earlier?.RequireSame(data);
        var plan = new PaperPlan(TrainCommand, _settings, _settings.Seed, _settings.Method.Threads,
            DeviceChoice.Resolve(_settings.Method.Device), data, DescribeTables());
        return PaperRun.Execute(plan, _output, _keeping, cancellation, Work);
    }

    public override TaskPath Do(TaskNetwork network, JobRun at) => TaskPath.Follow(network, _settings, _alignment, at);

    protected override DataIdentity Prepare()
    {
        _problem = TaskProblem.Load(_settings);
        _alignment = DataAlignment.Of(_problem.Moments);
        var identities = NetworkIdentity.ByDepth(_settings.Networks.Select(network =>
            new NetworkShape([_problem.Data.Inputs, .. network.Hidden, _problem.Data.Outputs])));
        _networks = [.. identities.Zip(_settings.Networks, (identity, network) =>
            new TaskNetwork(identity.Name, _settings, network, _problem))];
        return _problem.Identity;
    }

    protected override TaskPath Restore(TaskNetwork network, TaskPath path) => path with { Network = network };

    protected override JobEnd EndOf(TaskPath path) => path.JobEnd;

    protected override string Found(IReadOnlyList<TaskPath> paths) => string.Join(" ", paths.Select(TaskSentences.Found));

    protected override object Results(IReadOnlyList<TaskPath> paths, string found) =>
        TaskSummary.Of(_settings, _problem, _alignment, paths, found);

    protected override ReportPage Page(IReadOnlyList<TaskPath> paths, string found) =>
        TaskPage.Of(_settings, _problem, _alignment, paths, found);

    /// <summary>As of a run of one output: NAME_Wk_initial and NAME_Wk_final (d_k, d_{k-1}); of one network W1 .. WL too.</summary>
    protected override IEnumerable<NpzArray> State(IReadOnlyList<TaskPath> paths)
    {
        foreach (var path in paths)
            foreach (var (when, state) in new[] { ("initial", path.Network.Start), ("final", path.Final) })
                foreach (var layer in Layers(path.Network.Shape, state, k => $"{path.Network.Name}_W{k}_{when}")) yield return layer;
        if (_networks.Count == 1)
            foreach (var layer in Layers(_networks[0].Shape, paths[0].Final, k => $"W{k}")) yield return layer;
    }

    /// <summary>The columns of trajectory.csv that are numbers, as NAME_COLUMN; of one network as COLUMN too.</summary>
    protected override IEnumerable<NpzArray> Trajectories(IReadOnlyList<TaskPath> paths) =>
        paths.SelectMany(path => TaskTables.Arrays(_settings, _networks, path, path.Network.Name + "_"))
            .Concat(_networks.Count == 1 ? TaskTables.Arrays(_settings, _networks, paths[0], "") : []);

    private static IEnumerable<NpzArray> Layers(NetworkShape shape, double[] state, Func<int, string> name) =>
        Enumerable.Range(0, shape.Depth).Select(k => NpzArray.Float64(
            name(k + 1), LinearProduct.Layer(shape, state, k).Values.ToArray(), shape.Rows(k), shape.Columns(k)));
}
