using System.Collections.Immutable;

namespace Torchlet.Tests;

/// <summary>A sweep: how its grid is read, what tells cells apart, what is refused, and that nothing is lost or done twice however it ends.</summary>
public sealed class SweepTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    string Data => field ??= SmallMnist.Write(Directory.CreateDirectory(Path.Combine(folder.Path, "data")).FullName, train: 60, test: 20);

    [Theory]
    [InlineData("lr=1e-4,1e-3", "lr", "1e-4|1e-3")]
    [InlineData("hidden=50,100;128,64", "hidden", "50,100|128,64")]
    [InlineData("hidden=50,100;", "hidden", "50,100")]
    [InlineData("--lr=2", "lr", "2")]
    public void A_grid_is_an_option_and_its_values(string line, string option, string values)
    {
        var axis = SweepAxis.Of(line);
        Assert.Equal((option, values), (axis.Option, string.Join('|', axis.Values)));
    }

    [Theory]
    [InlineData("0..3", "0|1|2|3")]
    [InlineData("-1..1", "-1|0|1")]
    [InlineData("7", "7")]
    [InlineData("5,3", "5|3")]
    public void Seeds_are_a_range_or_a_list(string text, string seeds) => Assert.Equal(seeds, string.Join('|', SweepAxis.OfSeeds(text).Values));

    [Theory]
    [InlineData("log:1e-6..1e-2", 1e-6, 1e-2)]
    [InlineData("-1..1", -1, 1)]
    [InlineData("whole:1..3", 1, 3)]
    [InlineData("1,2,4", 1, 4)]
    public void Draws_lie_in_their_range_and_more_of_them_begin_with_the_same(string range, double low, double high)
    {
        var (few, many) = (SweepAxis.Drawn($"lr={range}", 10).Values, SweepAxis.Drawn($"lr={range}", 200).Values);
        Assert.Equal(few, many[..10]);
        var numbers = many.Select(v => double.Parse(v, System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.All(numbers, x => Assert.InRange(x, low, high));
        var isLog = range.StartsWith("log", StringComparison.Ordinal);
        Assert.InRange(numbers.Count(x => x < (isLog ? Math.Sqrt(low * high) : (low + high) / 2)), 40, 160);
        if (range.StartsWith("whole", StringComparison.Ordinal)) Assert.Equal(["1", "2", "3"], many.Distinct().Order());
    }

    [Theory]
    [InlineData("--grid lr", "want an option and its values")]
    [InlineData("--grid lr=1,1", "is given twice")]
    [InlineData("--grid lr=1 --grid lr=2", "--lr is varied twice")]
    [InlineData("--grid seed=1,2 --seeds 0..1", "--seed is varied twice")]
    [InlineData("--seeds 4..0", "want the lower one first")]
    [InlineData("--seeds x", "want whole numbers")]
    [InlineData("--random 3", "--random wants `with`")]
    [InlineData("--random 3 with lr=log:0..1", "above 0")]
    [InlineData("--random 3 with lr=2..1", "want the lower number first")]
    [InlineData("--random 3 with lr=a..b", "'a' is not a number")]
    [InlineData("--random 1000000 with lr=0..1 --seeds 0..9", "the sweep has 10,000,000 cells")]
    public void What_is_no_plan_is_refused_in_one_line(string options, string because)
    {
        var error = Assert.Throws<CommandLineException>(() => SweepPlan.Of(Config($"x {options}")));
        Assert.Contains(because, error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void The_last_axis_is_the_fastest_and_the_seeds_are_the_last()
    {
        var plan = SweepPlan.Of(Config("x --grid lr=1,2 --grid hidden=3;4,5 --seeds 0..1 --epochs 7"));
        Assert.Equal(["lr", "hidden"], plan.Options);
        Assert.Equal(["1 3 0", "1 3 1", "1 4,5 0", "1 4,5 1", "2 3 0", "2 3 1", "2 4,5 0", "2 4,5 1"], plan.Cells.Select(c => string.Join(' ', c)));
        Assert.Equal(["--epochs", "7", "--lr=1", "--hidden=4,5", "--seed=1"], plan.Arguments(Config("x --epochs 7"), plan.Cells[3]));
    }

    [Fact]
    public void Draws_go_with_each_row_of_the_grid() =>
        Assert.Equal(2 * 5 * 3, SweepPlan.Of(Config("x --grid a=1,2 --random 5 with b=0..1 c=log:1..10 --seeds 0..2")).Cells.Distinct().Count());

    [Fact]
    public void A_combination_that_is_drawn_twice_is_run_once() =>
        Assert.Equal(["1", "2", "3"], SweepPlan.Of(Config("x --random 50 with a=whole:1..3")).Cells.Select(c => c[0]).Order());

    [Fact]
    public void Ten_thousand_cells_are_planned() =>
        Assert.Equal(10_000, SweepPlan.Of(Config("x --random 2000 with lr=log:1e-6..1e-2 --seeds 0..4")).Cells.Distinct().Count());

    [Theory]
    [InlineData("x --dry-run --epochs 2", "--script=x --dry-run --shared=--epochs|2")]
    [InlineData("x --jobs 3 --lr=2 --out=y", "--script=x --jobs=3 --out=y --shared=--lr=2")]
    [InlineData("x --on slurm --slurm --time=10", "--script=x --on=slurm --slurm=--time=10")]
    [InlineData("x --grid a=1 b=2 --grid c=3", "--script=x --grid=a=1|b=2|c=3")]
    [InlineData("--help", "--help")]
    public void A_sweeps_own_options_are_parted_from_the_scripts(string typed, string parted) =>
        Assert.Equal(parted, string.Join(' ', SweepArguments.Of(typed.Split(' '))).Replace(SweepConfig.Separator, '|'));

    [Fact]
    public void A_cell_is_another_one_with_other_options_data_or_script_and_the_same_one_wherever_it_writes()
    {
        var script = Path.Combine(folder.Path, "own.csx");
        File.WriteAllText(script, "// one");
        var config = new TrainConfig { Data = Data };
        var other = SmallMnist.Write(Directory.CreateDirectory(Path.Combine(folder.Path, "other")).FullName, train: 61, test: 20);
        string Id(TrainConfig options) => new CellIdentity(script).Of(options, CancellationToken.None);
        var id = Id(config);

        Assert.Matches("^[0-9a-f]{16}$", id);
        Assert.All([config with { Out = "x" }, config with { Plain = true }, config with { Resume = "y" }, config with { Data = Data + "/" }],
            same => Assert.Equal(id, Id(same)));
        TrainConfig[] others = [config with { Seed = 1 }, config with { LearningRate = 1 }, config with { Threads = 1 }, config with { Data = other }];
        Assert.Equal(others.Length + 1, others.Select(Id).Append(id).Distinct().Count());
        File.WriteAllText(script, "// two");
        Assert.NotEqual(id, Id(config));
    }

    [Fact]
    public void What_was_killed_anywhere_goes_on_to_the_same_results()
    {
        var (sweep, whole, killed) = (Described(), Path.Combine(folder.Path, "whole"), Path.Combine(folder.Path, "killed"));
        Run(sweep, whole, "0/1");
        // One cell is done, one was interrupted after an epoch, one had only claimed its folder, and one fails at first.
        Assert.Throws<InterruptedException>(() => Run(sweep, killed, "0/1", stopAfter: 3));
        Assert.Single(Directory.GetFiles(Path.Combine(killed, CellFiles.Home), "*.json"));
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(new CellFiles(killed, sweep[2].Id).Run).FullName, "status"), "running\n");
        Run(sweep, killed, "1/2");
        Run(sweep, killed, "0/2");
        Run(sweep, killed, "0/1");

        Assert.All(sweep, cell =>
        {
            var (one, other) = (new CellFiles(whole, cell.Id), new CellFiles(killed, cell.Id));
            Assert.Equal(CellResult.Read(one.Result) with { Seconds = 0, Metrics = [] }, CellResult.Read(other.Result) with { Seconds = 0, Metrics = [] });
            Assert.Equal(CellResult.Read(one.Result).Metrics, CellResult.Read(other.Result).Metrics);
            Assert.Equal(Weights.Read(Path.Combine(one.Run, "best.safetensors")).Arrays.SelectMany(a => a.Values.ToArray()),
                Weights.Read(Path.Combine(other.Run, "best.safetensors")).Arrays.SelectMany(a => a.Values.ToArray()));
        });
    }

    [Fact]
    public void A_failed_cell_says_why_and_does_not_stop_the_others()
    {
        var (cells, place) = (Described(), Path.Combine(folder.Path, "sweep"));
        var error = Assert.Throws<TorchletException>(() => Run(cells, place, "0/1", failing: cells[1]));
        Assert.StartsWith("1 cell of the slice is not done", error.Message);
        Assert.Equal("it fails\n", File.ReadAllText(new CellFiles(place, cells[1].Id).Failure));
        Assert.Equal([true, false, true, true], cells.Select(c => new CellFiles(place, c.Id).IsDone));
        Run(cells, place, "0/1");
        Assert.False(File.Exists(new CellFiles(place, cells[1].Id).Failure));
    }

    [Fact]
    public void Options_explain_the_variance_that_they_make()
    {
        var rows = from a in new[] { 1, 2 } from b in new[] { 1, 2 } from seed in new[] { 0, 1 } select Row(10 * a + b, $"{seed}", $"{a}", $"{b}");
        var shares = SweepSummary.Shares(new(["a", "b"], ["test_loss"], [.. rows]), "test_loss", ranges: []).ToDictionary(s => s.Option, s => s.Share);
        Assert.Equal(100.0 / 101, shares["a"], 12);
        Assert.Equal(1.0 / 101, shares["b"], 12);
        Assert.Equal(0, shares["seed"], 12);
    }

    [Fact]
    public void An_option_drawn_from_a_range_explains_what_a_line_over_it_does()
    {
        SweepResults results = new(["lr", "size"], ["test_loss"],
            [Row(1, "0", "1e-3", "7"), Row(2, "0", "1e-2", "9"), Row(3, "0", "1e-1", "9"), Row(4, "0", "1", "6")]);
        var shares = SweepSummary.Shares(results, "test_loss", ranges: ["lr", "size"]).ToDictionary(s => s.Option, s => s.Share);
        Assert.Equal(1, shares["lr"], 12);
        Assert.Equal(1.0 / 15, shares["size"], 12); // r = -1.5 / √(5 · 6.75) of the four points.
        var none = SweepSummary.Shares(results with { Rows = [Row(double.NaN, "0", "1", "6")] }, "test_loss", ranges: ["lr", "size"]);
        Assert.All(none, share => Assert.Equal(0, share.Share));
        Assert.Equal(["b"], SweepPlan.Of(Config("x --grid a=1,2 --random 3 with b=0..1 c=4,5")).Ranges);
    }

    [Fact]
    public void The_best_combination_comes_first_and_one_that_has_no_figure_last()
    {
        SweepResults results = new(["a"], ["test_loss"], [Row(2, "0", "x"), Row(double.NaN, "0", "y"), Row(1, "0", "z"), Row(2, "1", "z")]);
        Assert.Equal(["z", "x", "y"], results.Ranked.Select(r => r.First.Values[0]));
        Assert.Contains("| z | 1.5 ± 0.71 | 2 |", SweepSummary.Markdown(results, "script", 4, ranges: []));
    }

    [Theory]
    [InlineData(24, 60, 3)]
    [InlineData(5, 1, 1)]
    [InlineData(5, 36000, 5)]
    [InlineData(100_000, 60, 1000)]
    public void Tasks_take_about_ten_minutes(int cells, int seconds, int tasks) =>
        Assert.Equal(tasks, JobScript.SlicesOf(cells, TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void A_job_script_runs_a_slice_and_ends_as_it_does()
    {
        var plan = Path.Combine(folder.Path, "it's a plan.jsonl");
        var file = Path.Combine(folder.Path, "job.sh");
        File.WriteAllText(file, new JobScript("name", ["printf", "<%s>"], plan, Slices: 4, "--time=10").Text);
        var outcome = ScriptEngine.Start("bash", $"{file} 3", folder.Path, environment: ("SLURM_ARRAY_TASK_ID", ""));
        Assert.Equal((0, $"<--cells><{plan}><3/4>", ""), (outcome.ExitCode, outcome.Output, outcome.Error));
        Assert.Contains("which slice, from 0 to 3", ScriptEngine.Start("bash", file, folder.Path).Error);
        Assert.Contains("#SBATCH --time=10\n", File.ReadAllText(file));
    }

    [Theory]
    [InlineData(143, "RUNNING", "requeue 7_3\n")]
    [InlineData(138, "RUNNING", "requeue 7_3\n")]
    [InlineData(143, "COMPLETING", "")]
    [InlineData(1, "RUNNING", "")]
    public void A_task_that_was_asked_to_stop_goes_back_into_the_queue_unless_it_was_cancelled(int exitCode, string state, string scontrol)
    {
        var (file, programs) = (Path.Combine(folder.Path, "job.sh"), Path.Combine(folder.Path, "programs.sh"));
        File.WriteAllText(file, new JobScript("name", ["cell"], "plan", Slices: 4, "").Text);
        File.WriteAllText(programs, $"cell() {{ exit {exitCode}; }}; squeue() {{ [ \"$3\" = 7_3 ] && echo {state}; }}; scontrol() {{ echo \"$@\"; }}");
        var outcome = ScriptEngine.Start("bash", file, folder.Path,
            environment: [("SLURM_ARRAY_JOB_ID", "7"), ("SLURM_ARRAY_TASK_ID", "3"), ("BASH_ENV", programs)]);
        Assert.Equal((exitCode, scontrol, ""), (outcome.ExitCode, outcome.Output, outcome.Error));
    }

    [Fact]
    public void A_persons_own_script_is_swept_and_what_it_has_no_option_for_is_refused_before_the_first_cell()
    {
        var script = ScriptEngine.Write(folder.Path, "own.csx", """
            #load "../lib/bin/torchlet.csx"
            using System.ComponentModel.DataAnnotations;
            using Torchlet;

            return Script.Run(Args, new Own(), run =>
            {
                var (config, folder) = (run.Config, run.Begin());
                if (config.Step > 3) throw new TorchletException($"a step of {config.Step} is too long.");
                File.WriteAllText(folder.PathOf("answer.txt"), $"{config.Step * config.Factor}");
            });

            record Own : ScriptConfig
            {
                [Range(0.0, 10.0)]
                public double Step { get; init; } = 1;
                public int Factor { get; init; } = 2;
            }
            """);
        var place = Path.Combine(folder.Path, "sweep");
        Outcome Sweep(string grid) => ScriptEngine.Run(ScriptEngine.Csx, Path.Combine(ProjectFolders.Root, "scripts", "05_sweep.csx"),
            $"own.csx {grid} --plain --out {place}", folder.Path, (ProjectFolders.OutputsVariable, Path.Combine(folder.Path, "outputs")));

        var outcome = Sweep("--grid step=0.5,4 --factor 6");
        Assert.Equal((1, 2), (outcome.ExitCode, outcome.ErrorLines.Count));
        Assert.Equal("cell 2 (step 4): a step of 4 is too long.", outcome.ErrorLines[0]);
        Assert.StartsWith("error: not done: 1 of 2 cells", outcome.ErrorLines[1]);
        Assert.Equal("3", File.ReadAllText(Assert.Single(Directory.GetFiles(place, "answer.txt", SearchOption.AllDirectories))));

        Directory.Delete(place, recursive: true);
        outcome = Sweep("--grid step=0.5,11");
        Assert.Equal((2, "error: own: --step 11: want number, 0 to 10.\n"), (outcome.ExitCode, outcome.Error));
        Assert.False(Directory.Exists(place));
    }

    [Fact]
    public void A_sweep_fills_its_folder_and_its_pictures_are_drawn_anew_to_the_byte()
    {
        (string, string)[] outputs = [(ProjectFolders.OutputsVariable, Path.Combine(folder.Path, "outputs"))];
        var place = Path.Combine(folder.Path, "sweep");
        var options = $"02_train_cross_entropy --grid lr=1e-3,1e-2 --grid hidden=5;7 --seeds 0..1 --epochs 2 --batch-size 20 --data {Data}";
        var outcome = ScriptEngine.Run(ScriptEngine.Csx, "scripts/05_sweep.csx", $"{options} --plain --out {place}", null, outputs);
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.Contains("[8/8] lr ", outcome.Output);
        Assert.Equal(9, File.ReadAllLines(Path.Combine(place, "results.csv")).Length);
        Assert.StartsWith("cell,lr,hidden,seed,train_loss,test_loss,test_accuracy,best_epoch,seconds", File.ReadAllText(Path.Combine(place, "results.csv")));
        Assert.Single(File.ReadAllLines(Path.Combine(folder.Path, "outputs", "index.csv"))[1..]); // The sweep's own.

        var drawn = Directory.GetFiles(place, "*.png").ToDictionary(file => file, File.ReadAllBytes);
        Assert.Equal(["best_accuracies.png", "best_losses.png", "heat_map.png", "test_loss_over_hidden.png", "test_loss_over_lr.png"],
            drawn.Keys.Select(Path.GetFileName).Order(StringComparer.Ordinal));
        foreach (var file in drawn.Keys) File.Delete(file);
        var again = Assert.Single(Redraw.Each([place], ("05_sweep", SweepPlots.Of)));
        Assert.Null(again.Error);
        Assert.All(drawn, picture => Assert.Equal(picture.Value, File.ReadAllBytes(picture.Key)));
    }

    static SweepRow Row(double loss, string seed, params ImmutableArray<string> values) =>
        new("00", values, seed, ImmutableDictionary<string, double>.Empty.Add("test_loss", loss));

    static SweepConfig Config(string typed) => CommandLine.Parse(SweepArguments.Of(typed.Split(' ')), new SweepConfig());

    /// <summary>Four cells of a script as script 02 is.</summary>
    IReadOnlyList<SweepCell> Described() => [.. new[] { "--lr=1e-3", "--lr=1e-2" }.SelectMany(lr => new[] { "--seed=0", "--seed=1" }, (lr, seed) =>
    {
        ImmutableArray<string> arguments = [$"--data={Data}", "--epochs=3", "--batch-size=20", "--hidden=7", lr, seed];
        var config = CommandLine.Parse(arguments, new TrainConfig()) with { Threads = 1, Plain = true };
        return new SweepCell(new CellIdentity("own.csx").Of(config, CancellationToken.None), seed[7..], [lr[5..]], arguments);
    })];

    /// <summary>Runs a slice as the script does; one cell may fail, or the whole may be stopped after so many epochs.</summary>
    static void Run(IReadOnlyList<SweepCell> cells, string place, string slice, int stopAfter = int.MaxValue, SweepCell? failing = null)
    {
        Directory.CreateDirectory(place);
        var plan = Path.Combine(place, "plan.jsonl");
        File.WriteAllLines(plan, cells.Select(cell => cell.Line));
        using var end = new CancellationTokenSource();
        var epochs = 0;
        new SweptScript("own.csx", SavedOr, Train, TextWriter.Null).Run([plan, slice], end.Token);

        ScriptConfig SavedOr(IReadOnlyList<string> line) => CommandLine.Parse(line, new TrainConfig()) is { Resume: { } run }
            ? SavedRun.Find(run, "own").Config(line, new TrainConfig()) : CommandLine.Parse(line, new TrainConfig());

        void Train(ScriptConfig options, ScriptRuns runs) => runs.During(() =>
        {
            var config = (TrainConfig)options;
            if (config.Out?.EndsWith(failing?.Id ?? "none", StringComparison.Ordinal) == true) throw new TorchletException("it fails");
            foreach (var training in new Run<TrainConfig>(config, new(), runs).Trainings())
                _ = training.Epochs() | Clock.Time | training.Log | training.KeepBest | training.KeepLast | Pipe.Tap<Epoch>(_ => Count())
                    | Plots.Curves(training.Folder);
        });

        void Count()
        {
            if (++epochs > stopAfter) end.Cancel();
        }
    }
}
