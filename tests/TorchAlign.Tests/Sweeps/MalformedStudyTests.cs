using System.Text;
using TorchAlign.Experiments;
using TorchAlign.Experiments.Sweeps.Planning;
using TorchAlign.Experiments.Sweeps.Studies;

namespace TorchAlign.Tests.Sweeps;

/// <summary>Studies that somebody mistyped: each is told what is wrong with it, or means something.</summary>
public sealed class MalformedStudyTests
{
    private const int Mutants = 250;

    private const string Study = """
        name: mutant
        command: train
        fixed:
          data: planar
          points: 12
          loss: exponential
          to: 1e-9
        grid:
          depth: [1, "1,2"]
          scale: {log: [1e-3, 1e-1], count: 2}
        zip:
          - width: [2, 3]
            separated: [true, false]
        seeds: {count: 2, first: 3}
        slurm:
          partition: short
          time: 1-00:30
          memory: 2G
          throttle: 10
          environment:
            - module load dotnet
          options: {account: lab}

        """;

    private const string Letters = " \t\n:-,[]{}&*!|>'\"%@`#?0123456789eEaxz.\\\u0000\u00e9\u2028";

    private static readonly System.CommandLine.Command Root = CommandLine.Root();

    [Fact]
    public void A_mutated_study_is_an_error_that_says_where_or_a_study()
    {
        var (valid, refused) = (0, 0);
        for (var seed = 0; seed < Mutants; seed++)
        {
            var text = Mutate(Study, new Random(seed));
            try
            {
                var study = StudyReader.Read("study.yaml", text, Root);
                Assert.NotEmpty(Planner.Plan(study, Root, CancellationToken.None, most: 40));
                valid++;
            }
            catch (CommandException error)
            {
                refused++;
                foreach (var line in error.Message.Split('\n').Where(line => !line.StartsWith("... and ", StringComparison.Ordinal)))
                    Assert.Matches(@"^study\.yaml(:\d+:\d+)?: .", line);
            }
            catch (Exception error)
            {
                Assert.Fail($"seed {seed}: {error}\n{text}");
            }
        }
        // Neither a reader that takes everything nor one that takes nothing would pass.
        Assert.True(valid > 10, $"{valid} valid");
        Assert.True(refused > 100, $"{refused} refused");
    }

    private static string Mutate(string text, Random random)
    {
        for (var change = random.Next(1, 4); change > 0; change--)
        {
            var lines = text.Split('\n').ToList();
            var (at, other) = (random.Next(lines.Count), random.Next(lines.Count));
            var letters = new StringBuilder(text);
            var place = random.Next(text.Length);
            switch (random.Next(8))
            {
                case 0: letters.Remove(place, 1); break;
                case 1: letters.Insert(place, Letters[random.Next(Letters.Length)]); break;
                case 2: letters[place] = Letters[random.Next(Letters.Length)]; break;
                case 3: letters.Remove(place, Math.Min(random.Next(1, 30), text.Length - place)); break;
                case 4: lines.RemoveAt(at); letters = Joined(lines); break;
                case 5: lines.Insert(at, lines[other]); letters = Joined(lines); break;
                case 6: (lines[at], lines[other]) = (lines[other], lines[at]); letters = Joined(lines); break;
                case 7: lines[at] = new string(' ', random.Next(5)) + lines[at].TrimStart(); letters = Joined(lines); break;
            }
            text = letters.ToString();
            if (text.Length == 0) break;
        }
        return text;
    }

    private static StringBuilder Joined(IEnumerable<string> lines) => new(string.Join('\n', lines));
}
