using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Torchlet;

/// <summary>Options of a sweep: one script run many times, each time with other options.</summary>
[Description("Runs a script once for each combination of options, side by side here or on a cluster. The same command again does only what is "
    + "missing. Options that are not listed here go to every run of the script.")]
[Example("02_train_cross_entropy --grid lr=1e-4,1e-3 --seeds 0..2 --epochs 3", Usage = "<script> [options] [options of the script]")]
public record SweepConfig : ScriptConfig
{
    /// <summary>
    /// The separator between the axes of <see cref="Grid"/> and of <see cref="With"/>, and between the arguments of <see cref="Shared"/>: a tab, which is
    /// in none of them and keeps a run's options one line.
    /// </summary>
    public const char Separator = '\t';

    /// <summary>The script that is swept: its path, or the name of one in scripts/.</summary>
    [NotEmpty, Display(Description = "the script to run, by its path, name or number; it is the first argument and needs no --script")]
    public string? Script { get; init; }

    /// <summary>Axes: an option each, and the values that it takes one after the other.</summary>
    [Display(Prompt = "option=a,b,…", Description = "values of an option, with ; between them where they are lists; may be given several times")]
    public string Grid { get; init; } = "";

    /// <summary>How many random combinations to draw; null for none.</summary>
    [Range(1, 1_000_000), Display(Description =
        "draw so many combinations of the options after `with`, of which equal ones are run once: --random 50 with lr=log:1e-6..1e-2")]
    public int? Random { get; init; }

    /// <summary>The options that are drawn at random, each with its range.</summary>
    [Display(Prompt = "option=range", Description = "ranges of --random: a..b, log:a..b, whole:a..b, or a list as in --grid")]
    public string With { get; init; } = "";

    /// <summary>Seeds of every combination: 0..4 or 0,1,2; null for the script's own one.</summary>
    [NotEmpty, Display(Prompt = "first..last", Description = "run each combination from each of these seeds")]
    public string? Seeds { get; init; }

    /// <summary>How many runs go side by side here; null for as many as there are cores.</summary>
    [NotReplayed, Display(Description = "runs side by side (default: the number of cores)"), Range(1, 1024)]
    public int? Jobs { get; init; }

    /// <summary>Which engine runs them.</summary>
    [NotReplayed, Display(Description = "what runs them; none: only look at what is done"), AllowedValues("local", "slurm", "parallel", "none")]
    public string On { get; init; } = "local";

    /// <summary>Further options of sbatch; null for none.</summary>
    [NotReplayed, OnlyWith(nameof(On), "slurm"), Display(Prompt = "options", Description = "further options of sbatch")]
    public string? Slurm { get; init; }

    /// <summary>How many tasks the engines cut the sweep into; null for tasks of about ten minutes.</summary>
    [NotReplayed, OnlyWith(nameof(On), "slurm", "parallel"), Range(1, 1_000_000),
        Display(Description = "tasks to cut the sweep into (default: of ten minutes each)")]
    public int? Tasks { get; init; }

    /// <summary>Print what would be run, and run nothing.</summary>
    [NotReplayed, Display(Description = "say what would be run, and run nothing")]
    public bool DryRun { get; init; }

    /// <summary>Arguments of every run of the script.</summary>
    [Display(Prompt = "arguments", Description = "options for every run; given as such, they need no --shared")]
    public string Shared { get; init; } = "";
}
