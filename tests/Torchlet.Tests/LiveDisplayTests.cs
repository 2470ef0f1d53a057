using System.Text.RegularExpressions;
using Spectre.Console;

namespace Torchlet.Tests;

public partial class LiveDisplayTests
{
    static readonly IEnumerable<Epoch> Rows = Enumerable.Range(1, 12).Select(i => Tensors.Row(i, 2.5 / i, i == 9 ? 0.1 : 2.6 / i, 1 - 0.75 / i));

    public static TheoryData<int, bool> Terminals => new(
        from width in new[] { 20, 40, 60, 80, 100, 200 } from unicode in new[] { true, false } select (width, unicode));

    [Fact]
    public void The_bar_says_epoch_share_speed_and_time_left_also_within_an_epoch()
    {
        var view = After(Rows.Take(3), at: new(4, 15_000, 60_000, () => 1.5)) with { Elapsed = TimeSpan.FromSeconds(6.5) };
        Assert.Equal(
            [
                "Epoch 04/12 ━━━━━━━━━━──────────────────────────────  27%  30,000 examples/s  0:17 left",
                "Train Loss: 0.833 | Test Loss: 0.867 | Test Acc: 75.000%",
                "█▃▁  best test loss 0.867 (75.00%), epoch 3",
            ], Text(view, 100));
    }

    [Fact]
    public void Once_over_it_says_the_best_epoch_the_last_figures_and_how_long_it_took() => Assert.Equal(
        [
            "Epoch 12/12 ######################################## 100%  1,161 examples/s  in 1:02:03",
            "Train Loss: 0.208 | Test Loss: 0.217 | Test Acc: 93.750%",
            "#:--....____  best test loss 0.100 (91.67%), epoch 9",
        ], Text(After(Rows) with { IsOver = true, Elapsed = new(1, 2, 3), Examples = 4_322_403 }, 100, unicode: false));

    [Theory, MemberData(nameof(Terminals))]
    public void No_line_reaches_the_edge_of_the_terminal(int width, bool unicode)
    {
        RunProgress[] views =
        [
            new(1_000_000), After([], at: new(1, 512, 60_000, () => 2.3)) with { TrainLoss = 2.3 },
            After(Rows), After(Rows) with { IsOver = true, Elapsed = TimeSpan.FromDays(2) },
        ];
        foreach (var view in views)
            Assert.All(Text(view, width, unicode), line =>
            {
                Assert.InRange(line.Length, 0, width - 3);
                Assert.True(unicode || line.All(char.IsAscii), line);
            });
    }

    [Fact]
    public void At_60_columns_everything_still_stands_on_its_three_lines()
    {
        var text = Text(After(Rows, at: new(13, 100, 60_000, () => 1.5)) with { Epochs = 1000, Elapsed = TimeSpan.FromSeconds(20) }, 60);
        Assert.Matches(@"^Epoch 0013/1000 [━─]{5,} +1%  \d[\d,]* examples/s  \d+:\d\d left$", text[0]);
        Assert.Equal("Train Loss: 0.208 | Test Loss: 0.217 | Test Acc: 93.750%", text[1]);
        Assert.EndsWith("best test loss 0.100 (91.67%), epoch 9", text[2]);
    }

    [Fact]
    public void A_training_that_goes_on_where_another_ended_forecasts_from_its_own_speed()
    {
        var view = new RunProgress(10).With(new TrainingProgress(9, 30, 60, () => 1.5)) with { Elapsed = TimeSpan.FromSeconds(4) };
        Assert.Contains(" 85%", Text(view, 100)[0]);
        Assert.EndsWith("0:12 left", Text(view, 100)[0]);
    }

    [Theory]
    [InlineData(new[] { 1.0 }, "▁")]
    [InlineData(new[] { 0.0, 1, 2, 3, 4, 5, 6, 7 }, "▁▂▃▄▅▆▇█")]
    [InlineData(new[] { 3.0, 3, 3 }, "▁▁▁")]
    [InlineData(new[] { 2.0, double.NaN, 1, double.PositiveInfinity }, "█?▁?")]
    [InlineData(new[] { double.NaN }, "?")]
    [InlineData(new[] { 9.0, 9, 0, 0, 0, 9, 9, 9, 9, 9, 0, 0, 0, 0, 0, 0, 9, 9 }, "█▁▅█▅▁▁▆")]
    public void A_sparkline_goes_from_the_lowest_value_to_the_highest(double[] values, string wanted) =>
        Assert.Equal(wanted, Sparkline.Of(values, 8, unicode: true)[..wanted.Length]);

    [Fact]
    public void A_sparkline_of_many_values_keeps_to_its_width() =>
        Assert.Matches(@"^#{3}\*{6}\+{5}={6}:{6}-{5}\.{6}_{3}$", Sparkline.Of([.. Enumerable.Range(0, 100_000).Select(i => -(double)i)], 40, unicode: false));

