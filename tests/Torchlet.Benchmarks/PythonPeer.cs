using System.Diagnostics;

namespace Torchlet.Benchmarks;

/// <summary>A Python process that waits for its turns: one of peers/.</summary>
sealed class PythonPeer : IDisposable
{
    readonly Process process;

    PythonPeer(Process process, string runsOn) => (this.process, RunsOn) = (process, runsOn);

    /// <summary>Which PyTorch on which BLAS with how many threads, in its own words.</summary>
    public string RunsOn { get; }

    /// <summary>The program with PyTorch.</summary>
    public static string PyTorch { get; } = ScriptOf("pytorch");

    /// <summary>Whether there is such a Python with these modules; says so if not.</summary>
    public static bool IsThere(string python, string modules = "torch", string packages = "python3-torch libopenblas0-openmp")
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(python, ["-c", $"import {modules}"]) { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode == 0) return true;
        }
        catch (System.ComponentModel.Win32Exception)
        {
        }
        Console.WriteLine($"skipped: what Python would do, since {python} has no {modules} (Debian: apt install {packages}; or --python)");
        return false;
    }

    /// <summary>Starts a loop of peers/pytorch.py that then waits for its first turn.</summary>
    /// <param name="python">A Python with PyTorch.</param>
    /// <param name="loop">notebook, memory, inference or one of the zoo.</param>
    /// <param name="data">The folder of the data set is read from here, and where the tensors live.</param>
    /// <param name="threads">Threads within an operation.</param>
    /// <param name="first">How many training images it takes, and a sixth as many test images.</param>
    public static PythonPeer Start(string python, string loop, Dataset data, int threads, int first = int.MaxValue) =>
        Start(python, PyTorch, loop, data.Source, "--threads", $"{threads}", "--device", data.Train.Inputs.device.ToString(), "--first", $"{first}");

    /// <summary>Starts a reading of peers/reading.py that then waits for its first turn.</summary>
    /// <param name="python">A Python with numpy, and Pillow for pictures.</param>
    /// <param name="kind">idx, npz, csv or pictures.</param>
    /// <param name="place">A file or a folder.</param>
    public static PythonPeer StartReading(string python, string kind, string place) => Start(python, ScriptOf("reading"), kind, place);

    static string ScriptOf(string name) => Path.Combine(ProjectFolders.Root, "tests", "Torchlet.Benchmarks", "peers", $"{name}.py");

    static PythonPeer Start(string python, params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo(python, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        return new(process, process.StandardOutput.ReadLine() ?? throw new TorchletException($"{string.Join(' ', arguments)} ended before it began."));
    }

    /// <summary>Lets it work for one turn.</summary>
    public void Turn()
    {
        process.StandardInput.WriteLine();
        process.StandardInput.Flush();
        _ = process.StandardOutput.ReadLine() ?? throw new TorchletException($"{process.StartInfo.ArgumentList[0]} ended in the middle.");
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        process.WaitForExit();
        process.Dispose();
    }
}
