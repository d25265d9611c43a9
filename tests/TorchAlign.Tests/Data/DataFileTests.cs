using TorchAlign.Data;

namespace TorchAlign.Tests.Data;

public class DataFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Iris_reads_with_its_header()
    {
        LabelledSet set = DataFile.Read(RepositoryFiles.Iris, new ReadOptions { Positive = "setosa" });
        Assert.Equal((150, 4), (set.Count, set.Dimension));
        Assert.Equal(["sepal_length", "sepal_width", "petal_length", "petal_width"], set.FeatureNames);
        Assert.Equal(50, set.Y.Count(y => y == 1));
        Assert.Equal([5.1, 3.5, 1.4, 0.2], set.Row(0).ToArray());
        Assert.Equal(("setosa", "rest"), (set.PositiveLabel, set.NegativeLabel));
    }

    [Fact]
    public void Digits_three_against_five()
    {
        LabelledSet set = DataFile.Read(RepositoryFiles.Digits, new ReadOptions { Positive = "3", Negative = "5", LabelColumn = "digit" });
        Assert.Equal((365, 64), (set.Count, set.Dimension));
        Assert.Equal(183, set.Y.Count(y => y == 1));
        Assert.Equal(("3", "5"), (set.PositiveLabel, set.NegativeLabel));
    }

    [Theory]
    [InlineData("a.csv", "1.5,2,no\n-1,3e-1,yes\n")]
    [InlineData("a.csv", "x,y,class\r\n1.5,2,no\r\n\r\n-1,0.3,yes\r\n")]
    [InlineData("a.csv", "\uFEFFx,y,class\n1.5,2,no\n-1,.3,yes")]
    [InlineData("a.csv", "\"x\",\"y, in \"\"m\"\"\",class\n \"1.5\" ,2,\"no\"\n-1,0.3,yes\n")]
    [InlineData("a.csv", "x;y;class\n1.5;2;no\n-1;0.3;yes\n")]
    [InlineData("a.tsv", "1.5\t2\tno\n-1\t0.3\tyes\n")]
    [InlineData("a.txt", "# comment\n  1.5   2 no\n-1 0.3\tyes\n")]
    [InlineData("a.txt", "1.5,2,no\n-1,0.3,yes\n")]
    public void Tables_in_many_spellings_give_the_same_points(string name, string text)
    {
        LabelledSet set = DataFile.Read(folder.Write(name, text));
        Assert.Equal([1.5, 2, -1, 0.3], set.X);
        Assert.Equal([-1, 1], set.Y);
        Assert.Equal(("yes", "no"), (set.PositiveLabel, set.NegativeLabel));
    }

    [Fact]
    public void Numbers_do_not_depend_on_the_culture()
    {
        // InvariantGlobalization is on in this build; a culture made by hand still has a comma.
        var culture = (System.Globalization.CultureInfo)System.Globalization.CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberDecimalSeparator = ",";
        culture.NumberFormat.NumberGroupSeparator = ".";
        System.Globalization.CultureInfo before = System.Globalization.CultureInfo.CurrentCulture;
        try
        {
            System.Globalization.CultureInfo.CurrentCulture = culture;
            Assert.Equal([1.5, 2.25], DataFile.Read(folder.Write("c.csv", "1.5,0.5\n2.25,1.5\n")).X);
        }
        finally
        {
            System.Globalization.CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void A_quoted_cell_may_run_over_lines_and_errors_still_name_the_right_one()
    {
        string path = folder.Write("q.csv", "x,\"long\nname\",class\n1,2,a\n3,x,b\n");
        AssertError(() => DataFile.Read(path), "q.csv, line 4, column 2", "'x' is not a number");
    }

    [Theory]
    [InlineData(null, new double[] { 1, 2, 3, 4 })]
    [InlineData("-1", new double[] { 1, 2, 3, 4 })]
    [InlineData("3", new double[] { 1, 2, 3, 4 })]
    [InlineData("1", new double[] { 2, 0, 4, 1 })]
    [InlineData("b", new double[] { 1, 0, 3, 1 })]
    public void The_label_column_goes_by_name_or_number(string? label, double[] x) =>
        Assert.Equal(x, DataFile.Read(folder.Write("l.csv", "a,b,c\n1,2,0\n3,4,1\n"), new ReadOptions { LabelColumn = label }).X);

    [Fact]
    public void A_first_line_is_a_header_only_if_it_is_not_numbers()
    {
        Assert.Equal(3, DataFile.Read(folder.Write("h.csv", "1,2,a\n3,4,b\n5,6,a\n")).Count);
        Assert.Equal(2, DataFile.Read(folder.Write("h.csv", "1,2,a\n3,4,b\n5,6,a\n"), new ReadOptions { HasHeader = true }).Count);
        AssertError(() => DataFile.Read(folder.Write("h.csv", "1,x,a\n3,4,b\n")), "line 1, column 2", "'x' is not a number", "--no-header");
        AssertError(() => DataFile.Read(folder.Write("h.csv", "x,y,a\n3,4,b\n"), new ReadOptions { HasHeader = false }),
            "line 1, column 1", "'x' is not a number");
    }

    [Fact]
    public void Labels_that_are_the_same_number_are_one_class()
    {
        LabelledSet set = DataFile.Read(folder.Write("n.csv", "1,1\n2,1.0\n3,+1\n4,-1\n"), new ReadOptions { Positive = "01" });
        Assert.Equal([1, 1, 1, -1], set.Y);
    }

    [Theory]
    [InlineData("1,2,a\n3,,b\n", "line 2, column 2", "missing")]
    [InlineData("x,y,c\n1,2,a\n3,NA,b\n", "line 3, column 2 (y)", "missing")]
    [InlineData("1,2,a\n3,4,\n", "line 2, column 3", "label is missing")]
    [InlineData("1,2,a\n3,b\n", "line 2, column 3", "2 cells where the first has 3")]
    [InlineData("1,2,a\n3,4,5,b\n", "line 2, column 4", "4 cells where the first has 3")]
    [InlineData("1,2,a\n3,4x,b\n", "line 2, column 2", "'4x' is not a number")]
    [InlineData("1,2,a\n3,NaN,b\n", "line 2, column 2", "NaN")]
    [InlineData("1,2,a\n-inf,2,b\n", "line 2, column 1", "infinite")]
    [InlineData("1,2,a\n1e999,2,b\n", "line 2, column 1", "infinite")]
    [InlineData("", "line 1", "empty")]
    [InlineData("\n\n", "line 1", "empty")]
    [InlineData("x,y,c\n", "line 2", "no rows")]
    [InlineData("1\n2\n", "line 1", "one column")]
    [InlineData("1,2,a\n3,4,a\n", "label column", "one class only, a (2)")]
    [InlineData("1,2,c\n3,4,b\n5,6,a\n7,8,c\n", "label column", "a (1), b (1), c (2)")]
    [InlineData("1,2,a\n0,0,b\n", "line 2, all columns", "every feature is 0")]
    [InlineData("1,\"2,a\n3,4,b\n", "line 1, column 2", "never closed")]
    [InlineData("1,\"2\"x,a\n3,4,b\n", "line 1, column 2", "closing quotation mark")]
    public void What_is_wrong_with_a_table_is_said_with_its_place(string text, string place, string what) =>
        AssertError(() => DataFile.Read(folder.Write("bad.csv", text)), "bad.csv", place, what);

    [Fact]
    public void Classes_and_columns_that_are_not_there_are_said_with_those_that_are()
    {
        string path = folder.Write("o.csv", "x,y,c\n1,2,a\n3,4,b\n5,6,d\n");
        AssertError(() => DataFile.Read(path, new ReadOptions { Positive = "z" }), "o.csv", "positive class 'z'", "a (1), b (1), d (1)");
        AssertError(() => DataFile.Read(path, new ReadOptions { Positive = "a", Negative = "z" }), "negative class 'z'");
        AssertError(() => DataFile.Read(path, new ReadOptions { Positive = "a", Negative = "a" }), "both 'a'");
        AssertError(() => DataFile.Read(path, new ReadOptions { LabelColumn = "w" }), "label column 'w'", "1 x, 2 y, 3 c");
        AssertError(() => DataFile.Read(path, new ReadOptions { LabelColumn = "9" }), "label column '9'", "1 x, 2 y, 3 c");
        AssertError(() => DataFile.Read(folder["none.csv"]), "none.csv", "no such file");
        AssertError(() => DataFile.Read(folder.Folder), "is a folder");
        AssertError(() => DataFile.Read(folder.Write("a.parquet", "")), "'.parquet'", ".csv");
    }

    [Fact]
    public void Preprocessing_centres_standardises_and_appends()
    {
        string path = folder.Write("p.csv", "1,10,a\n2,30,b\n3,20,a\n");
        LabelledSet centred = DataFile.Read(path, new ReadOptions { Center = true });
        Assert.Equal([-1, -10, 0, 10, 1, 0], centred.X);
        LabelledSet standard = DataFile.Read(path, new ReadOptions { Standardize = true, AppendConstant = true });
        double s = Math.Sqrt(1.5);
        double[] expected = [-s, -s, 1, 0, s, 1, s, 0, 1];
        Assert.All(expected.Zip(standard.X), pair => Assert.Equal(pair.First, pair.Second, 1e-14));
        Assert.Equal(["x1", "x2", "constant"], standard.FeatureNames);
        Assert.Equal(["centred", "standardised", "constant feature 1 appended"], standard.Preprocessing);
        string constant = folder.Write("k.csv", "0.1,1,b\n0.1,2,a\n0.1,3,b\n");
        AssertError(() => DataFile.Read(constant, new ReadOptions { Standardize = true }), "k.csv", "column x1", "constant");
        Assert.Equal(0, DataFile.Read(constant, new ReadOptions { Center = true, AppendConstant = true }).X[0]);
        string middle = folder.Write("m.csv", "1,a\n2,b\n3,a\n");
        AssertError(() => DataFile.Read(middle, new ReadOptions { Center = true }), "m.csv, line 2", "once centred");
    }

    [Fact]
    public void Sparse_files_fill_what_is_not_written_with_zero()
    {
        LabelledSet set = DataFile.Read(folder.Write("s.libsvm", "+1 1:0.5 3:-2 # note\n\n-1 2:1e1\n"));
        Assert.Equal([0.5, 0, -2, 0, 10, 0], set.X);
        Assert.Equal([1, -1], set.Y);
        Assert.Equal([5, 0, 0, 6], DataFile.Read(folder.Write("z.svm", "1 0:5\n2 1:6\n")).X);
        Assert.Equal([5, 6], DataFile.Read(folder.Write("q.svmlight", "1 qid:3 1:5\n2 qid:3 1:6\n")).X);
    }

    [Theory]
    [InlineData("1 1:2\n-1 2:x\n", "line 2, column 2", "'x' is not a number")]
    [InlineData("1 1:2\n-1 3:1 2:1\n", "line 2, column 3", "ascend")]
    [InlineData("1 1:2\n-1 1:1 1:1\n", "line 2, column 3", "ascend")]
    [InlineData("1 1:2\n-1 5\n", "line 2, column 2", "not index:value")]
    [InlineData("1 1:2\n-1 a:5\n", "line 2, column 2", "not an index")]
    [InlineData("1 1:2\n-1 -1:5\n", "line 2, column 2", "not an index")]
    [InlineData("1 1:2\n1:3\n", "line 2, column 1", "label")]
    [InlineData("1 1:2\n-1 1:nan\n", "line 2, column 2", "NaN")]
    [InlineData("1 1:2\n-1\n", "line 2, all columns", "every feature is 0")]
    [InlineData("1 1:2\n-1 2000000000:1\n", "", "too many numbers")]
    [InlineData("1 1:2\n-1 2147483647:1\n", "dimension 2147483647", "too many numbers")]
    [InlineData("1 0:2\n-1 2147483647:1\n", "dimension 2147483648", "too many numbers")]
    [InlineData("", "line 1", "empty")]
    [InlineData("1\n-1\n", "line 1", "no line has a feature")]
    public void What_is_wrong_with_a_sparse_file_is_said_with_its_place(string text, string place, string what) =>
        AssertError(() => DataFile.Read(folder.Write("bad.libsvm", text)), "bad.libsvm", place, what);

    private static void AssertError(Action read, params string[] parts)
    {
        string message = Assert.Throws<DataException>(read).Message;
        Assert.All(parts, part => Assert.Contains(part, message));
    }
}