    [Fact]
    public void Each_frame_replaces_the_last_one_however_the_window_was_narrowed()
    {
        var (console, output) = Terminal(100);
        var region = new LiveRegion(console);
        region.Draw([new(new string('a', 90)), new("b")]);
        Assert.Equal($"\e[?25l{new string('a', 90)}\nb", Taken(output));
        region.Draw([new("c")]);
        Assert.Equal("\r\e[1A\e[Jc", Taken(output));
        region.Draw([new(new string('a', 90)), new("b")]);
        _ = Taken(output);
        console.Profile.Width = 40;
        region.Draw([new("c")]);
        Assert.Contains("\r\e[3A\e[J", Taken(output));
        region.WriteAbove("over");
        Assert.Equal("\r\e[Jover\n", Taken(output));
        region.Draw([new("c")]);
        region.Close();
        Assert.EndsWith("c\n\e[?25h", Taken(output));
    }

    [Fact]
    public void The_stages_give_back_their_rows_and_leave_the_cursor_and_one_line_for_each_training()
    {
        var (console, output) = Terminal(100);
        Assert.Equal(Rows, new LiveDisplay(12, console).Show(Rows).Select(epoch => epoch.Figures()));
        Assert.EndsWith("epoch 9\n\e[?25h", Taken(output));

        var compared = (from loss in new[] { "cross_entropy", "nll" } from row in Rows select new LossEpoch(loss, 3, row)).ToList();
        Assert.Equal(compared, new LiveDisplay(24, console).ShowCompared(new CompareConfig())(compared));
        var text = Taken(output);
        Assert.Contains("\e[Jcross_entropy, seed 3: best test loss 0.100 (91.67%), epoch 9\n", text);
        Assert.EndsWith("nll, seed 3: best test loss 0.100 (91.67%), epoch 9\n\e[?25h", text);
    }

    [Fact]
    public void However_the_training_ends_the_cursor_comes_back()
    {
        var (console, output) = Terminal(100);
        Assert.Throws<OperationCanceledException>(() =>
            new LiveDisplay(12, console).Show(Rows.Select(r => r.Index < 3 ? r : throw new OperationCanceledException())).Count());
        Assert.EndsWith("epoch 2\n\e[?25h", Taken(output));
        _ = new LiveDisplay(12, console).Show(Rows).First();
        Assert.EndsWith("epoch 1\n\e[?25h", Taken(output));
    }

    [Fact]
    public void Progress_is_told_after_each_batch_and_changes_nothing()
    {
        var (data, config) = (Tensors.SmallData(), new TrainConfig { Epochs = 2, BatchSize = 64, Hidden = [20] });
        var told = new Told();
        var rows = Training.Epochs(config.Recipe(data), data, progress: told).ToList();
        Assert.Equal(Training.Epochs(config.Recipe(data), data).Select(e => e.TestLoss), rows.Select(e => e.TestLoss));
        Assert.Equal(
            from epoch in new[] { 1, 2 } from range in Batches.Ranges(data.Train.Count, 64) select (epoch, range.End.Value),
            told.All.Select(p => (p.Epoch, p.Examples)));
        Assert.Equal(rows.Select(e => e.TrainLoss), told.LossesOfEpochs);
    }

    sealed class Told : IProgress<TrainingProgress>
    {
        public List<TrainingProgress> All { get; } = [];

        public List<double> LossesOfEpochs { get; } = [];

        public void Report(TrainingProgress value)
        {
            All.Add(value);
            if (value.Examples == value.Of) LossesOfEpochs.Add(value.TrainLoss());
        }
    }

    static RunProgress After(IEnumerable<Epoch> rows, TrainingProgress? at = null)
    {
        var view = rows.Aggregate(new RunProgress(12), (v, row) => v.With(new TrainingProgress(row.Index, 60_000, 60_000, () => 0)).With(row, ""));
        return at is { } progress ? view.With(progress) : view;
    }

    static string[] Text(RunProgress view, int width, bool unicode = true)
    {
        var (console, output) = Terminal(width);
        return [.. view.Lines(width, unicode).Select(line =>
        {
            console.Write(line);
            return Codes().Replace(Taken(output), "");
        })];
    }

    static (IAnsiConsole Console, StringWriter Output) Terminal(int width)
    {
        var output = new StringWriter();
        var console = AnsiConsole.Create(new() { Ansi = AnsiSupport.Yes, ColorSystem = ColorSystemSupport.TrueColor, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = width;
        return (console, output);
    }

    static string Taken(StringWriter output)
    {
        var text = output.ToString();
        output.GetStringBuilder().Clear();
        return text.Replace("\r\n", "\n");
    }

    [GeneratedRegex(@"\e\[[0-9;]*m")]
    private static partial Regex Codes();
}
