using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using FsCheck;
using Microsoft.FSharp.Core;

namespace TorchAlign.Tests;

/// <summary>
/// Properties over random inputs, the same ones in every run: the seed is that of the test's name. A failure prints the seed of the
/// inputs that broke it, and the variable TORCHALIGN_TEST_SEED replays them: <c>SEED,GAMMA,SIZE</c> those alone, <c>SEED,GAMMA</c> the
/// sequence that starts there, <c>new</c> one that nobody has seen.
/// </summary>
internal static partial class RandomInputs
{
    public const string Variable = "TORCHALIGN_TEST_SEED";

    /// <param name="property">What must hold.</param>
    /// <param name="tests">How many inputs are tried.</param>
    /// <param name="test">The caller's name, by itself.</param>
    public static void Holds(this Property property, int tests = 100, [CallerMemberName] string test = "")
    {
        try
        {
            property.Check(Config.QuickThrowOnFailure.WithMaxTest(tests).WithReplay(
                SeedOf(test, Environment.GetEnvironmentVariable(Variable))));
        }
        catch (Exception failure) when (Step().Match(failure.Message) is { Success: true } step)
        {
            throw new InvalidOperationException(
                $"{Variable}={step.Groups["seed"]},{step.Groups["size"]} replays this: {failure.Message}", failure);
        }
    }

    internal static FSharpOption<Replay> SeedOf(string test, string? asked)
    {
        if (asked == "new") return FSharpOption<Replay>.None;
        var numbers = string.IsNullOrEmpty(asked) ? [NumberOf(test)] : asked.Split(',').Select(ulong.Parse).ToArray();
        var start = numbers.Length > 1 ? new Rnd(numbers[0], numbers[1]) : new Rnd(numbers[0]);
        return FSharpOption<Replay>.Some(new Replay(start, numbers.Length > 2 ? (int)numbers[2] : FSharpOption<int>.None));
    }

    /// <summary>FNV-1a, because string.GetHashCode changes from process to process.</summary>
    private static ulong NumberOf(string name) =>
        name.Aggregate(14695981039346656037UL, (hash, letter) => unchecked((hash ^ letter) * 1099511628211UL));

    /// <summary>FsCheck's own words for the step that failed.</summary>
    [GeneratedRegex(@"size of (?<size>\d+) and seed of \((?<seed>\d+,\d+)\)")]
    private static partial Regex Step();
}
