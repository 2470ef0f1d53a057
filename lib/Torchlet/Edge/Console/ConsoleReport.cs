using System.Globalization;
using TorchSharp;

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

    /// <summary>A stage that prints what was drawn anew, and on standard error what could not be.</summary>
    public static IEnumerable<Redrawn> Redrawn(IEnumerable<Redrawn> runs) => runs | Pipe.Tap<Redrawn>(r =>
        (r.Error is null ? Console.Out : Console.Error).WriteLine(r.Error is null ? $"{Shown(r.Run.Folder)}: {string.Join(", ", r.Pictures)}" : $"error: {Printable.Whole(r.Error.Message)}"));

    /// <summary>The notebook's two lines for an epoch.</summary>
    public static string Lines(Epoch e) => string.Create(CultureInfo.InvariantCulture,
        $"Epoch: {e.Index:00} | Time: {(int)e.Elapsed.TotalMinutes}m {e.Elapsed.Seconds}s\n" +
        $"\tTrain Loss: {e.TrainLoss:f3} | Test Loss: {e.TestLoss:f3} | Test Acc: {e.TestAccuracy * 100:f3}%");

    /// <summary>Prints one line on standard error, in yellow on a terminal.</summary>
    public static void Warn(string message) =>
        Console.Error.WriteLine(Console.IsErrorRedirected || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 }
            ? $"warning: {message}" : $"\e[33mwarning: {message}\e[0m");

    /// <summary>Prints what a run works on and where it writes.</summary>
    public static void Header(Dataset data, torch.Device device, RunFolder run)
    {
        Console.WriteLine($"Data: {data.Name}, {data.Train.Count:n0} + {data.Test.Count:n0} images, from {data.Source}");
        Console.WriteLine($"Device: {device}, {torch.get_num_threads()} threads");
        Console.WriteLine($"Run: {Shown(run.Folder)}");
        if (run.Past.Rows is [.., var last]) Console.WriteLine($"Resumed: after epoch {last.Index}");
    }

    /// <summary>A path as a person would type it here, relative to the current folder where that is shorter, without characters that control the terminal.</summary>
    public static string Shown(string path) =>
        Printable.Whole(Path.GetRelativePath(Environment.CurrentDirectory, path) is var relative && relative.Length < path.Length ? relative : path);
}
