namespace TorchAlign.Experiments.Papers;

/// <summary>Everything that decides a run of <c>paper jt nonlinear</c>.</summary>
internal sealed record NonlinearSettings
{
    /// <summary>The folder of CIFAR-10's binary files; null takes the 8x8 digits that ship.</summary>
    public required string? Cifar { get; init; }

    /// <summary>Images taken from the start of the set; null takes all.</summary>
    public required int? Images { get; init; }

    /// <summary>Channels of the first convolution; the second has twice as many.</summary>
    public required int Channels { get; init; }

    /// <summary>Units of the two hidden dense layers.</summary>
    public required int Width { get; init; }

    /// <summary>||W||_F of every dense layer of the Gaussian start.</summary>
    public required double Norm { get; init; }

    public required int Batch { get; init; }

    public required double LearningRate { get; init; }

    /// <summary>The run ends when the loss over all images is at most this.</summary>
    public required double Loss { get; init; }

    public required int Steps { get; init; }

    public required int Seed { get; init; }

    /// <summary>The name of the device that holds network and images.</summary>
    public required string Device { get; init; }

    /// <exception cref="CommandException">A value no run can have.</exception>
    public void Check()
    {
        foreach (var (option, value) in ((string, int)[])
            [("--images", Images ?? 1), ("--channels", Channels), ("--width", Width), ("--batch", Batch), ("--steps", Steps)])
            if (value < 1) throw new CommandException($"{option} must be at least 1; got {value}.");
        foreach (var (option, value) in ((string, double)[])[("--norm", Norm), ("--lr", LearningRate), ("--loss", Loss)])
            if (!(value > 0 && double.IsFinite(value))) throw new CommandException($"{option} must be positive and finite; got {value}.");
    }
}
