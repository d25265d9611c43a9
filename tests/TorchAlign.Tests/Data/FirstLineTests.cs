using TorchAlign.Data;

namespace TorchAlign.Tests.Data;

/// <summary>A first line that could be a point or the names of the columns is a question; others need no answer.</summary>
public class FirstLineTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("0,1,2,species\n5,3,1,a\n6,3,5,b\n5,4,1,a\n7,3,4,b\n")]
    [InlineData("400.5,401,401.5,kind\n5,3,1,a\n6,3,5,b\n5,4,1,a\n")]
    [InlineData("0,1,2,3\n5,3,1,0\n6,3,5,1\n5,4,1,0\n7,3,4,1\n")]
    [InlineData(",0,1,species\n0,3,1,a\n1,3,5,b\n2,4,1,a\n")]
    [InlineData("1,x,species\n3,1,a\n3,5,b\n")]
    public void A_line_that_could_be_either_is_a_question_that_names_both_answers(string text)
    {
        var path = folder.Write("p.csv", text);
        var message = Assert.Throws<DataException>(() => DataFile.Read(path)).Message;
        foreach (var part in (string[])["p.csv, line 1", "--header", "--no-header"]) Assert.Contains(part, message);
        if (text.StartsWith(',')) return;
        var options = new ReadOptions { HasHeader = true, Positive = text[^2..^1] };
        Assert.Equal(text.Split('\n').Length - 2, DataFile.Read(path, options).Count);
    }

    [Theory]
    [InlineData("1,2,a\n3,4,b\n5,6,a\n", 3)]
    [InlineData("1,2,a\n3,4,b\n", 2)]
    [InlineData("0,1,1\n2,3,0\n4,5,0\n6,7,1\n", 4)]
    [InlineData("1,2,3,0\n2,3,4,1\n4,5,6,1\n", 3)]
    [InlineData("x,y,c\n3,4,b\n5,6,a\n", 2)]
    [InlineData("id,x,c\n0,4,b\n1,6,a\n2,6,a\n", 3)]
    public void Ordinary_files_need_no_flag(string text, int points) =>
        Assert.Equal(points, DataFile.Read(folder.Write("o.csv", text)).Count);

    [Fact]
    public void What_is_answered_is_not_asked()
    {
        var path = folder.Write("p.csv", "0,1,species\n5,3,a\n6,3,b\n5,4,a\n");
        Assert.Equal(["0", "1"], DataFile.Read(path, new ReadOptions { HasHeader = true }).FeatureNames);
        Assert.Equal(4, DataFile.Read(path, new ReadOptions { HasHeader = false, Positive = "a" }).Count);
    }

    [Theory]
    [InlineData(",x,y,c\n0,4,1,b\n1,6,2,a\n2,6,3,a\n", "--drop=1)", "1")]
    [InlineData(",0,1,c\n1,4,1,b\n2,6,2,a\n3,6,3,a\n", "--drop=-4)", "-4")]
    public void The_index_that_pandas_writes_is_no_feature_unless_somebody_says_so(string text, string advice, string drop)
    {
        var path = folder.Write("i.csv", text);
        var options = new ReadOptions { HasHeader = true };
        Assert.Contains(advice, Assert.Throws<DataException>(() => DataFile.Read(path, options)).Message);
        Assert.Equal([4, 1, 6, 2, 6, 3], DataFile.Read(path, options with { Drop = drop }).X);
        Assert.Equal(3, DataFile.Read(path, options with { Features = "1-3" }).Dimension);
    }
}
