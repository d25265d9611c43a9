using System.Text.Json.Serialization;
using TorchAlign.Recording;

namespace TorchAlign.Experiments.Bench;

/// <summary>Everything that `torchalign bench` found. Null stands for what was not asked for or could not be measured.</summary>
public sealed record BenchReport
{
    public string Schema { get; } = "torchalign.bench/1";
    public required DateTimeOffset Date { get; init; }
    public required BenchMachine Machine { get; init; }
    public required OurFacts Ours { get; init; }
    public TwinSide? Python { get; init; }

    /// <summary>Why there is nothing to compare with, and the remedy.</summary>
    public string? PythonProblem { get; init; }

    public required int Rounds { get; init; }

    public required int Seed { get; init; }

    public required IReadOnlyList<DescentResult> Descent { get; init; }
    public required IReadOnlyList<FlowResult> Flow { get; init; }
    public AssumptionFiveResult? AssumptionFive { get; init; }
    public required IReadOnlyList<CostResult> Costs { get; init; }
    public required IReadOnlyList<MemoryResult> Memory { get; init; }

    /// <summary>Whether the goals are judged; what is said and returned follows it.</summary>
    public bool Judged { get; init; } = true;

    public IReadOnlyList<BenchGoal> Goals => [.. BenchGoal.Of(this)];

    /// <summary>Goals that are judged and not met.</summary>
    [JsonIgnore]
    public IEnumerable<BenchGoal> Missed => Goals.Where(goal => Judged && !goal.Met);

    public string ToJson() => RecordJson.Serialize(this);
}

/// <param name="Cpu">Model name.</param>
/// <param name="Cores">That this process may use.</param>
/// <param name="MemoryBytes">That this process may use.</param>
/// <param name="Os">Name and version.</param>
/// <param name="LoadBefore">Processes ready to run, mean of the last minute: more than the cores says that others were measured too.</param>
/// <param name="LoadAfter">The same at the end.</param>
public sealed record BenchMachine(string Cpu, int Cores, long MemoryBytes, string Os, double? LoadBefore, double? LoadAfter);

/// <param name="Version">Of TorchAlign.</param>
/// <param name="Dotnet">Version of .NET.</param>
/// <param name="TorchSharpSource">package | libtorch.</param>
/// <param name="Torch">Version of libtorch, which only the autograd columns use.</param>
/// <param name="Blas">That libtorch calls.</param>
/// <param name="Threads">Of the fused field and of torch.</param>
public sealed record OurFacts(string Version, string Dotnet, string TorchSharpSource, string? Torch, string? Blas, int Threads);

/// <param name="Path">The interpreter.</param>
/// <param name="Version">Of Python.</param>
/// <param name="Torch">Version of its torch.</param>
/// <param name="Numpy">Version of its numpy.</param>
/// <param name="Blas">The BLAS libraries it loads.</param>
/// <param name="Threads">That it may use.</param>
public sealed record TwinSide(string Path, string Version, string Torch, string Numpy, IReadOnlyList<string> Blas, int Threads);

/// <summary>Gradient descent with a constant step, float64, from the same start on the same points.</summary>
public sealed record DescentResult
{
    public required string Name { get; init; }

    /// <summary>n.</summary>
    public required int Points { get; init; }

    /// <summary>d.</summary>
    public required int Dimension { get; init; }

    public required IReadOnlyList<int> Hidden { get; init; }
    public required string Loss { get; init; }
    public required double Step { get; init; }

    /// <summary>How the weights of the others differ from ours after the same steps.</summary>
    public required DescentCheck Check { get; init; }

    public required DescentTimes SecondsPerStep { get; init; }

    /// <summary>Threads of torch itself, 1 or all: what was faster for it. Its BLAS may always use all.</summary>
    public required TorchThreads TorchThreads { get; init; }

    /// <summary>How many times our step goes into the others'.</summary>
    public required DescentRatios Ratios { get; init; }

    /// <summary>Our goal for the ratio to eager PyTorch.</summary>
    public required double Goal { get; init; }

    /// <summary>Of the largest case: its step against one read of its data.</summary>
    public ReadResult? Read { get; init; }
}

/// <param name="Eager">PyTorch, nn.Sequential.</param>
/// <param name="Collapsed">PyTorch, product first.</param>
/// <param name="Autograd">TorchAlign through torch autograd.</param>
public sealed record TorchThreads(int? Eager, int? Collapsed, int Autograd);

/// <summary>||W - W_ours|| / ||W_ours|| over all layers.</summary>
public sealed record DescentCheck(int Steps, double Allowed, double? Eager, double? Collapsed, double Autograd)
{
    public bool Passed => Math.Max(Autograd, Math.Max(Eager ?? 0, Collapsed ?? 0)) <= Allowed;
}

