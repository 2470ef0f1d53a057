using System.Globalization;

namespace Torchlet;

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
        #SBATCH --job-name={{Name}}
        #SBATCH --array=0-{{Slices - 1}}
        #SBATCH --cpus-per-task=1
        #SBATCH --requeue --open-mode=append --signal=B:USR1@60
        #SBATCH --output={{Path.GetDirectoryName(Plan)}}/slurm-%A_%a.out
        {{(Options.Length > 0 ? $"#SBATCH {Options}" : "# No further options.")}}
        # Runs slice N of {{Slices}} of a sweep's plan, cell after cell, and skips the cells that are done:
        #   sbatch THIS            all slices as a job array
        #   bash THIS N            one of them here, counted from 0
        slice=${SLURM_ARRAY_TASK_ID:-$1}
        : "${slice:?say which slice, from 0 to {{Slices - 1}} }"

        {{string.Join(' ', Command.Select(ShellWord.Quoted))}} {{Cluster.CellsOption}} {{ShellWord.Quoted(Plan)}} "$slice/{{Slices}}" &
        process=$!

        # Asked to stop, the task finishes its batch and ends; what it was at goes on from its last epoch when the slice runs again.
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
