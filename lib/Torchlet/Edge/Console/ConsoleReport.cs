using System.Globalization;

namespace Torchlet;

/// <summary>What a run prints.</summary>
public static class ConsoleReport
{
    /// <summary>A stage that prints each epoch in the course notebook's two lines.</summary>
    public static IEnumerable<Epoch> Plain(IEnumerable<Epoch> epochs) => epochs | Pipe.Tap<Epoch>(e => Console.WriteLine(Lines(e)));

    /// <summary>A stage that prints a line as each training of a comparison ends, and how long the rest will take at this pace.</summary>
    public static Func<IEnumerable<LossEpoch>, IEnumerable<LossEpoch>> Compared(CompareConfig config) => epochs =>
    {
        var progress = new ComparisonProgress(config);
        return epochs | Pipe.Tap<LossEpoch>(row =>
        {
            progress = progress.After(row);
            if (progress.IsAtEnd) Console.WriteLine(progress.Line);
        });
    };

    /// <summary>The notebook's two lines for an epoch.</summary>
    public static string Lines(Epoch e) => string.Create(CultureInfo.InvariantCulture,
        $"Epoch: {e.Index:00} | Time: {(int)e.Elapsed.TotalMinutes}m {e.Elapsed.Seconds}s\n" +
        $"\t{EpochLine.Of(e)}");
}
