namespace Torchlet.Tests;

public class StudyPlotsTests
{
    static LossEpoch Row(string loss, long seed, int epoch, double testLoss) => new(loss, seed, new(epoch, 0, testLoss, 0.5, []));

    [Theory, InlineData(1.0), InlineData(1e6), InlineData(double.NaN), InlineData(double.PositiveInfinity)]
    public void Numbers_of_any_size_and_none_are_drawn(double value)
    {
        using var folder = new TemporaryFolder();
        var run = new RunFolder(folder.Path, "test");
        _ = new[] { Row("naive", 0, 1, value), Row("naive", 1, 1, 2), Row("mse", 0, 1, value) } | StudyPlots.Learning(run, "a test");
        _ = new[] { new GradientNorm("mse", 0, 0, value, value, value) } | StudyPlots.Gradients(run, "a test");
        _ = new[] { new StabilityRow("naive", 1, 1, 0, 0, 0, value), new StabilityRow("naive", 10, 1, 1, 1, 0, double.NaN) } | StudyPlots.Stability(run);
        Assert.Equal(["accuracy.png", "gradient_norm.png", "gradient_of_mistakes.png", "losses.png", "stability.png"],
            Directory.EnumerateFiles(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_same_rows_give_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        byte[] Drawn(string name)
        {
            var run = new RunFolder(Directory.CreateDirectory(Path.Combine(folder.Path, name)).FullName, "test");
            _ = LossVariant.All.SelectMany(v => new[] { Row(v.Name, 0, 1, 1), Row(v.Name, 0, 2, 0.5) }) | StudyPlots.Learning(run, "a test");
            return File.ReadAllBytes(run.PathOf("losses.png"));
        }
        Assert.Equal(Drawn("a"), Drawn("b"));
    }
}
