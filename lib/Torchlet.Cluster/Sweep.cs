using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Torchlet;

/// <summary>A script and everything that is to be run of it, and the processes that run it here.</summary>
public sealed record Sweep : IDisposable
{
    Sweep(SweepConfig config, ScriptRuns runs, string script, SweepPlan plan, ImmutableArray<SweepCell> cells, SweepWorkers workers) =>
        (Config, Runs, ScriptFile, Axes, Cells, Workers) = (config, runs, script, plan, cells, workers);

    /// <summary>Its options.</summary>
    public SweepConfig Config { get; }

    ScriptRuns Runs { get; }

    /// <summary>The script's path.</summary>
    public string ScriptFile { get; }

    internal SweepPlan Axes { get; }

    internal ImmutableArray<SweepCell> Cells { get; }

    internal SweepWorkers Workers { get; }

    /// <summary>The sweep that options describe. The script itself says of each command line whether it is one.</summary>
    /// <exception cref="CommandLineException">There is no such script, or a command line is wrong.</exception>
    /// <exception cref="TorchletException">The data are not there.</exception>
    public static Sweep Of(Run<SweepConfig> run)
    {
        var (config, stop) = (run.Config, run.Stop);
        var (script, plan) = (ScriptProcess.Find(config.Script), SweepPlan.Of(config));
        var isHere = config is { On: "local", DryRun: false };
        var workers = new SweepWorkers(script, isHere ? Math.Min(SideBySide(config), plan.Cells.Length) : 1);
        try
        {
            return new(config, run.Runs, script, plan, CellsOf(config, script, plan, workers, stop), workers);
        }
        catch
        {
            workers.Dispose();
            throw;
        }
    }

    /// <summary>How many runs go side by side here.</summary>
    internal static int SideBySide(SweepConfig config) => config.Jobs ?? Environment.ProcessorCount;

    static ImmutableArray<SweepCell> CellsOf(SweepConfig config, string script, SweepPlan plan, SweepWorkers workers, CancellationToken stop)
    {
        var arguments = plan.Cells.Select(cell => plan.Arguments(config, cell)).ToList();
        var cells = Described(script, arguments, workers, stop).Zip(plan.Cells.Zip(arguments), (known, cell) => new SweepCell(
            known.Id, known.Seed, cell.First[..plan.Options.Length], [.. cell.Second])).ToImmutableArray();
        return cells.Index().GroupBy(c => c.Item.Id).FirstOrDefault(same => same.Count() > 1)?.ToList() is [var one, var other, ..]
            ? throw new CommandLineException($"cells {one.Index + 1} and {other.Index + 1} are the same run ({string.Join(' ', other.Item.Arguments)}); "
                + "give each value once.")
            : cells;
    }

    /// <summary>Ends the processes that run it here.</summary>
    public void Dispose() => Workers.Dispose();

    /// <summary>Its folder: the one that --out names, else one below outputs/ that the options name, so that the same command finds it again.</summary>
    string Place => Path.GetFullPath(Config.Out ?? Path.Combine(Home, $"{Name}-{Hash([CommandLine.Differing(Config)])}"));

    /// <summary>The folder of the sweeping script's runs.</summary>
    string Home => Path.Combine(ProjectFolders.Outputs, Runs.Script);

    /// <summary>The name of the script that is swept.</summary>
    internal string Name => Path.GetFileNameWithoutExtension(ScriptFile);

    /// <summary>Prints what would be run.</summary>
    public void Print()
    {
        const int most = 20;
        Console.WriteLine($"{Plural.Of(Cells.Length, "cell")} of {Name}, "
            + $"of which {Plural.Of(Missing(Place).Count, "is", "are")} to do in {Notice.Shown(Place)}:");
        foreach (var cell in Cells.Take(most)) Console.WriteLine($"  {cell.Id}  {Notice.Line(string.Join(' ', cell.Arguments))}");
        if (Cells.Length > most) Console.WriteLine($"  … and {Cells.Length - most:n0} more");
    }

    /// <summary>The sweep's folder, made if it is not there. One process at a time works on it.</summary>
    /// <exception cref="TorchletException">The folder holds something else, or another process is at work on it.</exception>
    public RunFolder Begin()
    {
        var run = RunPlaces.HoldsRun(Place) ? Continued(Place)
            : NewRun.Create(Runs.Script, Config with { Out = Place }, data: null, device: null, Home, DateTime.Now, subject: Name, runs: Runs);
        Runs.Add(run, CommandLine.Differing(run.Config!));
        Directory.CreateDirectory(run.PathOf(CellFiles.Home));
        Console.WriteLine($"Sweep: {Notice.Shown(run.Folder)}, {Plural.Of(Cells.Length, "cell")}, {Missing(run.Folder).Count:n0} to do");
        return run;
    }

