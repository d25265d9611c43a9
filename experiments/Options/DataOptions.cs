using System.CommandLine;
using TorchAlign.Data;
using TorchAlign.Experiments.Settings;

namespace TorchAlign.Experiments.Options;

/// <summary>The options that say which data, shared by every command that takes data.</summary>
internal sealed class DataOptions
{
    private readonly Option<int?> _points = Opt.Maybe<int?>("--points", "Generators: number of points n.");
    private readonly Option<int?> _dimension = Opt.Maybe<int?>("--dimension", "Generator gaussian: dimension d.");
    private readonly Option<double?> _margin = Opt.Maybe<double?>("--margin", "Generator gaussian: margin.");
    private readonly Option<bool> _noHeader = Opt.Flag("--no-header", "The first line is data. [found by itself]");
    private readonly Option<bool> _header = Opt.Flag("--header", "The first line names the columns.");

    private readonly Option<string?> _label = Opt.Maybe<string>(
        "--label", "Label column, by name or by number from 1. [the last]", "COLUMN");

    private readonly Option<string?> _positive = Opt.Maybe<string>(
        "--positive", "The class that becomes +1; all others become -1.", "VALUE");

    private readonly Option<string?> _negative = Opt.Maybe<string>("--negative", "Keep only this class and the positive one.", "VALUE");
    private readonly Option<bool> _center = Opt.Flag("--center", "Subtract each column's mean.");
    private readonly Option<bool> _standardize = Opt.Flag("--standardize", "Centre and divide by the standard deviation.");
    private readonly Option<bool> _constant = Opt.Flag("--append-constant", "Append a feature that is always 1 (a bias).");

    public const string SourceHelp =
        "planar, gaussian (generators), iris, digits (ship with TorchAlign), or a file: .csv, .tsv, .libsvm, .npz.";

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])
            [_points, _dimension, _margin, _noHeader, _header, _label, _positive, _negative, _center, _standardize, _constant])
            command.Add(option);
    }

    public DataSettings Read(ParseResult parsed, string source)
    {
        if (parsed.GetValue(_header) && parsed.GetValue(_noHeader))
            throw new CommandException("--header and --no-header exclude each other.");
        return new DataSettings
        {
            Source = source,
            Points = parsed.GetValue(_points),
            Dimension = parsed.GetValue(_dimension),
            Margin = parsed.GetValue(_margin),
            Read = new ReadOptions
            {
                HasHeader = parsed.GetValue(_header) ? true : parsed.GetValue(_noHeader) ? false : null,
                LabelColumn = parsed.GetValue(_label),
                Positive = parsed.GetValue(_positive),
                Negative = parsed.GetValue(_negative),
                Center = parsed.GetValue(_center),
                Standardize = parsed.GetValue(_standardize),
                AppendConstant = parsed.GetValue(_constant),
            },
        };
    }
}
