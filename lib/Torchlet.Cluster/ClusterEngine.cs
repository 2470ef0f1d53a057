using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Torchlet;

/// <summary>Hands a sweep's cells to Slurm or GNU parallel: a job script, of which each task runs a slice.</summary>
static class ClusterEngine
{
    /// <summary>Writes a job script for what is missing and submits it to Slurm.</summary>
    /// <exception cref="TorchletException">sbatch is not installed, or it rejects the script.</exception>
    public static void Submit(Sweep sweep, RunFolder run, IReadOnlyList<int> missing, int slices)
    {
        var file = Write(sweep, run, missing, slices);
        var (exitCode, printed) = Run("sbatch", ["--parsable", file], file);
        if (exitCode != 0)
            throw new TorchletException($"sbatch did not take {file} (exit code {exitCode}); mend what it says, by --slurm or --tasks.");
        var job = printed.Trim().Split(';')[0];
        Console.WriteLine($"Submitted: job {job}, {Plural.Of(slices, "task")} for {Plural.Of(missing.Count, "cell")}, by {Notice.Shown(file)}");
        Console.WriteLine($"Look again: squeue --job {job}; the sweep's command with --on none shows what is done, with --on slurm it submits what is missing");
    }

    /// <summary>Writes a job script for what is missing, and runs it under GNU parallel if --jobs says how many at a time; else prints how to.</summary>
    /// <returns>Whether it has run.</returns>
    /// <exception cref="TorchletException">GNU parallel is not installed.</exception>
    public static bool RunParallel(Sweep sweep, RunFolder run, IReadOnlyList<int> missing, int slices)
    {
        var file = Write(sweep, run, missing, slices);
        var words = Words(file);
        if (sweep.Config.Jobs is not { } jobs)
        {
            Console.WriteLine($"On this machine:  parallel --jobs N {Shown(words, slices)}");
            Console.WriteLine($"On several:       parallel --sshlogin HOST1,HOST2 {Shown(words, slices)}");
            Console.WriteLine("Look again: the sweep's command with --on none shows what is done");
            return false;
        }
        var (_, printed) = Run("parallel", ["--jobs", $"{jobs}", .. words, .. Enumerable.Range(0, slices).Select(i => $"{i}")], file);
        Console.Write(printed);
        return true;
    }

    /// <summary>Arguments of parallel for a job script, without the numbers of the slices, which follow.</summary>
    /// <remarks>The file is an argument: parallel quotes these for the shell by itself, and replaces no braces in them.</remarks>
    internal static ImmutableArray<string> Words(string file) =>
        ["--joblog", Path.ChangeExtension(file, ".log"), "--resume-failed", "bash", "{1}", "{2}", ":::", file, ":::"];

    /// <summary>The words after parallel's own options as a person types them.</summary>
    internal static string Shown(IEnumerable<string> words, int slices) => $"{string.Join(' ', words.Select(ShellWord.Of))} $(seq 0 {slices - 1})";

    /// <summary>Fails for what no line of a job script can hold: each option of sbatch is a comment of one line, and what follows it would be run.</summary>
    /// <exception cref="TorchletException">The folder, the name or the options have a line break or another control character.</exception>
    public static void Check(string folder, string name, string? options)
    {
        foreach (var (what, text) in new[] { ("--slurm", options), ("the script's name", name), ("--out", folder) })
            if (text?.Any(char.IsControl) == true)
                throw new CommandLineException($"{what}: {Printable.Of(text)} has a line break or another control character, which no job script can hold.");
    }

    static string Write(Sweep sweep, RunFolder run, IReadOnlyList<int> missing, int slices)
    {
        // The tasks may begin in any folder, on any machine.
        var plan = Sweep.Plan(run, missing.Select(number => sweep.Cells[number] with { Folder = Environment.CurrentDirectory }));
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
            throw new TorchletException($"{program} is not installed here; {file} is written: start it on a machine that has it, or leave --on out.", e);
        }
    }
}

/// <summary>A sweep as a shell script that runs one slice of it: the one that Slurm says it is of an array, or the one that its argument says.</summary>
/// <param name="Name">What the job is called.</param>
/// <param name="Command">The words that run the script.</param>
/// <param name="Plan">The plan's path.</param>
/// <param name="Slices">How many slices there are.</param>
/// <param name="Options">Further options of sbatch; may be empty.</param>
sealed record JobScript(string Name, IReadOnlyList<string> Command, string Plan, int Slices, string Options)
{
    // Clusters let an array have a thousand tasks unless they say otherwise.
    const int MostSlices = 1000;

    static readonly TimeSpan Slice = TimeSpan.FromMinutes(10);

    /// <summary>How many slices of about ten minutes so many cells make, if each takes so long.</summary>
    public static int SlicesOf(int cells, TimeSpan cell) => (int)Math.Clamp(Math.Ceiling(cells * (cell / Slice)), 1, Math.Min(cells, MostSlices));

    /// <summary>The script's text.</summary>
    public string Text => string.Create(CultureInfo.InvariantCulture, $$"""
        #!/bin/bash
        #SBATCH --job-name={{ShellWord.Of(Name)}}
        #SBATCH --array=0-{{Slices - 1}}
        #SBATCH --cpus-per-task=1
        #SBATCH --requeue --open-mode=append --signal=B:USR1@60
        #SBATCH --output={{ShellWord.Of(Path.GetDirectoryName(Plan)!.Replace("%", "%%"))}}/slurm-%A_%a.out
        {{(Options.Length > 0 ? $"#SBATCH {Options}" : "# No further options.")}}
        # Runs slice N of {{Slices}} of a sweep's plan, cell after cell, and skips the cells that are done:
        #   sbatch THIS            all slices as a job array
        #   bash THIS N            one of them here, counted from 0
        slice=${SLURM_ARRAY_TASK_ID:-$1}
        : "${slice:?say which slice, from 0 to {{Slices - 1}} }"

        {{string.Join(' ', Command.Select(ShellWord.Quoted))}} {{Cluster.CellsOption}} {{ShellWord.Quoted(Plan)}} "$slice/{{Slices}}" &
        process=$!

        # Asked to stop, the task finishes its batch and ends; its cell continues from the last epoch when the slice runs again.
        for signal in TERM USR1 USR2; do trap "kill -$signal $process 2> /dev/null" "$signal"; done
        wait "$process"; code=$?
        while kill -0 "$process" 2> /dev/null; do wait "$process"; code=$?; done

        # 128 and the signal's number: it ended on request. Slurm counts a job that was cancelled, or that it puts back itself, as running no more.
        task=${SLURM_ARRAY_JOB_ID}_$slice
        case $code in
            138 | 140 | 143) [ -z "$SLURM_ARRAY_JOB_ID" ] || [ "$(squeue -h -j "$task" -o %T)" != RUNNING ] || scontrol requeue "$task" ;;
        esac
        exit "$code"

        """);
}
