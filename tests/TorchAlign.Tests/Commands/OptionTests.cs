using System.Text.Json.Nodes;
using TorchAlign.Experiments.Options;
using TorchAlign.Experiments.Runs;
using TorchAlign.Recording;
using TorchAlign.Tests.Data;

namespace TorchAlign.Tests.Commands;

/// <summary>Every number has its range, nothing that is given is passed over, and whatever is refused leaves nothing behind.</summary>
public sealed class OptionTests : IDisposable
{
    private readonly Program _program = new();

    public void Dispose() => _program.Dispose();

    [Theory]
    [InlineData("train --to nan", "--to must lie above 0 and below 1; got nan")]
    [InlineData("train --to -1", "--to")]
    [InlineData("train --to 0", "--to")]
    [InlineData("train --to 2", "--to")]
    [InlineData("figure1 --to 2", "--to")]
    [InlineData("train --risk nan", "--risk must be finite")]
    [InlineData("train --risk inf", "--risk")]
    [InlineData("train --time -1", "--time must be positive")]
    [InlineData("train --align 0", "--align")]
    [InlineData("train --gap -1", "--gap")]
    [InlineData("train --steps 1.5", "--steps must be a whole number, at least 1")]
    [InlineData("train --steps 1e19", "Only --fast-forward goes further")]
    [InlineData("train --steps nan", "--steps")]
    [InlineData("train --seconds -1", "--seconds")]
    [InlineData("train --samples 0", "--samples must be at least 1")]
    [InlineData("train --step 0", "--step")]
    [InlineData("train --rtol 1", "--rtol")]
    [InlineData("train --scale inf", "--scale")]
    [InlineData("train --threads 100000", "--threads must be at most 1024")]
    [InlineData("train --checkpoint-every -1", "--checkpoint-every")]
    [InlineData("train --width 0", "--width")]
    [InlineData("train --width 1000000", "--width must be at most 32768")]
    [InlineData("train --hidden 1000000", "--hidden takes whole numbers from 1 to 32768")]
    [InlineData("train --depth 1000000", "--depth takes whole numbers from 1 to 1000")]
    [InlineData("paper rnbu conv-factorisation --depth 1000000", "--depth must be at most 1000")]
    [InlineData("train --points 1", "--points must be at least 2")]
    [InlineData("train --points 3", "--points must be at least 4")]
    [InlineData("train --points 1e12", "--points takes a whole number of at most 2147483647; got '1e12'")]
    [InlineData("train --points 4.5", "--points takes a whole number; got '4.5'")]
    [InlineData("train --points 2000000000", "at most 100,000,000 are generated")]
    [InlineData("train --data gaussian --dimension 0", "--dimension must be at least 2")]
    [InlineData("train --data gaussian --margin 2", "--margin must lie above 0 and below 1")]
    [InlineData("margin planar --points 2000000000", "at most 100,000,000 are generated")]
    [InlineData("train --json=perhaps", "'perhaps'")]
    [InlineData("paper nrt steps --steps 1.5", "--steps must be a whole number from 1 to 1e12")]
    [InlineData("paper nrt saddles --steps 2.5", "--steps must be a whole number from 1 to 1e12")]
    [InlineData("paper nrt starts --threads 0", "--threads")]
    [InlineData("compare pytorch --case figure1 --steps 0", "--steps")]
    [InlineData("bench --rounds 0", "--rounds")]
    public void A_number_out_of_range_is_refused(string line, string mentions) => Refused(mentions, line.Split(' '));

    [Theory]
    [InlineData("--data")]
    [InlineData("--positive")]
    [InlineData("--start")]
    [InlineData("--resume")]
    public void An_empty_text_is_refused(string option) => Refused($"{option} is empty", "train", option, "");

    [Fact]
    public void An_empty_folder_is_refused()
    {
        // In this process the test's own folder would stand before it.
        var result = _program.RunApart("train", "--out", "");
        Assert.Contains("--out is empty", result.Error);
        Assert.Equal(2, result.ExitCode);
    }

    [Fact]
    public void A_source_that_is_empty_is_refused() => Refused("data is empty", "margin", " ");