    /// <summary>Ends a sweep of which something is missing, and says why.</summary>
    /// <exception cref="TorchletException">A cell is not done.</exception>
    public void Check(RunFolder run)
    {
        const int most = 20;
        var missing = Missing(run.Folder);
        foreach (var number in missing.Take(most))
            if (new CellFiles(run.Folder, Cells[number].Id) is var files && File.Exists(files.Failure))
                Notice.Say($"cell {number + 1} ({NameOf(number)}): {File.ReadAllText(files.Failure).TrimEnd()}");
        if (missing.Count > 0)
            throw new TorchletException($"not done: {missing.Count:n0} of {Plural.Of(Cells.Length, "cell")}; the same command again runs them.");
    }

    /// <summary>Writes cells into a file of the sweep's folder whose name follows from them: whoever reads it never sees others. Gives its path.</summary>
    internal static string Plan(RunFolder run, IEnumerable<SweepCell> cells)
    {
        var lines = cells.Select(cell => cell.Line).ToList();
        var file = run.PathOf($"plan-{Hash(lines)}.jsonl");
        AtomicFile.Write(file, Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n"))));
        return file;
    }

    /// <summary>The numbers of the cells that are not done.</summary>
    internal IReadOnlyList<int> Missing(string folder) =>
        [.. Cells.Index().Where(cell => !new CellFiles(folder, cell.Item.Id).IsDone).Select(cell => cell.Index)];

    /// <summary>What a cell is called: its options, as far as they differ, and its seed.</summary>
    internal string NameOf(int number) => Axes.HasSeeds
        ? SweepPlan.Named(Axes.Options.Append(SweepPlan.Seed), Cells[number].Values.Append(Cells[number].Seed ?? ""))
        : SweepPlan.Named(Axes.Options, Cells[number].Values);

    RunFolder Continued(string place)
    {
        var record = RunRecord.Read(Path.Combine(place, RunRecord.FileName), Runs.Script);
        string[] free = [.. CommandLine.NotReplayed(Config)];
        foreach (var (name, value) in CommandLine.Options(Config).Where(o => !free.Contains(o.Name)))
            if (record.Options.FirstOrDefault(o => o.Name == name).Value is var was && was != value)
                throw new TorchletException($"--out {place}: the sweep there has --{name} {Printable.Of(was ?? "none")}, "
                    + $"and not {Printable.Of(value ?? "none")}; name another folder.");
        var run = new RunFolder(place, Runs.Script)
        {
            Config = Config, Runs = Runs,
            Lock = FolderLock.TryTake(place) ?? throw new TorchletException($"{place}: another process is at work on this sweep; wait until it ends."),
        };
        RunStatus.Write(run, RunStatus.Running);
        return run;
    }

    static List<(string Id, string? Seed)> Described(
        string script, IReadOnlyList<IReadOnlyList<string>> arguments, SweepWorkers workers, CancellationToken stop)
    {
        var worker = workers.Take();
        using var ending = stop.Register(worker.Kill);
        _ = Task.Run(() =>
        {
            foreach (var line in arguments) worker.StandardInput.WriteLine(SweepCell.Texts(line).ToJsonString());
            worker.StandardInput.Flush();
        }, CancellationToken.None);
        var cells = new List<(string, string?)>();
        while (cells.Count < arguments.Count && worker.StandardOutput.ReadLine() is { } answer)
        {
            // A script may print something before it comes to its options.
            if (!answer.StartsWith('{') || JsonNode.Parse(answer) is not JsonObject json) continue;
            if (json["error"] is { } error)
            {
                worker.Kill(); // It has others to tell of, and nobody listens.
                throw Refused(script, $"{error}", (int)json["exit_code"]!);
            }
            cells.Add(($"{json["cell"]}", (string?)json[SweepPlan.Seed]));
        }
        stop.ThrowIfCancellationRequested();
        if (cells.Count < arguments.Count)
        {
            worker.WaitForExit();
            throw new TorchletException($"{script}: it does not say what its cells are (exit code {worker.ExitCode}); a script that is swept ends in "
                + "`return Script.Run(Args, …)`.");
        }
        workers.Return(worker);
        return cells;
    }

    static TorchletException Refused(string script, string message, int exitCode)
    {
        var line = $"{Path.GetFileNameWithoutExtension(script)}: {message}";
        return exitCode == 2 ? new CommandLineException(line) : new TorchletException(line);
    }

    static string Hash(IEnumerable<string> lines) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines))))[..8];
}