/// <param name="Ours">The fused field.</param>
/// <param name="Autograd">TorchAlign through torch autograd, product first.</param>
/// <param name="Eager">PyTorch, nn.Sequential.</param>
/// <param name="Collapsed">PyTorch, product first.</param>
public sealed record DescentTimes(Spread Ours, Spread Autograd, Spread? Eager, Spread? Collapsed);

/// <param name="Eager">PyTorch, nn.Sequential.</param>
/// <param name="Collapsed">PyTorch, product first.</param>
/// <param name="Autograd">TorchAlign through torch autograd, product first.</param>
public sealed record DescentRatios(Spread? Eager, Spread? Collapsed, Spread Autograd);

/// <param name="DataBytes">8 n d.</param>
/// <param name="ArrayBytes">Size of the array whose sum measures the bandwidth.</param>
/// <param name="BytesPerSecond">Best of several sums in each round.</param>
/// <param name="SecondsPerStep">Best of several steps in each round.</param>
/// <param name="Multiple">That step in units of one read of the data at the bandwidth of the round.</param>
/// <param name="Goal">Our goal for the multiple.</param>
public sealed record ReadResult(
    long DataBytes, long ArrayBytes, Spread BytesPerSecond, Spread SecondsPerStep, Spread Multiple, double Goal);

/// <summary>The flow in the clock log-risk, integrated by SEULEX; observations are not in the times.</summary>
public sealed record FlowResult
{
    public required string Name { get; init; }

    /// <summary>n.</summary>
    public required int Points { get; init; }

    /// <summary>d.</summary>
    public required int Dimension { get; init; }

    public required IReadOnlyList<int> Hidden { get; init; }
    public required string Loss { get; init; }
    public required string Stepper { get; init; }
    public required IReadOnlyList<FlowTarget> Targets { get; init; }

    /// <summary>Of the invariants W_{k+1}^T W_{k+1} - W_k W_k^T at the last target, relative to ||W||^2.</summary>
    public required double BalancednessDrift { get; init; }

    /// <summary>sin(angle) ||w_prod|| at the last target; an integrator that has left the true curve shows here.</summary>
    public required double AngleTimesNorm { get; init; }

    /// <summary>Its limit |v|, predicted from the dual weights.</summary>
    public double? PredictedAngleTimesNorm { get; init; }

    /// <summary>Where the PyTorch script came to.</summary>
    public TwinFlow? Python { get; init; }
}

/// <param name="OneMinusCosine">1 - cos(w_prod, u_bar) from where on the run stays below it.</param>
/// <param name="Seconds">Of integration.</param>
/// <param name="Evaluations">Of the gradient.</param>
/// <param name="GoalSeconds">Our goal.</param>
/// <param name="PythonSeconds">Of the PyTorch script; null where it did not get there.</param>
/// <param name="Ratio">How many times our seconds go into the script's.</param>
public sealed record FlowTarget(
    double OneMinusCosine, Spread Seconds, long Evaluations, double? GoalSeconds, double? PythonSeconds, double? Ratio);

/// <summary>Plain descent in PyTorch, nn.Sequential, for a bounded number of steps, and where it stood then.</summary>
public sealed record TwinFlow(double LearningRate, int Steps, int TorchThreads, double Seconds, double OneMinusCosine);

/// <summary>Descent of the logistic loss by the rule of [JT, Assumption 5], evaluated at every step.</summary>
public sealed record AssumptionFiveResult
{
    public required int Points { get; init; }
    public required IReadOnlyList<int> Hidden { get; init; }
    public required long Steps { get; init; }
    public required double Seconds { get; init; }
    public double StepsPerSecond => Steps / Seconds;
    public required double Log10Risk { get; init; }
    public required double OneMinusCosine { get; init; }
}

/// <summary>Seconds of one evaluation of the fused field against one size, all others fixed; one thread.</summary>
/// <param name="Against">points | dimension | width | depth.</param>
/// <param name="Fixed">The sizes that stay.</param>
/// <param name="Sizes">At least four.</param>
/// <param name="Seconds">The fastest round at each size.</param>
/// <param name="Exponent">Least squares on the logarithms.</param>
/// <param name="Expected">That of the operation count.</param>
public sealed record CostResult(
    string Against, string Fixed, IReadOnlyList<double> Sizes, IReadOnlyList<double> Seconds, double Exponent, double Expected);

/// <param name="Name">descent: the fused field and nothing else; train: the command with its maximum margin and observations.</param>
/// <param name="PeakBytes">Largest resident memory of a process that does it.</param>
/// <param name="DataBytes">8 n d.</param>
/// <param name="ParameterBytes">8 P.</param>
/// <param name="GoalBytes">Data, three times the parameters and 200 MB.</param>
public sealed record MemoryResult(string Name, long PeakBytes, long DataBytes, long ParameterBytes, long GoalBytes);
