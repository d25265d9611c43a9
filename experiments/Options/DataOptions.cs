using System.CommandLine;
using TorchAlign.Data;
using TorchAlign.Experiments.Settings;

namespace TorchAlign.Experiments.Options;

/// <summary>The options that say which data, shared by every command that takes data.</summary>
internal sealed class DataOptions
{
    private readonly Option<int?> _points = Opt.Maybe<int?>("--points", "Generators: number of points n.", range: NumberRange.AtLeast(2));
    private readonly Option<int?> _dimension = Opt.Maybe<int?>(
        "--dimension", "Generator gaussian: dimension d.", range: NumberRange.AtLeast(2));

    private readonly Option<double?> _margin = Opt.Maybe<double?>("--margin", "Generator gaussian: margin.", range: NumberRange.Share);
    private readonly Option<bool> _noHeader = Opt.Flag("--no-header", "The first line is data. [found by itself]");
    private readonly Option<bool> _header = Opt.Flag("--header", "The first line names the columns.");

    private readonly Option<string?> _label = Opt.Maybe<string>(
        "--label", "Label column, by name or by number from 1. [the last]", "COLUMN");

    private readonly Option<string?> _positive = Opt.Maybe<string>(
        "--positive", "The class that becomes +1; all others become -1.", "VALUE");

    private readonly Option<string?> _negative = Opt.Maybe<string>("--negative", "Keep only this class and the positive one.", "VALUE");
    private readonly Option<string?> _features = Opt.Maybe<string>(
        "--features", "Columns that are features, by name, by number from 1 or as a range, as in width,4,6-9. [all but the label]", "COLS");

    private readonly Option<string?> _drop = Opt.Maybe<string>("--drop", "Columns that are no features, in the same way.", "COLS");
    private readonly Option<bool> _decimalComma = Opt.Flag("--decimal-comma", "Tables: numbers are written 1,5 and not 1.5.");
    private readonly Option<string?> _encoding = Opt.Maybe<string>(
        "--encoding", "Of a text file, such as latin-1. [UTF-8 where it can be, else windows-1252]", "NAME");

    private readonly Option<bool> _center = Opt.Flag("--center", "Subtract each column's mean.");
    private readonly Option<bool> _standardize = Opt.Flag("--standardize", "Centre and divide by the standard deviation.");
    private readonly Option<bool> _constant = Opt.Flag("--append-constant", "Append a feature that is always 1 (a bias).");

    public const string SourceHelp =
        "planar, gaussian (generators), iris, digits (ship with TorchAlign), or a file: .csv, .tsv, .libsvm, .npz.";

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])
            [
                _points, _dimension, _margin, _noHeader, _header, _label, _features, _drop, _decimalComma, _encoding,
                _positive, _negative, _center, _standardize, _constant,
            ])
            command.Add(option);
    }

    public DataSettings Read(ParseResult parsed, string source)
    {
        foreach (var (one, other) in ((Option, Option)[])[(_header, _noHeader), (_features, _drop)])
            if (parsed.IsGiven(one) && parsed.IsGiven(other))
                throw new CommandException($"{one.Name} and {other.Name} exclude each other.");
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
                Features = parsed.GetValue(_features),
                Drop = parsed.GetValue(_drop),
                DecimalComma = parsed.GetValue(_decimalComma),
                Encoding = parsed.GetValue(_encoding),
                Positive = parsed.GetValue(_positive),
                Negative = parsed.GetValue(_negative),
                Center = parsed.GetValue(_center),
                Standardize = parsed.GetValue(_standardize),
                AppendConstant = parsed.GetValue(_constant),
            },
        };
    }
}
