using System.Globalization;
using TorchSharp;

namespace Torchlet;

/// <summary>What a run prints.</summary>
public static class ConsoleReport
{
    /// <summary>A stage that prints each epoch in the course notebook's two lines.</summary>
    public static IEnumerable<Epoch> Plain(IEnumerable<Epoch> epochs) => epochs | Pipe.Tap<Epoch>(e => Console.WriteLine(Lines(e)));

    /// <summary>A stage that prints each epoch of a comparison, under a line that names the loss and the seed.</summary>
    public static IEnumerable<LossEpoch> Compared(IEnumerable<LossEpoch> epochs) => epochs | Pipe.Tap<LossEpoch>(e =>
        Console.WriteLine((e.Epoch.Index == 1 ? $"{e.Loss}, seed {e.Seed}\n" : "") + Lines(e.Epoch)));

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
        Console.WriteLine($"Run: {Path.GetRelativePath(Environment.CurrentDirectory, run.Folder)}");
        if (run.Past.Rows is [.., var last]) Console.WriteLine($"Resumed: after epoch {last.Index}");
    }
}
