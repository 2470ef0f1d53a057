using System.Diagnostics;
using ScottPlot;

namespace Torchlet;

/// <summary>Where the doctor looks, so that a test can send it elsewhere.</summary>
sealed record Machine
{
    public string Root { get; init; } = ProjectFolders.Root;

    public string Bin { get; init; } = Natives.Folder;

    public string Outputs { get; init; } = ProjectFolders.Outputs;

    public DataPlaces Data { get; init; } = new();

    /// <summary>Loads libtorch or throws.</summary>
    public Action LoadTorch { get; init; } = Natives.Load;

    /// <summary>A small picture with a text, as a PNG.</summary>
    public Func<string, byte[]> Draw { get; init; } = title => Plots.Titled(title).GetImageBytes(200, 100, ImageFormat.Png);

    /// <summary>The trimmed output of a program; null if it does not exist or fails.</summary>
    public Func<string, string, string?> Ask { get; init; } = AskProgram;

    /// <summary>Free bytes on the disk that holds a folder.</summary>
    public Func<string, long> FreeSpace { get; init; } = folder => new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;

    static string? AskProgram(string program, string arguments)
    {
        var info = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = ProjectFolders.Root, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        try
        {
            using var process = Process.Start(info)!;
            var error = process.StandardError.ReadToEndAsync(); // Read, so that a full pipe cannot hold the program up.
            var output = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
