using System.Diagnostics;

namespace Torchlet.Benchmarks;

/// <summary>A Python process that waits for its turns: peers/pytorch.py.</summary>
sealed class PythonPeer : IDisposable
{
    readonly Process process;

    PythonPeer(Process process, string runsOn) => (this.process, RunsOn) = (process, runsOn);

    /// <summary>Which PyTorch on which BLAS with how many threads, in its own words.</summary>
    public string RunsOn { get; }

    public static string Script { get; } = Path.Combine(ProjectFolders.Root, "tests", "Torchlet.Benchmarks", "peers", "pytorch.py");

    /// <summary>Whether there is such a Python with PyTorch; says so if not.</summary>
    public static bool IsThere(string python)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(python, ["-c", "import torch"]) { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode == 0) return true;
        }
        catch (System.ComponentModel.Win32Exception)
        {
        }
        Console.WriteLine($"skipped: what Python would do, since {python} has no PyTorch (Debian: apt install python3-torch libopenblas0-openmp; or --python)");
        return false;
    }

    /// <summary>Starts a loop that then waits for its first turn.</summary>
    /// <param name="python">A Python with PyTorch.</param>
    /// <param name="loop">notebook, memory or inference.</param>
    /// <param name="data">The folder of the data set is read from here.</param>
    /// <param name="threads">Threads within an operation.</param>
    public static PythonPeer Start(string python, string loop, Dataset data, int threads)
    {
        var process = Process.Start(new ProcessStartInfo(python, [Script, loop, data.Source, "--threads", $"{threads}"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        })!;
        return new(process, process.StandardOutput.ReadLine() ?? throw new TorchletException($"{Script} {loop} ended before it began."));
    }

    /// <summary>Lets it work for one turn.</summary>
    public void Turn()
    {
        process.StandardInput.WriteLine();
        process.StandardInput.Flush();
        _ = process.StandardOutput.ReadLine() ?? throw new TorchletException($"{Script} ended in the middle.");
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        process.WaitForExit();
        process.Dispose();
    }
}
