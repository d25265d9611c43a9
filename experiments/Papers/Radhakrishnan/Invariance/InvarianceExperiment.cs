using TorchAlign.Alignment;
using TorchAlign.Data;
using TorchAlign.Dynamics;
using TorchAlign.Experiments.Options;
using TorchAlign.Experiments.Reporting;
using TorchAlign.Networks;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Papers;

/// <summary>What an experiment is made of, once its settings are known.</summary>
internal sealed record InvarianceSetup
{
    public required string Title { get; init; }

    /// <summary>What is compared, in a sentence or two.</summary>
    public required string Statement { get; init; }

    public required DataIdentity Data { get; init; }

    /// <summary>The network that the experiment is about, then its companions.</summary>
    public required IReadOnlyList<DescendingNetwork> Networks { get; init; }

    /// <summary>Facts about data and steps, each a name and a value.</summary>
    public required IReadOnlyList<(string Name, string Value)> Facts { get; init; }

    /// <summary>The experiment's own part of the results in summary.json, besides its networks.</summary>
    public object? Measured { get; init; }

    /// <summary>A sentence or two of what was found, from the descents of all networks.</summary>
    public required Func<IReadOnlyList<NetworkDescent>, string> Found { get; init; }
}

/// <summary>
/// An experiment of [RNBU]: networks descend one after another to a loss, and the log shows whether they keep the singular
/// vectors they started with.
/// </summary>
/// <param name="name">As in <c>paper rnbu NAME</c>.</param>
/// <param name="help">A sentence, and an example.</param>
/// <param name="steps">The cap unless the user gives one.</param>
internal abstract class InvarianceExperiment(string name, string help, double steps) : PaperExperiment<DescendingNetwork, NetworkDescent>(
    $"paper rnbu {name}", help, new RunOptions(defaultSeed: 7, onDevice: "Where descent is computed; singular vectors are the host's"))
{
    private readonly Setting<string> _start = Declare.Choice(
        "--start", "Whether the layers are aligned at the start.", "aligned", "random");

    private readonly Setting<double?> _rate = Declare.PositiveOrNone(
        "--lr", "The step of descent. [as the report says: the explicit rate of the theory where it has one]", "ETA");

    private readonly Setting<double> _to = Declare.Positive("--to", 1e-4, "Descend to this loss.", "LOSS");
    private readonly Setting<long> _steps = Declare.Steps("--steps", steps, "At most so many steps of descent.");

    private readonly Setting<long> _every = Declare.Steps(
        "--every", 100, "Log every so many steps, and log-spaced before the first of them.", "STEPS");

    private InvarianceSetup _setup = null!;

    public override IReadOnlyList<DescendingNetwork> Jobs => _setup.Networks;

    protected bool Aligned => _start == "aligned";

    /// <summary>The kind of start, with its article.</summary>
    protected string StartWords => Aligned ? "an aligned" : "a random";

    protected override bool SideBySide => false;

    protected override IReadOnlyList<JobTable<NetworkDescent>> Tables => InvarianceTables.Of(_setup.Networks[0].Shape.Depth);

    /// <summary>Everything that can be wrong with the settings is found here, before anything is written.</summary>
    protected abstract InvarianceSetup Setup();

    /// <summary>The user's own step, or the one that data and start allow; and where it comes from.</summary>
    protected (double Eta, string Why) Step(SecondMoments moments, NetworkShape shape, ReadOnlySpan<double> start)
    {
        if (_rate.Value is { } given) return (given, "as given");
        var rate = ExplicitRate.Squared(moments, shape, start);
        return (rate.Eta, $"explicit rate n / (L b s^(2L−2)) with b = ‖X‖₂² = {Numbers.Short(rate.Curvature)}, "
            + $"s = {Numbers.Short(rate.LayerNorm)}");
    }

    /// <inheritdoc cref="Step"/>
    protected (double Eta, string Why) CrossEntropyStep(SecondMoments moments)
    {
        if (_rate.Value is { } given) return (given, "as given");
        var rate = ExplicitRate.CrossEntropy(moments);
        return (rate.Eta, $"2n / ‖X‖₂² with ‖X‖₂² = {Numbers.Short(rate.Curvature)}, the inverse smoothness in the product; "
            + "the theory gives no rate here");
    }

    public override NetworkDescent Do(DescendingNetwork network, JobRun at) => NetworkDescent.Follow(
        network, Gradients, _to, _every, _steps, at, sample => at.Tell(
            $"{network.Name}: step {sample.Step}, loss {Numbers.Short(sample.Loss)}", Share(sample)));

    protected override DataIdentity Prepare() => (_setup = Setup()).Data;

    protected override NetworkDescent Restore(DescendingNetwork network, NetworkDescent descent) => descent with { Network = network };

    protected override JobEnd EndOf(NetworkDescent descent) => JobEnd.Of(descent.End);

    protected override string Found(IReadOnlyList<NetworkDescent> descents) => _setup.Found(descents);

    protected override object Results(IReadOnlyList<NetworkDescent> descents, string found) =>
        new { Found = found, _setup.Measured, Networks = descents.Select(descent => descent.Summary()) };

    protected override ReportPage Page(IReadOnlyList<NetworkDescent> descents, string found) => InvariancePage.Of(_setup, descents, found);

    /// <summary>
    /// NAME_Wk_initial and NAME_Wk_final (d_k, d_{k-1}), k from 1, for each network: numpy.load("state.npz"). What is no letter in a name
    /// becomes an underscore.
    /// </summary>
    protected override IEnumerable<NpzArray> State(IReadOnlyList<NetworkDescent> descents) =>
        from descent in descents
        let network = descent.Network
        from state in new[] { (When: "initial", Weights: network.Weights(network.Start)), (When: "final", Weights: descent.Final) }
        from k in Enumerable.Range(0, network.Shape.Depth)
        let layer = LinearProduct.Layer(network.Shape, state.Weights, k)
        select NpzArray.Float64(
            $"{string.Join('_', network.Name.Split([' ', '-', '\''], StringSplitOptions.RemoveEmptyEntries))}_W{k + 1}_{state.When}",
            layer.Values.ToArray(), layer.Rows, layer.Columns);

    /// <summary>Of the way to the loss, counted in its logarithm, or of the steps, whichever is further.</summary>
    private double Share(DescentSample sample)
    {
        var loss = Math.Log(sample.Loss) / Math.Log(_to);
        return Math.Clamp(Math.Max((double)sample.Step / _steps, double.IsFinite(loss) ? loss : 0), 0, 1);
    }
}
