using TorchSharp;

namespace Torchlet;

/// <summary>The first lines of a run.</summary>
public static class RunHeader
{
    /// <summary>Prints the data, if there are any, the device and the folder.</summary>
    public static void Print(Dataset? data, torch.Device device, RunFolder run)
    {
        if (data is not null)
            Console.WriteLine(Notice.Line($"Data: {data.Name}, {data.Train.Count:n0} + {data.Test.Count:n0} {data.Train.Kind}, from {data.Source}"
                + (data.Note is { } note ? $"; {note}" : "")));
        var processes = run.Runs?.Processes is { } several ? $" in each of {several.Count} processes" : "";
        Console.WriteLine($"Device: {device}, {torch.get_num_threads()} threads{processes}");
        Console.WriteLine($"Run: {Notice.Shown(run.Folder)}");
        PrintPast(run);
    }

    /// <summary>Prints the title of a run within a run.</summary>
    internal static void PrintPart(RunFolder run, string title)
    {
        Console.WriteLine(title);
        PrintPast(run);
    }

    static void PrintPast(RunFolder run)
    {
        if (run.Past.Rows is [.., var last]) Console.WriteLine($"Resumed: after epoch {last.Index}");
    }
}
