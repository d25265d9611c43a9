namespace TorchAlign.Experiments.Sweeps.Studies;

/// <summary>Line and column of a study, both from 1.</summary>
internal readonly record struct Place(int Line, int Column);

/// <summary>A value of an option (long name without dashes), as the command line takes it, and where the study gives it.</summary>
internal sealed record StudySetting(string Option, string Text, Place Place);

/// <summary>One direction in which a study varies: in each point it gives these settings; the study is the product of its axes.</summary>
internal sealed record StudyAxis(IReadOnlyList<IReadOnlyList<StudySetting>> Points);

/// <summary>A study as its file says it, its options known and its values of the right type; no run has been looked at yet.</summary>
internal sealed record Study
{
    private const string DeviceOption = "device";

    /// <summary>The file, as messages name it.</summary>
    public required string File { get; init; }

    public required string Name { get; init; }

    /// <summary>The command and its subcommands, as in <c>paper jt figure1</c>.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    public required Place CommandPlace { get; init; }

    public required IReadOnlyList<StudySetting> Fixed { get; init; }

    public required IReadOnlyList<StudyAxis> Axes { get; init; }

    public required SlurmSettings Slurm { get; init; }

    /// <summary>The same runs on a device that the command line of the sweep names.</summary>
    /// <exception cref="CommandException">The runs have no choice of a device, or the study names one itself.</exception>
    public Study On(string device, StudyOptions options)
    {
        var complaints = new Complaints(File);
        if (!options.Has(DeviceOption))
            complaints.Add(CommandPlace, $"'{string.Join(' ', Command)}' takes no --device, so neither does a sweep of it.");
        if (Fixed.Concat(Axes.SelectMany(axis => axis.Points).SelectMany(point => point))
            .FirstOrDefault(setting => setting.Option == DeviceOption) is { } own)
            complaints.Add(own.Place, $"the study names a device, and so does --device {device}: take one of them away.");
        complaints.Throw();
        return this with { Fixed = [.. Fixed, new StudySetting(DeviceOption, device, CommandPlace)] };
    }

    /// <summary>How many points the product has.</summary>
    public double Count => Axes.Aggregate(1.0, (count, axis) => count * axis.Points.Count);

    /// <summary>Every point of the product, the last axis fastest.</summary>
    public IEnumerable<IReadOnlyList<StudySetting>> Points()
    {
        IEnumerable<IReadOnlyList<StudySetting>> points = [Fixed];
        foreach (var axis in Axes)
            points = points.SelectMany(point => axis.Points.Select(more => (IReadOnlyList<StudySetting>)[.. point, .. more]));
        return points;
    }
}

/// <summary>What a study asks of Slurm; null leaves it to the cluster's defaults.</summary>
internal sealed record SlurmSettings
{
    public string? Partition { get; init; }

    /// <summary>The time limit of an element in Slurm's format; an element that reaches it checkpoints and is queued again.</summary>
    public string? Time { get; init; }

    public string? Memory { get; init; }

    /// <summary>GPUs an element, as in 1 or a100:1.</summary>
    public string? Gpus { get; init; }

    /// <summary>The most elements that run at once.</summary>
    public int? Throttle { get; init; }

    /// <summary>The least runs an element makes one after the other; more where the cluster's MaxArraySize asks for it.</summary>
    public int RunsPerElement { get; init; } = 1;

    /// <summary>Lines of shell that come before the runs, such as <c>module load</c>.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>Further #SBATCH options by their long names: account, qos, constraint, ...</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Options { get; init; } = [];
}
