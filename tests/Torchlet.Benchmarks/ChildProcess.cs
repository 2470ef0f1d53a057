using System.Diagnostics;
using System.Globalization;

namespace Torchlet.Benchmarks;

/// <summary>Time and memory of a process.</summary>
/// <param name="Seconds">From its start to its end.</param>
/// <param name="FirstEpoch">From its start to its first line that tells of an epoch's loss; its end if there is none.</param>
/// <param name="PeakMegabytes">The most memory that it and its children had resident, in MB, each at its own peak; NaN where the system does not tell.</param>
/// <param name="Lines">What it wrote.</param>
sealed record ProcessCost(double Seconds, double FirstEpoch, double PeakMegabytes, IReadOnlyList<string> Lines);

/// <summary>Programs run to their end and measured from outside.</summary>
static class ChildProcess
{
    /// <exception cref="TorchletException">It failed; the message holds what it said.</exception>
    public static ProcessCost Run(string program, string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = Stopwatch.GetTimestamp();
        var (first, lines) = (TimeSpan.Zero, new List<string>());
        using var process = new Process { StartInfo = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true } };
        foreach (var (name, value) in environment) process.StartInfo.Environment[name] = value;
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is { } text) lines.Add(text);
            if (first == TimeSpan.Zero && line.Data?.Contains("loss", StringComparison.OrdinalIgnoreCase) == true) first = Stopwatch.GetElapsedTime(start);
        };
        process.Start();
        process.BeginOutputReadLine();
        var error = process.StandardError.ReadToEndAsync();
        var peaks = new Dictionary<int, double>();
        // The kernel forgets a process's peak with the process, so it is asked until then: it only grows.
        while (!process.WaitForExit(TimeSpan.FromMilliseconds(10)))
            foreach (var id in ChildrenOf(process.Id).Prepend(process.Id))
                if (PeakOf(id) is { } peak) peaks[id] = peak;
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        process.WaitForExit(); // For the rest of its output.
        return process.ExitCode == 0
            ? new(seconds, first == TimeSpan.Zero ? seconds : first.TotalSeconds, peaks.Count > 0 ? peaks.Values.Sum() : double.NaN, lines)
            : throw new TorchletException($"{program} {string.Join(' ', arguments)} ended with exit code {process.ExitCode}: {error.Result.Trim()}");
    }

    /// <summary>A script's process, whose runs and index stay out of a person's own.</summary>
    /// <param name="script">Its path.</param>
    /// <param name="outputs">The folder to leave them in.</param>
    /// <param name="arguments">Its arguments.</param>
    public static ProcessCost RunScript(string script, string outputs, params string[] arguments) =>
        Run("dotnet", [Path.Combine(Natives.Folder, "Csx.dll"), script, .. arguments], (ProjectFolders.OutputsVariable, outputs));

    static IReadOnlyList<int> ChildrenOf(int id)
    {
        try
        {
            return [.. from thread in Directory.GetDirectories($"/proc/{id}/task")
                       from child in File.ReadAllText(Path.Combine(thread, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries)
                       select int.Parse(child, CultureInfo.InvariantCulture)];
        }
        catch (IOException)
        {
            return [];
        }
    }

    static double? PeakOf(int id)
    {
        try
        {
            return File.ReadLines($"/proc/{id}/status").Where(l => l.StartsWith("VmHWM:", StringComparison.Ordinal))
                .Select(l => double.Parse(l.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024)
                .Cast<double?>().FirstOrDefault();
        }
        catch (IOException)
        {
            return null;
        }
    }
}
