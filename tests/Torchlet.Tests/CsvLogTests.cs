using System.Globalization;

namespace Torchlet.Tests;

public class CsvLogTests
{
    static Epoch Row(int index) => Tensors.Row(index, Math.PI / index, Math.E / index, 1.0 / 3) with { Elapsed = TimeSpan.FromSeconds(1.5) };

    [Fact]
    public void A_row_is_on_disk_before_the_next_one_is_asked_for()
    {
        using var folder = new TemporaryFolder();
        var run = new RunFolder(folder.Path, "test");
        foreach (var row in Enumerable.Range(1, 3).Select(Row) | CsvLog.To(run))
        {
            using var reader = new StreamReader(new FileStream(run.PathOf("log.csv"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            var text = reader.ReadToEnd();
            Assert.Equal(row.Index + 1, text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
            Assert.EndsWith("\n", text);
        }
    }

    [Fact]
    public void Rows_that_come_at_once_are_written_together_whole_and_before_the_next_one_that_is_waited_for()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "rows.csv");
        string Text()
        {
            using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            return reader.ReadToEnd();
        }
        const int last = 10_000;
        IEnumerable<int> Source()
        {
            for (var i = 0; i <= last; i++) yield return i;
            throw new InvalidOperationException("no more");
        }

        Assert.Throws<InvalidOperationException>(() =>
        {
            foreach (var row in Source() | CsvLog.To(path, (int i) => new { number = i, text = "a, b" }))
            {
                Assert.EndsWith("\n", Text());
                if (row == 1) Thread.Sleep(150);
                if (row is 0 or 2) Assert.EndsWith($"\n{row},\"a, b\"\r\n", Text());
            }
        });

        Assert.Equal(["number,text", .. Enumerable.Range(0, last + 1).Select(i => $"{i},\"a, b\"")], File.ReadAllLines(path));
    }

    [Fact]
    public void Numbers_read_back_as_themselves_whatever_the_culture()
    {
        using var folder = new TemporaryFolder();
        var run = new RunFolder(folder.Path, "test");
        var culture = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("", useUserOverride: false) { NumberFormat = { NumberDecimalSeparator = "," } };
            _ = (new[] { Row(7) } | CsvLog.To(run)).Count();
            Assert.Equal("Epoch: 07 | Time: 0m 1s\n\tTrain Loss: 0.449 | Test Loss: 0.388 | Test Acc: 33.333%", ConsoleReport.Lines(Row(7)));
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
        var numbers = File.ReadAllLines(run.PathOf("log.csv"))[1].Split(',').Select(n => double.Parse(n, CultureInfo.InvariantCulture));
        Assert.Equal([7, Math.PI / 7, Math.E / 7, 1.0 / 3, 1.5], numbers);
    }
}
