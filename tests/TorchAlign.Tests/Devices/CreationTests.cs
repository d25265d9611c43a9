using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace TorchAlign.Tests.Devices;

/// <summary>No tensor of the library is made on a device that nobody named.</summary>
public partial class CreationTests
{
    [Fact]
    public void Every_tensor_of_the_library_is_made_on_a_named_device()
    {
        string[] files = [.. Directory.EnumerateFiles(Library(), "*.cs", SearchOption.AllDirectories)];
        var calls = files.SelectMany(file => Calls(File.ReadAllText(file)).Select(call => $"{Path.GetFileName(file)}: {call}")).ToArray();
        Assert.True(calls.Length > 5, "the library is not where it is looked for");
        Assert.DoesNotContain(calls, call => !call.Contains("device"));
    }

    [Theory]
    [InlineData("var x = zeros(3, dtype: float64);", "zeros(3, dtype: float64)")]
    [InlineData("torch.tensor(new[] { 1.0, f(2) }, dtype: float32)", "tensor(new[] { 1.0, f(2) }, dtype: float32)")]
    [InlineData("full([n], (a + b) * c)", "full([n], (a + b) * c)")]
    public void One_that_is_not_would_be_found(string code, string call) => Assert.Equal([call], Calls(code));

    [Theory]
    [InlineData("x.ones_like(y)")]
    [InlineData("/// <summary>zeros(3) is no call.</summary>")]
    [InlineData("public void full_length(int x)")]
    public void What_makes_no_tensor_is_left_alone(string code) => Assert.Empty(Calls(code));

    private static IEnumerable<string> Calls(string code)
    {
        foreach (Match match in Creation().Matches(code))
        {
            var line = code.LastIndexOf('\n', match.Index) + 1;
            if (code[line..match.Index].TrimStart().StartsWith("//", StringComparison.Ordinal)) continue;
            var (depth, end) = (0, match.Index + match.Length - 1);
            var begin = match.Groups["call"].Index;
            do
            {
                depth += code[end] switch { '(' => 1, ')' => -1, _ => 0 };
                end++;
            } while (depth > 0);
            yield return code[begin..end];
        }
    }

    private static string Library([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "src", "TorchAlign"));

    [GeneratedRegex(@"(?<![\w.])(?:torch\.)?(?<call>(?:zeros|ones|empty|full|eye|arange|linspace|rand|randn|randint|randperm|tensor"
        + @"|scalar_tensor|from_array|as_tensor)\()")]
    private static partial Regex Creation();
}
