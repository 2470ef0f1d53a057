using TorchSharp;

namespace Torchlet;

/// <summary>The first lines of a run.</summary>
public static class RunHeader
{
    /// <summary>Prints what a run works on and where it writes.</summary>
    public static void Print(Dataset data, torch.Device device, RunFolder run)
    {
        Console.WriteLine(Notice.Line($"Data: {data.Name}, {data.Train.Count:n0} + {data.Test.Count:n0} {data.Train.Kind}, from {data.Source}"
            + (data.Note is { } note ? $"; {note}" : "")));
        Print(device, run);
    }

    /// <summary>Prints what a run without a data set computes on and where it writes.</summary>
    public static void Print(torch.Device device, RunFolder run)
    {
        var processes = ScriptRuns.AtWork?.Processes is { } several ? $" in each of {several.Count} processes" : "";
        Console.WriteLine($"Device: {device}, {torch.get_num_threads()} threads{processes}");
        Console.WriteLine($"Run: {Notice.Shown(run.Folder)}");
        PrintPast(run);
    }

    /// <summary>Prints which one of several runs within a run this is.</summary>
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
