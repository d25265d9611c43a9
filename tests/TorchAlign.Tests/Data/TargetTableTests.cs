using TorchAlign.Data;

namespace TorchAlign.Tests.Data;

/// <summary>Which columns become inputs and targets, and what is refused.</summary>
public sealed class TargetTableTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("torchalign-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Targets_are_named_or_counted_and_the_rest_are_inputs()
    {
        var path = Write("a,b,c,d\n1,2,3,4\n5,6,7,9\n");
        foreach (var targets in (string[])["d,b", "4,2", "-1, b"])
        {
            var table = TargetTable.Read(path, new ReadOptions(), targets);
            Assert.Equal(["a", "c"], table.Features);
            Assert.Equal(["d", "b"], table.Targets);
            Assert.Equal([1, 3, 5, 7], table.Set.X.Values.ToArray());
            Assert.Equal([4, 2, 9, 6], table.Set.Y.Values.ToArray());
        }
    }

    [Fact]
    public void A_last_column_of_numbers_is_an_input_and_one_of_words_is_left_out_and_said_to_be()
    {
        var numbers = TargetTable.Read(Write("a,b,c\n1,2,3\n4,6,5\n"), new ReadOptions(), "b");
        Assert.Equal(["a", "c"], numbers.Features);
        Assert.Equal([1, 3, 4, 5], numbers.Set.X.Values.ToArray());
        var words = TargetTable.Read(Write("a,b,c\n1,2,x\n4,6,y\n"), new ReadOptions(), "b");
        Assert.Equal(["a"], words.Features);
        Assert.Equal(["column c left out"], words.Preprocessing);
        // A column that is named as the label is no input, whatever it holds.
        Assert.Equal(["b"], TargetTable.Read(Write("a,b,c\n1,2,3\n4,6,5\n"), new ReadOptions { LabelColumn = "a" }, "c").Features);
    }

    [Fact]
    public void Inputs_may_be_named_and_targets_dropped()
    {
        var path = Write("a,b,c,d\n1,2,x,4\n5,6,y,9\n");
        foreach (var options in (ReadOptions[])[new() { Features = "a,4" }, new() { Features = "d,a" }])
        {
            var table = TargetTable.Read(path, options, "b");
            Assert.Equal(["a", "d"], table.Features);
            Assert.Equal([1, 4, 5, 9], table.Set.X.Values.ToArray());
            Assert.Equal([2, 6], table.Set.Y.Values.ToArray());
        }
        var dropped = TargetTable.Read(path, new ReadOptions { Drop = "b,c" }, "b");
        Assert.Equal(["a", "d"], dropped.Features);
        Assert.Equal(["b"], dropped.Targets);
    }

    [Fact]
    public void Targets_may_have_decimal_commas()
    {
        var table = TargetTable.Read(Write("a;b\n1,5;2,25\n3;4,5\n"), new ReadOptions { DecimalComma = true }, null);
        Assert.Equal([1.5, 3], table.Set.X.Values.ToArray());
        Assert.Equal([2.25, 4.5], table.Set.Y.Values.ToArray());
    }

    [Fact]
    public void Without_names_the_label_is_the_target() =>
        Assert.Equal(["c"], TargetTable.Read(Write("a,b,c\n1,2,3\n4,6,5\n"), new ReadOptions(), null).Targets);

    [Fact]
    public void Centring_takes_the_means_of_the_targets_too()
    {
        var table = TargetTable.Read(Write("a,b\n1,2\n3,8\n"), new ReadOptions { Center = true, AppendConstant = true }, "b");
        Assert.Equal([-1, 1, 1, 1], table.Set.X.Values.ToArray());
        Assert.Equal([-3, 3], table.Set.Y.Values.ToArray());
        Assert.Equal(["targets centred", "centred", "constant feature 1 appended"], table.Preprocessing);
    }

    [Theory]
    [InlineData("a,b\n1,2\n3,2\n", "b", "every sample has the value 2")]
    [InlineData("a,b\n1,2\n3,4\n", "c", "no column 'c'")]
    [InlineData("a,b\n1,2\n3,4\n", "b,b", "twice")]
    [InlineData("a,b\n1,2\n3,4\n", "b,2", "twice")]
    [InlineData("a,b\n1,2\n3,4\n", "a,b", "every column is a target")]
    [InlineData("a,b\n1,x\n3,y\n", "b", "line 2, column 2 (b): 'x' is no finite number")]
    [InlineData("a,b\n1,2\n3,nan\n", "b", "line 3, column 2 (b): 'NaN' is no finite number")]
    [InlineData("a,b\n1,2\n3,1e999\n", "b", "no finite number")]
    [InlineData("a,b\n1,2\n3,\n", "b", "missing")]
    [InlineData("a,b\n1,x\n3,y\n", null, "Name the columns of the targets (--targets)")]
    public void What_is_no_target_is_refused(string text, string? targets, string said)
    {
        var error = Assert.Throws<DataException>(() => TargetTable.Read(Write(text), new ReadOptions(), targets));
        Assert.Contains(said, error.Message);
    }

    [Theory]
    [InlineData("a,y\n1,x\n2,x\n", "one class only, x (2)")]
    [InlineData("a,y\n0,x\n2,y\n", "line 2, all columns: every feature is 0")]
    public void What_are_no_classes_is_refused(string text, string said) =>
        Assert.Contains(said, Assert.Throws<DataException>(() => ClassTable.Read(Write(text), new ReadOptions())).Message);

    [Fact]
    public void Numbers_that_were_measured_are_no_classes()
    {
        var text = "a,y\n" + string.Concat(Enumerable.Range(1, 30).Select(i => $"{i},{i}.5\n"));
        Assert.Contains("--task regress", Assert.Throws<DataException>(() => ClassTable.Read(Write(text), new ReadOptions())).Message);
    }

    [Fact]
    public void Classes_come_in_the_order_of_their_labels()
    {
        var table = ClassTable.Read(Write("a,y\n1,10\n2,9\n3,10\n"), new ReadOptions { AppendConstant = true });
        Assert.Equal(["9", "10"], table.Set.ClassNames);
        Assert.Equal([1, 0, 1], table.Set.Labels);
        Assert.Equal(["a", "constant"], table.Features);
    }

    private string Write(string text)
    {
        var path = Path.Combine(_folder, $"{Guid.NewGuid():N}.csv");
        File.WriteAllText(path, text);
        return path;
    }
}
