using System.Globalization;
using System.Reflection;

namespace Torchlet;

/// <summary>A script's work in a process that is one of several. Torchlet.Cluster implements it.</summary>
interface ICluster
{
    /// <summary>Joins the processes that mpirun or srun started together with this one: from here on only the first of them prints.</summary>
    void Join();

    /// <summary>Runs cells of a sweep: a script called with <see cref="Cluster.CellsOption"/> as its first argument.</summary>
    /// <param name="asked">The arguments after the first one.</param>
    /// <param name="path">The script's path.</param>
    /// <param name="read">A command line's options.</param>
    /// <param name="body">Runs the script's body and ends its runs.</param>
    /// <param name="stop">Stops the cell that is running.</param>
    void RunCells(
        IReadOnlyList<string> asked, string path, Func<IReadOnlyList<string>, ScriptConfig> read, Action<ScriptConfig, ScriptRuns> body,
        CancellationToken stop);

    /// <summary>Runs a script's body on all processes, each with its share of every batch.</summary>
    void RunTogether(ScriptConfig config, string path, CancellationToken stop, Action<ScriptConfig, ScriptRuns> body);

    /// <summary>Prints what is wrong, once, and ends all processes.</summary>
    void Fail(string message, int exitCode);
}

/// <summary>Finds Torchlet.Cluster where a process is one of several. A script that runs alone does not load it.</summary>
static class Cluster
{
    /// <summary>The first argument of a script that runs cells of a sweep.</summary>
    public const string CellsOption = "--cells";

    // Each launcher describes itself in the environment of the processes: Open MPI's mpirun, Slurm's srun, and others, such as MPICH's.
    static readonly (string Count, string Rank)[] Variables =
        [("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"), ("SLURM_STEP_NUM_TASKS", "SLURM_PROCID"), ("PMI_SIZE", "PMI_RANK")];

    /// <summary>How many processes were started together, and which of them this one is; null if it was started alone.</summary>
    public static (int Count, int Rank)? Started { get; } =
        Variables.Select(v => (Count: Number(v.Count), Rank: Number(v.Rank))).FirstOrDefault(v => v.Count > 1) is { Count: { } count, Rank: { } rank }
            ? (count, rank) : null;

    /// <summary>The number in an environment variable; null if there is none.</summary>
    public static int? Number(string variable) => int.TryParse(
        Environment.GetEnvironmentVariable(variable)?.Split('(', ',')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>The implementation.</summary>
    /// <exception cref="TorchletException">Torchlet.Cluster is not installed.</exception>
    public static ICluster Load() => Loaded.Value;

    static readonly Lazy<ICluster> Loaded = new(() =>
    {
        const string assembly = "Torchlet.Cluster";
        try
        {
            return (ICluster)Activator.CreateInstance(Assembly.Load(assembly).GetType("Torchlet.ProcessCluster", throwOnError: true)!)!;
        }
        catch (FileNotFoundException e)
        {
            throw new TorchletException($"{assembly}.dll is missing, and sweeps and MPI need it; reference the package {assembly}, or build lib/Csx.", e);
        }
    });
}

/// <summary>Several processes that run the same script to train together.</summary>
/// <param name="Count">How many.</param>
/// <param name="Shared">A training of which this one does its share.</param>
sealed record Processes(int Count, Func<Recipe, Dataset, Recipe> Shared);
