using TorchAlign.Data;
using TorchAlign.Numerics;

namespace TorchAlign.Tests.Data;

public sealed class ClassifiedSetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Digits_read_as_ten_classes_of_small_images()
    {
        var set = ClassifiedSet.Read(RepositoryFiles.Digits, image: new ImageShape(1, 8, 8));
        Assert.Equal((1797, 64, 10), (set.Count, set.Dimension, set.Classes));
        Assert.Equal(Enumerable.Range(0, 10).Select(c => $"{c}"), set.ClassNames);
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], set.Labels[..10]);
        Assert.Equal([0.0, 0, 5, 13], set.X.Row(0)[..4].ToArray());
        var scaled = set.Scaled();
        Assert.Equal([0, 0, 5 / 16.0, 13 / 16.0], scaled.X.Row(0)[..4].ToArray());
        Assert.Equal(new ImageShape(1, 8, 8), scaled.Image);
        Assert.NotEqual(set.Hash, scaled.Hash);
    }

    [Fact]
    public void Classes_follow_their_labels_numbers_by_value()
    {
        var set = ClassifiedSet.Read(_folder.Write("a.csv", "kind,x\n10,1\n9,2\nb,3\n9.0,4\n"), "kind");
        Assert.Equal(["9", "10", "b"], set.ClassNames);
        Assert.Equal([1, 0, 2, 0], set.Labels);
        Assert.Equal(
            new double[,] { { 0, 1, 0 }, { 1, 0, 0 }, { 0, 0, 1 }, { 1, 0, 0 } }.Cast<double>(), set.OneHot().Values.ToArray());
        Assert.Equal(set.OneHot().Values.ToArray(), set.ToRegression().Y.Values.ToArray());
    }

    [Fact]
    public void Subsets_keep_the_order()
    {
        var set = new ClassifiedSet("s", new Matrix(6, 1, [0, 1, 2, 3, 4, 5]), [1, 0, 1, 1, 0, 3], ["a", "b", "c", "d"]);
        Assert.Equal([0.0, 1, 5], set.FirstOfEach(1).X.Values.ToArray());
        Assert.Equal([1, 0, 3], set.FirstOfEach(1).Labels);
        Assert.Equal([0.0, 1, 2, 3], set.First(4).X.Values.ToArray());
        Assert.NotEqual(set.Hash, set.First(5).Hash);
        Assert.Contains("class d has 1", Assert.Throws<DataException>(() => set.FirstOfEach(2)).Message);
        Assert.Contains("has 6 points", Assert.Throws<DataException>(() => set.First(7)).Message);
    }

    [Fact]
    public void A_label_changes_the_hash()
    {
        var x = new Matrix(2, 1, [1, 2]);
        Assert.NotEqual(
            new ClassifiedSet("s", x, [0, 1], ["a", "b"]).Hash, new ClassifiedSet("s", x, [1, 1], ["a", "b"]).Hash);
    }

    [Fact]
    public void What_cannot_be_is_refused()
    {
        var x = new Matrix(2, 2, [1, 2, 3, 4]);
        Refused("3 labels", () => new("s", x, [0, 0, 0], ["a"]));
        Refused("label 1 is 2", () => new("s", x, [0, 2], ["a", "b"]));
        Refused("label 0 is -1", () => new("s", x, [-1, 0], ["a", "b"]));
        Refused("feature 1 is NaN", () => new("s", new Matrix(1, 2, [0, double.NaN]), [0], ["a"]));
        Refused("1x2x2 has 4 numbers", () => new("s", x, [0, 0], ["a"], new ImageShape(1, 2, 2)));
        Refused("nothing to scale", () => new ClassifiedSet("s", new Matrix(1, 2, [3, 3]), [0], ["a"]).Scaled());
        Refused("no such file", () => ClassifiedSet.Read(_folder["none.csv"]));
        Refused("has no train-images", () => ClassifiedSet.Read(_folder.Folder));
    }

    private static void Refused(string message, Func<ClassifiedSet> make) =>
        Assert.Contains(message, Assert.Throws<DataException>(make).Message);
}
