using System.Diagnostics;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>
/// The processes that <c>mpirun</c> or <c>srun</c> started together to train one network. Each runs the same script and learns from its share of every
/// batch; the first alone prints and writes, and the others do so where it is not seen and not kept.
/// </summary>
sealed class Ranks
{
    static readonly string[] OfThisMachine = ["OMPI_COMM_WORLD_LOCAL_SIZE", "SLURM_TASKS_PER_NODE"];

    // An error on one rank usually occurs on the others too. The first rank reports it and ends them all; a rank that still runs after that is alone.
    // On a busy machine the first one may come late: it gets several times as long as this one took.
    static TimeSpan OthersTurn()
    {
        using var process = Process.GetCurrentProcess();
        return TimeSpan.FromSeconds(Math.Clamp(4 * (DateTime.Now - process.StartTime).TotalSeconds, 10, 60));
    }

    readonly int rank;
    readonly TextWriter error;
    readonly CancellationTokenSource stopping = new();
    readonly PosixSignalRegistration ending;
    CancellationToken stop;
    Mpi? mpi;
    bool isAsked, hasSummed, isEnding;

    public Ranks(int rank, int count)
    {
        (this.rank, Count) = (rank, count);
        Environment.SetEnvironmentVariable("TERM", "dumb"); // mpirun gives each rank a terminal, and .NET would write control sequences to it.
        error = Console.Error;
        ending = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => isEnding = true);
        if (rank == 0) return;
        Console.SetOut(TextWriter.Null);
        Console.SetError(TextWriter.Null);
    }

    /// <summary>How many they are.</summary>
    public int Count { get; }

    /// <summary>A training of which each does its share, to the steps that one process alone would make. Warns where that is not so.</summary>
    Recipe Shared(Recipe recipe, Dataset data)
    {
        isAsked = true;
        if (recipe.Model.AllCalls.Any(call => call.Kind.Name == nameof(Layers.BatchNorm)))
            Notice.Warn(
                $"batch norm: each of {Count} processes normalises its share of a batch by that share's mean and variance, so the numbers are others than "
                + "one process has; the running ones are the mean over the examples.");
        else if (DataParallel.LooksAcross(recipe, data, Count))
            Notice.Warn(
                $"the losses of a batch are others in {Count} processes than in one: a layer or the loss looks at the batch as a whole, or draws random "
                + "numbers that are not the library's; so the numbers are others than one process has.");
        return recipe with { Differentiate = new DataParallel(rank, Count, Sum).ValueAndGrad };
    }

    /// <summary>Runs a script's body on all of them. They stop together, after the batch in which one of them is asked to.</summary>
    /// <param name="config">The script's options.</param>
    /// <param name="script">The script's path.</param>
    /// <param name="stop">What this process is asked to stop by.</param>
    /// <param name="body">Runs the script's body and ends its runs.</param>
    /// <exception cref="TorchletException">The script trains no network that could be shared, or Open MPI is not what started the processes.</exception>
    public void Run(ScriptConfig config, string script, CancellationToken stop, Action<ScriptConfig, ScriptRuns> body)
    {
        if (config is not TrainConfig train)
            throw new TorchletException(
                $"{Path.GetFileName(script)} trains no network whose batches {Count} processes could share; start it without mpirun or srun.");
        train = train with { Plain = true };
        this.stop = stop;
        mpi = new(Count);
        Agree(new CellIdentity(script).Of(config, stop));
        using var scratch = rank == 0 ? null : new Scratch(Path.GetTempPath());
        try
        {
            if (train.Threads is null) set_num_threads(Threads());
            var name = Path.GetFileNameWithoutExtension(script);
            if (scratch is not null) train = Apart(train, name, Path.Combine(scratch.Folder, "run"));
            Meet(); // All ranks read a resumed run before one of them writes to it.
            body(train, new(name, stopping.Token, isListed: rank == 0, processes: new(Count, Shared)) { Source = script });
        }
        catch (InterruptedException)
        {
            mpi.Leave();
            throw;
        }
        if (isAsked && !hasSummed)
            Notice.Warn($"each of {Count} processes trained the whole; to share the work, call run.Train(), or give Training.Epochs the recipe of run.Folder.");
        mpi.Leave();
    }

    /// <summary>Says what is wrong, once, and ends all of them.</summary>
    public void Fail(string message, int exitCode)
    {
        if (rank > 0)
        {
            Thread.Sleep(OthersTurn());
            if (isEnding) return;
        }
        Console.SetError(error);
        Notice.Error(rank == 0 ? message : $"rank {rank} of {Count}, on {Environment.MachineName}: {message}");
        mpi?.Abort(exitCode);
    }

    /// <summary>The sums over all ranks; the same message asks whether one of them is to stop.</summary>
    Tensor Sum(Tensor vector)
    {
        using var scope = NewDisposeScope();
        var sums = cat([vector.cpu(), tensor(new[] { stop.IsCancellationRequested ? 1f : 0f })]);
        mpi!.Sum_(sums);
        hasSummed = true;
        if (sums[^1].Number() > 0) stopping.Cancel();
        return sums.narrow(0, 0, vector.numel()).to(vector.device).MoveToOuterDisposeScope();
    }

    void Meet()
    {
        using var nothing = zeros(1);
        mpi!.Sum_(nothing);
    }

    /// <summary>Fails if a rank has other options, data, library or script: the sums would be meaningless.</summary>
    void Agree(string identity)
    {
        using var scope = NewDisposeScope();
        var digits = tensor(identity.Select(digit => (float)digit).ToArray());
        var sums = digits.clone();
        mpi!.Sum_(sums);
        if (!sums.equal(digits.Times(Count)).all().item<bool>())
            throw new TorchletException($"the {Count} processes have different options, data, libraries or scripts; give all of them the same.");
    }

    /// <summary>The options with which a rank other than the first writes into its own folder.</summary>
    static TrainConfig Apart(TrainConfig config, string script, string folder)
    {
        config = config with { SavePt = null, SaveOnnx = null, Tensorboard = false };
        if (config.Resume is not { } run) return config with { Out = folder };
        Copy(SavedRun.Find(run, script).Folder, folder);
        return config with { Resume = folder };
    }

    static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from).Where(RegularFile.Is))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        // A link may lead to a folder that contains it.
        foreach (var inner in Directory.EnumerateDirectories(from).Where(inner => new DirectoryInfo(inner).LinkTarget is null))
            Copy(inner, Path.Combine(to, Path.GetFileName(inner)));
    }

    /// <summary>Its share of the machine's cores, or those that it was bound to.</summary>
    static int Threads()
    {
        const string info = "/proc/cpuinfo";
        var mine = Environment.ProcessorCount;
        var all = File.Exists(info) ? RegularFile.Lines(info).Count(line => line.StartsWith("processor", StringComparison.Ordinal)) : mine;
        return Math.Clamp(all / (OfThisMachine.Select(Cluster.Number).FirstOrDefault(n => n is not null) ?? 1), 1, mine);
    }
}

/// <summary>A temporary folder of one rank. A rank that is killed leaves it, and a later one deletes it.</summary>
sealed class Scratch : IDisposable
{
    const string Name = "torchlet-rank-";

    // Between making a folder and locking it, another process may look at it.
    static readonly TimeSpan Young = TimeSpan.FromHours(1);

    readonly IDisposable? turn;

    /// <param name="temporary">The folder for temporary files.</param>
    public Scratch(string temporary)
    {
        foreach (var left in Directory.EnumerateDirectories(temporary, $"{Name}*")) DeleteLeft(left);
        Folder = Path.Combine(temporary, $"{Name}{Guid.NewGuid():n}");
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(Folder);
        else Directory.CreateDirectory(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        turn = FolderLock.TryTake(Folder);
    }

    /// <summary>Its path.</summary>
    public string Folder { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        turn?.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    static void DeleteLeft(string folder)
    {
        try
        {
            if (new DirectoryInfo(folder) is not { LinkTarget: null, LastWriteTimeUtc: var written } || DateTime.UtcNow - written < Young) return;
            using (var free = FolderLock.TryTake(folder))
                if (free is null) return;
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or TorchletException)
        {
            // It is another user's, or another rank deletes it at this moment.
        }
    }
}
