namespace Torchlet.Tests;

public class StudyPlotsTests
{
    static LossEpoch Row(string loss, long seed, int epoch, double testLoss) => new(loss, seed, new(epoch, 0, testLoss, 0.5));

    static readonly RunRecord Run = new("03_compare_losses", "a test", System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty, []);

    static byte[] Drawn(Picture picture)
    {
        using var folder = new TemporaryFolder();
        var run = new RunFolder(folder.Path, "test");
        picture.Save(run);
        return File.ReadAllBytes(run.PathOf(picture.File));
    }

    [Theory, InlineData(1.0), InlineData(1e6), InlineData(double.NaN), InlineData(double.PositiveInfinity)]
    public void Numbers_of_any_size_and_none_are_drawn(double value)
    {
        IReadOnlyList<Picture> pictures =
        [
            .. StudyPlots.OfLearning([Row("naive", 0, 1, value), Row("naive", 1, 1, 2), Row("mse", 0, 1, value)], Run),
            .. StudyPlots.OfGradients([new GradientNorm("mse", 0, 0, value, value, value)], Run),
            .. StudyPlots.OfStability([new StabilityRow("naive", 1, 1, 0, 0, 0, value), new StabilityRow("naive", 10, 1, 1, 1, 0, double.NaN)]),
        ];
        Assert.Equal(["losses.png", "accuracy.png", "gradient_norm.png", "gradient_of_mistakes.png", "stability.png"], pictures.Select(p => p.File));
        Assert.All(pictures, picture => Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], Drawn(picture)[..4]));
    }

    [Fact]
    public void Seeds_of_any_size_that_an_option_takes_are_read_back()
    {
        using var folder = new TemporaryFolder();
        var log = Path.Combine(folder.Path, "log.csv");
        File.WriteAllText(log, $"seed\n4294967296\n{long.MinValue}\n{long.MaxValue}\n");
        Assert.Equal([4294967296, long.MinValue, long.MaxValue], CsvRows.Read(log, "seed", f => f.Seed()));
    }

    [Fact]
    public void The_same_rows_give_the_same_bytes()
    {
        IReadOnlyList<LossEpoch> rows = [.. LossVariant.All.SelectMany(v => new[] { Row(v.Name, 0, 1, 1), Row(v.Name, 0, 2, 0.5) })];
        Assert.Equal(Drawn(StudyPlots.OfLearning(rows, Run)[0]), Drawn(StudyPlots.OfLearning(rows, Run)[0]));
    }
}
