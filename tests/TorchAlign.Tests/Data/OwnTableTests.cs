using System.Text;
using TorchAlign.Data;
using TorchAlign.Recording;

namespace TorchAlign.Tests.Data;

/// <summary>Tables as people have them: columns that are no features, decimal commas, encodings of long ago.</summary>
public class OwnTableTests : IDisposable
{
    private const string Dated = "day,x,y,z,kind\n2024-01-05,1,2,3,a\n2024-01-06,4,5,6,b\n";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(null, "day", "x y z")]
    [InlineData(null, "1", "x y z")]
    [InlineData(null, "1,3", "x z")]
    [InlineData(null, "day,-2", "x y")]
    [InlineData("x,z", null, "x z")]
    [InlineData("z,x", null, "x z")]
    [InlineData("2-3", null, "x y")]
    [InlineData("3-4,x", null, "x y z")]
    public void Columns_are_chosen_by_name_number_and_range(string? features, string? drop, string names)
    {
        var set = DataFile.Read(folder.Write("d.csv", Dated), new ReadOptions { Features = features, Drop = drop });
        Assert.Equal(names.Split(' '), set.FeatureNames);
        Assert.Equal(names.Split(' ').Select(name => 1.0 + "xyz".IndexOf(name[0])), set.Row(0).ToArray());
        Assert.StartsWith("left out: day", set.Preprocessing[0]);
    }

    [Theory]
    [InlineData("--drop", "w", "no column 'w'")]
    [InlineData("--drop", "kind", "which is the label")]
    [InlineData("--drop", "1-4", "leaves no feature")]
    [InlineData("--drop", "3-9", "no range")]
    [InlineData("--features", "9", "no column '9'")]
    public void A_choice_that_cannot_be_is_told_with_the_columns(string option, string list, string what)
    {
        var path = folder.Write("d.csv", Dated);
        var options = option == "--drop" ? new ReadOptions { Drop = list } : new ReadOptions { Features = list };
        Assert.Contains(what, Assert.Throws<DataException>(() => DataFile.Read(path, options)).Message);
    }

    [Fact]
    public void A_column_of_words_is_told_how_to_be_left_out() =>
        Assert.Contains("--drop", Assert.Throws<DataException>(() => DataFile.Read(folder.Write("d.csv", Dated))).Message);

    [Fact]
    public void Arrays_and_sparse_files_have_columns_too()
    {
        NpzWriter.Write(folder["a.npz"], NpzArray.Float64("X", [1, 2, 3, 4, 5, 6], 2, 3), NpzArray.Int64("y", [0, 1]));
        Assert.Equal([2, 5], DataFile.Read(folder["a.npz"], new ReadOptions { Features = "2" }).X);
        Assert.Equal([3, 6], DataFile.Read(folder["a.npz"], new ReadOptions { Drop = "x0,x1" }).X);
        var sparse = folder.Write("s.libsvm", "1 1:1 3:3\n-1 2:5\n");
        Assert.Equal([1, 0, 0, 5], DataFile.Read(sparse, new ReadOptions { Drop = "-1" }).X);
    }

    [Theory]
    [InlineData("c.csv", "a;b;c\n1,5;2;no\n-1;,25;yes\n")]
    [InlineData("c.csv", "1,5;2,0;no\n-1;0,25;yes\n")]
    [InlineData("c.tsv", "1,5\t2\tno\n-1,0\t0,25\tyes\n")]
    [InlineData("c.csv", "\"1,5\",2,no\n\"-1,0\",\"0,25\",yes\n")]
    [InlineData("c.txt", "1,5 2 no\n-1,0 0,25 yes\n")]
    public void Decimal_commas_are_read_when_asked_for_and_told_of_when_not(string name, string text)
    {
        var path = folder.Write(name, text);
        Assert.Equal([1.5, 2, -1, 0.25], DataFile.Read(path, new ReadOptions { DecimalComma = true }).X);
        // Between spaces a comma is taken for what separates columns, and the rows come out of unequal length.
        var message = Assert.Throws<DataException>(() => DataFile.Read(path)).Message;
        if (name != "c.txt") Assert.Contains("--decimal-comma", message);
    }

    [Fact]
    public void A_point_in_a_file_of_decimal_commas_is_no_thousand() => Assert.Contains("'1.500'",
        Assert.Throws<DataException>(() => DataFile.Read(
            folder.Write("c.csv", "1,5;no\n1.500;yes\n"), new ReadOptions { DecimalComma = true })).Message);

    [Theory]
    [InlineData(null)]
    [InlineData("latin-1")]
    [InlineData("windows-1252")]
    public void Class_names_of_latin_1_can_be_chosen(string? encoding)
    {
        File.WriteAllBytes(folder["l.csv"], Encoding.Latin1.GetBytes("x,kind\n1,café\n2,thé\n3,café\n"));
        var set = DataFile.Read(folder["l.csv"], new ReadOptions { Positive = "café", Encoding = encoding });
        Assert.Equal(("café", "thé"), (set.PositiveLabel, set.NegativeLabel));
        if (encoding is not null) Assert.Empty(set.Notes);
        else Assert.Contains("line 2: not UTF-8; the file was read as windows-1252", Assert.Single(set.Notes));
    }

    [Fact]
    public void Encodings_are_checked()
    {
        File.WriteAllBytes(folder["l.csv"], Encoding.Latin1.GetBytes("x,kind\n1,café\n2,thé\n"));
        Assert.Contains("no encoding 'klingon'",
            Assert.Throws<DataException>(() => DataFile.Read(folder["l.csv"], new ReadOptions { Encoding = "klingon" })).Message);
        Assert.Contains("is not utf-8",
            Assert.Throws<DataException>(() => DataFile.Read(folder["l.csv"], new ReadOptions { Encoding = "utf-8" })).Message);
        File.WriteAllText(folder["u.csv"], "x,kind\n1,café\n2,thé\n", Encoding.Unicode);
        Assert.Equal("thé", DataFile.Read(folder["u.csv"]).PositiveLabel);
    }

    [Fact]
    public void No_control_character_of_a_file_is_left_in_a_name()
    {
        var path = folder.Write("e.csv", "x\u001b[31m,kind\n1,\u001b[2Ja\n2,b\u009b\u007f\n");
        var set = DataFile.Read(path, new ReadOptions { Positive = "\u001b[2Ja" });
        Assert.Equal(("␛[2Ja", "b<9B>␡", "x␛[31m"), (set.PositiveLabel, set.NegativeLabel, set.FeatureNames[0]));
    }

    [Theory]
    [InlineData("header")]
    [InlineData("label")]
    [InlineData("decimal-comma")]
    [InlineData("encoding")]
    public void What_says_nothing_about_a_file_is_refused(string option)
    {
        NpzWriter.Write(folder["a.npz"], NpzArray.Float64("X", [1, 2], 2, 1), NpzArray.Int64("y", [0, 1]));
        var options = option switch
        {
            "header" => new ReadOptions { HasHeader = true },
            "label" => new ReadOptions { LabelColumn = "1" },
            "encoding" => new ReadOptions { Encoding = "utf-8" },
            _ => new ReadOptions { DecimalComma = true },
        };
        Assert.Contains($"--{option}", Assert.Throws<DataException>(() => DataFile.Read(folder["a.npz"], options)).Message);
    }
}
