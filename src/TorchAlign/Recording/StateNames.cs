using System.Globalization;
using System.Text.RegularExpressions;
using TorchAlign.Data;

namespace TorchAlign.Recording;

/// <summary>Which tensors of a file are W_1 .. W_L, by their names.</summary>
internal static partial class StateNames
{
    [GeneratedRegex(@"^W([1-9]\d*)$")]
    private static partial Regex Plain();

    [GeneratedRegex(@"^(L\d+(?:_\d+)?)_W([1-9]\d*)_(initial|final)$")]
    private static partial Regex OfRun();

    [GeneratedRegex(@"(^|\.|_)weight$")]
    private static partial Regex Weight();

    [GeneratedRegex(@"(^|\.|_)bias$")]
    private static partial Regex Bias();

    [GeneratedRegex(@"\d+")]
    private static partial Regex Digits();

    /// <summary>The names of W_1 .. W_L in order.</summary>
    /// <exception cref="DataException">A bias, a gap, several networks, or no layer.</exception>
    public static IReadOnlyList<string> Find(string path, IEnumerable<string> present, int? depth)
    {
        string[] names = [.. present];
        if (names.FirstOrDefault(name => Bias().IsMatch(name)) is { } bias)
            throw new DataException(
                $"{path}, tensor '{bias}': a bias; networks here are x -> W_L ... W_1 x without one. Build the layers "
                + "with nn.Linear(..., bias=False); a constant feature (--append-constant) does what the first bias would.");
        if (names.Any(name => Plain().IsMatch(name)))
            return Numbered(path, names.Where(name => Plain().IsMatch(name)), name => int.Parse(name.AsSpan(1)), "W");
        if (names.Any(name => OfRun().IsMatch(name))) return OfState(path, names, depth);
        string[] weights = [.. names.Where(name => Weight().IsMatch(name))];
        if (weights.Length > 0) return [.. weights.OrderBy(Natural, StringComparer.Ordinal)];
        throw new DataException(
            $"{path} holds no layers: it has {(names.Length == 0 ? "nothing" : string.Join(", ", names))}. Name them "
            + "W1, W2, ... as in numpy.savez(path, W1=..., W2=...), or save the state_dict of bias-free nn.Linear layers.");
    }

    private static IReadOnlyList<string> OfState(string path, string[] names, int? depth)
    {
        var networks = names.Select(name => OfRun().Match(name)).Where(match => match.Success)
            .GroupBy(match => match.Groups[1].Value)
            .Select(group => (
                Name: group.Key, Depth: group.Max(match => int.Parse(match.Groups[2].ValueSpan)), Group: group))
            .ToArray();
        var fitting = networks.Where(network => depth is null || network.Depth == depth).ToArray();
        if (fitting.Length != 1)
            throw new DataException(
                $"{path} holds the networks {string.Join(", ", networks.Select(network => network.Name))}; "
                + (depth is null ? "choose one with --depth L." : $"{fitting.Length} of them have depth {depth}."));
        var (chosen, _, matches) = fitting[0];
        var when = matches.Any(match => match.Groups[3].Value == "final") ? "final" : "initial";
        return Numbered(path, matches.Where(match => match.Groups[3].Value == when).Select(match => match.Value),
            name => int.Parse(OfRun().Match(name).Groups[2].ValueSpan), $"{chosen}_W", $"_{when}");
    }

    private static IReadOnlyList<string> Numbered(
        string path, IEnumerable<string> names, Func<string, int> number, string before, string after = "")
    {
        string[] ordered = [.. names.OrderBy(number)];
        for (var k = 1; k <= ordered.Length; k++)
            if (number(ordered[k - 1]) != k)
                throw new DataException(
                    $"{path}: tensor '{before}{k}{after}' is missing; the file has {string.Join(", ", ordered)}. "
                    + "Layers count from 1 without gaps.");
        return ordered;
    }

    /// <summary>Numbers padded, so that 10.weight comes after 2.weight; .safetensors does not keep an order.</summary>
    private static string Natural(string name) =>
        Digits().Replace(name, match => match.Value.PadLeft(9, '0').ToString(CultureInfo.InvariantCulture));
}