    [Theory]
    [InlineData("--hidden 64-32 --depth 5", "--depth")]
    [InlineData("--hidden 64-32 --width 5", "--width")]
    [InlineData("--method flow --rule constant", "--rule")]
    [InlineData("--method flow --step 0.5", "--step")]
    [InlineData("--method flow --radius factor", "--radius")]
    [InlineData("--stepper euler --rtol 1e-3", "--rtol")]
    [InlineData("--method descent --loss logistic --stepper dopri5", "--stepper")]
    [InlineData("--method descent --loss logistic --clock time", "--clock")]
    [InlineData("--method descent --loss logistic --step 0.5", "--step")]
    [InlineData("--method descent --rule constant --radius factor", "--radius")]
    public void What_would_be_passed_over_in_silence_is_refused(string options, string option) =>
        Refused($"{option} would do nothing here", ["train", .. options.Split(' ')]);

    [Theory]
    [InlineData("margin iris --positive setosa --seed 3", "--seed")]
    [InlineData("compare sklearn iris --positive setosa --seed 3", "--seed")]
    [InlineData("compare pytorch runs/x --seed 3", "--seed")]
    [InlineData("bench --dtype float32", "--dtype")]
    [InlineData("paper nrt curves --problem identity --points 30", "--points")]
    public void So_it_is_in_other_commands(string line, string option) => Refused($"{option} would do nothing here", line.Split(' '));

    [Fact]
    public void A_run_with_a_folder_of_its_own_has_nothing_to_replace()
    {
        var result = _program.RunApart("train", "--depth", "1", "--to", "1e-3", "--replace");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--replace would do nothing here", result.Error);
        Assert.Empty(Directory.GetFileSystemEntries(_program.Folder));
    }

