using System.Diagnostics;
using System.Text;

namespace Torchlet;

/// <summary>Hands a sweep's cells to Slurm or GNU parallel: a job script, of which each task runs a slice.</summary>
static class ClusterEngine
{
    /// <summary>Writes a job script for what is missing and submits it to Slurm.</summary>
    /// <exception cref="TorchletException">There is no sbatch here, or it refuses the script.</exception>
    public static void Submit(Sweep sweep, RunFolder run, IReadOnlyList<int> missing, int slices)
    {
        var file = Write(sweep, run, missing, slices);
        var (exitCode, printed) = Run("sbatch", ["--parsable", file], file);
        if (exitCode != 0)
            throw new TorchletException($"sbatch did not take {file} (exit code {exitCode}); mend what it says, by --slurm or --tasks.");
        var job = printed.Trim().Split(';')[0];
        Console.WriteLine($"Submitted: job {job}, {slices} tasks for {missing.Count:n0} cells, by {Notice.Shown(file)}");
        Console.WriteLine($"Look again: squeue --job {job}; the sweep's command with --on none shows what is done, with --on slurm it submits what is missing");
    }

    /// <summary>Writes a job script for what is missing, and runs it under GNU parallel if --jobs says how many at a time; else prints how to.</summary>
    /// <returns>Whether it has run.</returns>
    /// <exception cref="TorchletException">There is no parallel here.</exception>
    public static bool RunParallel(Sweep sweep, RunFolder run, IReadOnlyList<int> missing, int slices)
    {
        var file = Write(sweep, run, missing, slices);
        string[] options = ["--joblog", Path.ChangeExtension(file, ".log"), "--resume-failed", "bash", file, "{}"];
        if (sweep.Config.Jobs is not { } jobs)
        {
            Console.WriteLine($"On this machine:  parallel --jobs N {Shown(options, slices)}");
            Console.WriteLine($"On several:       parallel --sshlogin HOST1,HOST2 {Shown(options, slices)}");
            Console.WriteLine("Look again: the sweep's command with --on none shows what is done");
            return false;
        }
        var (_, printed) = Run("parallel", ["--jobs", $"{jobs}", .. options, ":::", .. Enumerable.Range(0, slices).Select(i => $"{i}")], file);
        Console.Write(printed);
        return true;
    }

    static string Shown(IEnumerable<string> options, int slices) =>
        $"{string.Join(' ', options.Select(ShellWord.Of))} ::: $(seq 0 {slices - 1})";

    static string Write(Sweep sweep, RunFolder run, IReadOnlyList<int> missing, int slices)
    {
        var plan = Sweep.Plan(run, missing.Select(number => sweep.Cells[number]));
        var file = Path.ChangeExtension(plan.Replace("plan-", "job-"), ".sh");
        // On another machine of the cluster, the path may not lead to the program that runs this.
        var program = Environment.ProcessPath is { } own && Path.GetFileNameWithoutExtension(own) == "dotnet" ? own : "dotnet";
        var job = new JobScript(sweep.Name, [program, .. ScriptProcess.Command(sweep.ScriptFile).Skip(1)], plan, slices,
            sweep.Config.Slurm ?? "");
        AtomicFile.Write(file, Encoding.UTF8.GetBytes(job.Text));
        return file;
    }

    static (int ExitCode, string Printed) Run(string program, IEnumerable<string> arguments, string file)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
            var printed = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, printed);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new TorchletException($"there is no {program} here; {file} is written, so start it where there is, or leave --on out.", e);
        }
    }
}
