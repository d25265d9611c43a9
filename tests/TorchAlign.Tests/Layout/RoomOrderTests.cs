using System.Text.RegularExpressions;
using TorchAlign.Tests.Data;

namespace TorchAlign.Tests.Layout;

/// <summary>Each room of the library and of the command uses only those before it, so that no arrow runs back.</summary>
public class RoomOrderTests
{
    private static readonly string[] Library =
    [
        "Checkpoints", "Numerics", "Data", "Networks", "Devices", "Losses", "States", "Fields", "Dynamics", "Optimizers", "MaxMargin",
        "Alignment", "Landscape", "Claims", "Recording",
    ];

    private static readonly string[] Command =
    [
        "Machines", "Python", "Settings", "Options", "Margins", "Reporting", "Runs", "Verify", "Doctor", "Papers", "Tasks", "Bench",
        "Compare", "Commands", "Sweeps",
    ];

    /// <summary>Programs of their own, which nothing uses, and what packages bring.</summary>
    private static readonly string[] NotRooms = ["benchmarks", "tour", "report"];

    [Fact]
    public void The_library_has_no_arrow_that_runs_back() =>
        Assert.Empty(ArrowsBack(Path.Combine("src", "TorchAlign"), "TorchAlign", Library));

    [Fact]
    public void The_command_has_no_arrow_that_runs_back() =>
        Assert.Empty(ArrowsBack("experiments", "TorchAlign.Experiments", Command));

    [Theory]
    [InlineData("using TorchAlign.Claims;\nnamespace TorchAlign.Data;")]
    [InlineData("using static TorchAlign.Claims.Claim;\nnamespace TorchAlign.Data;")]
    [InlineData("namespace TorchAlign.Data;\nclass A { Claims.Claim B; }")]
    [InlineData("namespace TorchAlign.Data;\nclass A { TorchAlign.Claims.Claim B; }")]
    public void An_arrow_is_seen(string source) => Assert.True(Names(source, "TorchAlign", "Claims", ["Claim"]));

    [Theory]
    [InlineData("namespace TorchAlign.Data;\n/// <see cref=\"Claims.Claim\"/>\nclass A;")]
    [InlineData("namespace TorchAlign.Data;\nclass A { int B => run.Claims.Count + Claims.Count; }")]
    [InlineData("using TorchAlign.ClaimsOfOthers;\nnamespace TorchAlign.Data;")]
    public void Comments_and_members_are_no_arrows(string source) => Assert.False(Names(source, "TorchAlign", "Claims", ["Claim"]));

    private static IEnumerable<string> ArrowsBack(string folder, string root, string[] rooms)
    {
        var top = Path.Combine(RepositoryFiles.Root, folder);
        string[] files = Directory.GetFiles(top, "*.cs", SearchOption.AllDirectories);
        var sources = files.Select(file => (Path: Path.GetRelativePath(top, file).Split(Path.DirectorySeparatorChar), file))
            .Where(source => source.Path.Length > 1 && !NotRooms.Contains(source.Path[0])).ToLookup(source => source.Path[0]);
        Assert.Equal(rooms.Order(), sources.Select(room => room.Key).Order());
        return from later in Enumerable.Range(1, rooms.Length - 1)
               let types = sources[rooms[later]].Select(source => Path.GetFileNameWithoutExtension(source.file)).ToArray()
               from room in rooms.Take(later)
               from source in sources[room]
               where Names(File.ReadAllText(source.file), root, rooms[later], types)
               select $"{string.Join('/', source.Path)} -> {rooms[later]}";
    }

    /// <summary>Whether a source names a room: by using it, by the whole name, or by a type's name that starts with the room's.</summary>
    private static bool Names(string source, string root, string room, IEnumerable<string> types) => Regex.IsMatch(
        Regex.Replace(source, "//.*", ""),
        $@"\b{Regex.Escape(root)}\.{room}\b|(?<![\w.]){room}\.(?:{string.Join('|', types.Select(Regex.Escape))})\b");
}
