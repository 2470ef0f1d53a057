using System.Collections.Immutable;

namespace Torchlet.Tests;

/// <summary>Scripts as people name them, and what they are told of them.</summary>
public sealed class ScriptNamesTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public ScriptNamesTests()
    {
        foreach (var name in new[] { "01_infer_pretrained", "02_train_cross_entropy", "gallery/spiral", "gallery/two_layer_net", "07_one", "7_two" })
            File.WriteAllText(Directory.CreateDirectory(Path.GetDirectoryName(PathOf(name))!) is var _ ? PathOf(name) : "", "");
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("02", "02_train_cross_entropy"), InlineData("2", "02_train_cross_entropy"), InlineData("2.csx", "02_train_cross_entropy")]
    [InlineData("02_train_cross_entropy", "02_train_cross_entropy"), InlineData("scripts/02_train_cross_entropy", "02_train_cross_entropy")]
    [InlineData("scripts/02", "02_train_cross_entropy"), InlineData("spiral", "gallery/spiral"), InlineData("gallery/spiral.csx", "gallery/spiral")]
    public void A_script_is_found_by_path_name_or_number(string named, string script) => Assert.Equal(PathOf(script), ScriptNames.Find(named, folder.Path));

    [Theory]
    [InlineData("02_trian_cross_entropy.csx", "did you mean ", "02_train_cross_entropy.csx?")]
    [InlineData("scripts/02_train_cross_entrop.csx", "did you mean ", "02_train_cross_entropy.csx?")]
    [InlineData("train", "did you mean ", "02_train_cross_entropy.csx?"), InlineData("trian", "did you mean ", "02_train_cross_entropy.csx?")]
    [InlineData("Spirl", "did you mean ", "spiral.csx?"), InlineData("gallery/spral", "did you mean ", "spiral.csx?")]
    [InlineData("08", "08 is not there; name a .csx file, or one of 01_infer_pretrained, ", ", spiral, two_layer_net.")]
    [InlineData("7", "7 is the number of 2 scripts; name one: ", "07_one, 7_two.")]
    [InlineData("quite\nelse", "quite?else is not there; ", ".")]
    public void A_name_that_is_not_found_is_one_line_with_what_was_meant(string named, string start, string end)
    {
        Assert.Null(ScriptNames.Find(named, folder.Path));
        var complaint = ScriptNames.Complaint(named, folder.Path);
        Assert.Contains(start, complaint);
        Assert.EndsWith(end, complaint);
        Assert.DoesNotContain('\n', complaint);
    }

    [Fact]
    public void A_folder_is_called_one() => Assert.EndsWith("is a folder; name a .csx file in it.", ScriptNames.Complaint(folder.Path, folder.Path));

    public static TheoryData<string> Scripts =>
        [.. ScriptNames.All(ProjectFolders.Root).Except(["repl"]).Select(name => ScriptNames.Find(name, ProjectFolders.Root)!)];

    [Theory, MemberData(nameof(Scripts))]
    public void Every_scripts_help_says_first_what_it_does(string script)
    {
        var help = CommandLine.Read(["--help"], new Undescribed(), script).Help!.Split('\n');
        Assert.Matches(@"^\w+.{20}", help[0]);
        Assert.DoesNotContain(help, line => line.Contains("dotnet script", StringComparison.Ordinal));
        var lines = File.ReadAllLines(script);
        Assert.Contains(lines, line => line.StartsWith("//   dotnet script ", StringComparison.Ordinal) && line.EndsWith("(after dotnet build lib/Csx)"));
        var toRun = lines[0].Split("\"$(dirname \"$0\")/")[1].Split('"')[0];
        Assert.Equal(Path.Combine(ProjectFolders.Root, "run.cs"), Path.GetFullPath(Path.Combine(Path.GetDirectoryName(script)!, toRun)));
    }

    [Fact]
    public void The_sweeps_usage_begins_with_the_script() => Assert.Contains(
        "\n  05_sweep.csx <script> [options] [options of the script]\n", CommandLine.Read(["--help"], new SweepConfig(), "scripts/05_sweep.csx").Help);

    [Theory]
    [InlineData("--sched", "--schedule"), InlineData("--epochs 3 --see", "--seed --seeds"), InlineData("--model le", "lenet")]
    [InlineData("--model=le", "--model=lenet"), InlineData("--model = le", "lenet")]
    [InlineData("--optimizer ad", "adam adamw adagrad adadelta"), InlineData("--augment shift:2,rot", "shift:2,rotate:10")]
    [InlineData("--plain t", "true"), InlineData("--data my", ""), InlineData("--epochs 3 --hel", "--help")]
    public void A_shell_is_told_options_and_their_values(string typed, string suggestions) => Assert.Equal(
        suggestions.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(),
        CommandLine.Suggestions(typed.Split(' '), new TrainConfig()).Order());

    [Fact]
    public void The_gallery_takes_fewer_examples_for_a_quick_try()
    {
        var data = Tensors.SmallData();
        Assert.Equal(7, new GalleryConfig { Limit = 7 }.Examples(data).Train.Count);
        Assert.Throws<TorchletException>(() => new GalleryConfig { Limit = 1_000_000 }.Examples(data));
    }

    string PathOf(string name) => Path.Combine(folder.Path, "scripts", $"{name}.csx");

    sealed record Undescribed : ScriptConfig;
}