    /// <summary>Three at once, and nobody is turned away.</summary>
    [Fact]
    public async Task Runs_at_the_same_time_get_a_folder_each()
    {
        var runs = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
            _program.RunApart("train", "--data", "iris", "--positive", "setosa", "--depth", "1", "--to", "1e-3"))));
        Assert.All(runs, run => Assert.Equal("0", run.ExitCode == 0 ? "0" : run.Error));
        var made = Directory.GetDirectories(Path.Combine(_program.Folder, "runs"));
        string[] folders = [.. made.Select(path => Path.GetFileName(path)).Order()];
        Assert.Equal(["train-iris-seed7", "train-iris-seed7-2", "train-iris-seed7-3"], folders);
        Assert.All(folders, folder => Assert.True(File.Exists(Path.Combine(_program.Folder, "runs", folder, RunFolder.SummaryFile))));
        Assert.Equal(2, runs.Count(run => run.Error.Contains("is there already: this run goes to")));
    }

    [Theory]
    [InlineData("{data}-L{depth}-seed{seed}", "iris-L1-seed7")]
    [InlineData("{{{loss}}}-{to}", "{exponential}-1e-3")]
    [InlineData("{positive}/{center}", "set-osa/false")]
    public void A_folder_s_name_takes_the_run_s_options(string template, string folder)
    {
        _program.Write("iris.csv", File.ReadAllText(RepositoryFiles.Iris).Replace("setosa", "set/osa"));
        var result = _program.Run(
            "train", "--data", "iris.csv", "--positive", "set/osa", "--depth", "1", "--to", "1e-3", "--out", template);
        Assert.Equal("0", result.ExitCode == 0 ? "0" : result.Error);
        Assert.True(File.Exists(Path.Combine(_program.Folder, folder, RunFolder.SummaryFile)));
    }

    [Theory]
    [InlineData("runs/{dpeth}", "no option of that name")]
    [InlineData("runs/{hidden}", "this run has no --hidden")]
    [InlineData("runs/{json}", "no option of that name")]
    public void A_name_that_asks_for_what_is_not_there_is_refused(string template, string what) =>
        Refused(what, "train", "--out", template);

    [Fact]
    public void A_folder_for_temporary_files_that_is_not_there_is_told_before_the_run()
    {
        _program.Environment["TMPDIR"] = Path.Combine(_program.Folder, "gone");
        Refused("TMPDIR", "train", "--depth", "1", "--to", "1e-3", "--out", "run");
        Refused("TMPDIR", "paper", "nrt", "starts", "--out", "run");
    }

    [FactThatNeeds(Need.Unix)]
    public void A_working_folder_that_is_gone_is_told()
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("sh",
        [
            "-c", "cd \"$1\" && rmdir \"$1\" && exec dotnet \"$2\" doctor", "sh",
            Directory.CreateDirectory(Path.Combine(_program.Folder, "gone")).FullName,
            Path.Combine(AppContext.BaseDirectory, "TorchAlign.Experiments.dll"),
        ])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var result = Program.Finish(process);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("is not there any more", result.Error);
    }

    [Fact]
    public void A_run_is_resumed_as_often_kept_as_it_was()
    {
        Assert.Equal(0, _program.Run("train", "--depth", "1", "--to", "1e-3", "--checkpoint-every", "5", "--out", "run").ExitCode);
        Assert.Equal(5, Every("--resume", Path.Combine(_program.Folder, "run")));
        Assert.Equal(9, Every("--resume", Path.Combine(_program.Folder, "run"), "--checkpoint-every", "9"));
        Assert.Equal(60, Every("--depth", "1"));

        double Every(params string[] words)
        {
            var options = new RunOptions(7, "");
            var keeping = new KeepingOptions(options);
            var command = new System.CommandLine.Command("train");
            options.AddTo(command);
            keeping.AddTo(command);
            command.Add(Opt.Default("--depth", "1", ""));
            return keeping.Read(command.Parse(words), "train").Every.TotalSeconds;
        }
    }

    [Fact]
    public void Columns_of_one_s_own_are_kept_in_run_json_and_resumed()
    {
        _program.Write("d.csv", "id;when;a;b;kind\n1;mon;1,5;0,5;x\n2;tue;-1,5;0,25;y\n3;wed;2;0,5;x\n");
        string[] data = ["--drop", "id,when", "--decimal-comma"];
        var result = _program.Run(["train", "--data", "d.csv", .. data, "--depth", "1", "--to", "1e-3", "--out", "run"]);
        Assert.Equal("0", result.ExitCode == 0 ? "0" : result.Error);
        var run = JsonNode.Parse(File.ReadAllText(Path.Combine(_program.Folder, "run", RunFolder.DescriptionFile)))!;
        var read = run["configuration"]!["data"]!["read"]!;
        Assert.Equal("id,when", (string?)read["drop"]);
        Assert.True((bool)read["decimalComma"]!);
        Assert.Equal(0, _program.Run("train", "--resume", "run", "--replace").ExitCode);

        var margin = _program.Run(["margin", "d.csv", .. data, "--witness", "none"]);
        Assert.Equal(0, margin.ExitCode);
        foreach (var part in (string[])["d = 2", "left out: id, when", "--witness none"]) Assert.Contains(part, margin.Output);
    }

    [Fact]
    public void No_escape_sequence_of_a_file_reaches_the_terminal()
    {
        _program.Write("e.csv", "x,y,kind\n1,0,\u001b[31mred\n-1,0,\u001b]0;title\u0007\n");
        var good = _program.Run("margin", "e.csv", "--witness", "none");
        Assert.Equal(0, good.ExitCode);
        Assert.Contains("␛[31mred", good.Output);
        var bad = _program.Run("margin", "e.csv", "--positive", "\u001b[2J");
        Assert.Equal(2, bad.ExitCode);
        Assert.Contains("␛[2J", bad.Error);
        _program.Write("f.csv", "x,y,kind\n1,\u001b[2J,a\n-1,0,b\n");
        Assert.DoesNotContain('\u001b', good.Output + good.Error + bad.Error + _program.Run("margin", "f.csv", "--no-header").Error);
    }

    [Fact]
    public void A_guessed_encoding_is_told()
    {
        var bytes = System.Text.Encoding.Latin1.GetBytes("x,y,kind\n1,0,café\n-1,0,thé\n");
        File.WriteAllBytes(Path.Combine(_program.Folder, "l.csv"), bytes);
        foreach (var command in (string[])["margin l.csv --witness none", "train --data l.csv --depth 1 --to 1e-3"])
        {
            var result = _program.Run([.. command.Split(' '), "--positive", "café"]);
            Assert.Equal(0, result.ExitCode);
            Assert.Contains("read as windows-1252", result.Error);
        }
    }

    private void Refused(string mentions, params string[] arguments)
    {
        var result = _program.Run(arguments);
        Assert.Contains(mentions, result.Error);
        Assert.StartsWith("torchalign: ", result.Error);
        Assert.Equal(2, result.ExitCode);
        Assert.DoesNotContain("This should not happen", result.Error);
        Assert.Equal("", result.Output);
        Assert.Empty(Directory.GetDirectories(_program.Folder));
    }
}
