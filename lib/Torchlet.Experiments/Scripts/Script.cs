using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using TorchSharp;

namespace Torchlet;

/// <summary>The frame of every script: reads options, and reports bad input as one line and an exit code instead of a stack trace.</summary>
public static class Script
{
    /// <summary>Environment variable with the words of a command line, a line each, whose last one a shell completes. The script then only says how.</summary>
    const string SuggestVariable = "TORCHLET_SUGGEST";

    /// <summary>Tunes the process for a script and loads the natives, or ends it with one line that says why not. torchlet.csx calls it first.</summary>
    public static void Begin()
    {
        // Before anything that refers to Torchlet.dll, which loads libtorch when the first method that does so begins.
        ProcessTuning.BeforeLoading();
        if (Guard(Prepare) is not 0 and var exitCode) Environment.Exit(exitCode);
        ProcessTuning.AfterLoading();
    }

    /// <summary>Reads the options and runs the script's body.</summary>
    /// <remarks>
    /// The script has the name of its file. The runs that its body begins end when it does: finished, interrupted or failed. Ctrl-C and SIGTERM cancel the
    /// run's token; a process that has not ended ten seconds later, or is asked again, is ended at once. With <c>--cells</c> as the first argument the
    /// script runs cells of a sweep, in Torchlet.Cluster.
    /// </remarks>
    /// <param name="args">The script's arguments.</param>
    /// <param name="defaults">The script's options with their defaults.</param>
    /// <param name="body">The script's work.</param>
    /// <param name="path">The script's path; the compiler fills it in.</param>
    /// <returns>
    /// The process's exit code: 0; 2 for a wrong command line; 1 for other bad input and for an error of libtorch, which is printed with the script's line;
    /// 130 or 143 if the body ended on request. Other exceptions pass through.
    /// </returns>
    public static int Run<T>(IEnumerable<string> args, T defaults, Action<Run<T>> body, [CallerFilePath] string path = "") where T : ScriptConfig
    {
        using var interruption = new Interruption();
        try
        {
            return Guard(() => Run([.. args], defaults, body, path, interruption.Token));
        }
        catch (InterruptedException e)
        {
            Notice.Say(e.Message);
            return interruption.ExitCode;
        }
    }

    static void Run<T>(ImmutableArray<string> args, T defaults, Action<Run<T>> body, string path, CancellationToken stop) where T : ScriptConfig
    {
        if (Environment.GetEnvironmentVariable(SuggestVariable) is { } words)
        {
            foreach (var suggestion in CommandLine.Suggestions(words.Split('\n'), defaults)) Console.WriteLine(suggestion);
            return;
        }
        Prepare();
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture; // A script's own $"{x:f3}" then reads the same everywhere.
        if (args is [Cluster.CellsOption, .. var asked])
        {
            Cluster.Load().RunCells(asked, path, line => Read(line, defaults, path).Config, Work, stop);
            return;
        }
        var (config, help) = Read(args, defaults, path);
        if (help is not null)
        {
            Console.WriteLine(help);
            return;
        }
        var written = CommandLine.FilesToWrite(config).ToList();
        if (config is TrainConfig { Seeds: [_, ..] } && written.FirstOrDefault().Option is { } option)
            throw new CommandLineException($"{option}: --seeds trains several networks; leave it out, and give it with --resume to the folder of one seed.");
        WrittenFiles.Check(config);
        foreach (var (_, file) in written) AtomicFile.Check(file);
        if (config is RunConfig { Threads: { } threads }) torch.set_num_threads(threads);
        if (Cluster.Started is not null) Cluster.Load().RunTogether(config, path, stop, Work);
        else Work(config, new(Path.GetFileNameWithoutExtension(path), stop) { Source = path });

        void Work(ScriptConfig own, ScriptRuns runs) => runs.During(() => body(new((T)own, defaults, runs)));
    }

    /// <summary>The options of a command line; with --resume, those of the earlier run.</summary>
    static (T Config, string? Help) Read<T>(IEnumerable<string> args, T defaults, string path) where T : ScriptConfig
    {
        var (config, help) = CommandLine.Read(args, defaults, path);
        if (help is not null || config is not IResumable { Resume: { } run }) return (config, help);
        if (config is RunConfig { Config: not null }) throw new CommandLineException("--resume: the run's own options hold; leave --config out.");
        return (SavedRun.Find(run, Path.GetFileNameWithoutExtension(path)).Config(args, defaults), null);
    }

    static void Prepare()
    {
        if (Cluster.Started is not null) Cluster.Load().Join();
        Notice.Open();
        if (!SystemFile.CanPrint()) throw new TorchletException("standard output is closed; give the script one, such as > /dev/null.");
        CheckFolder();
        Natives.Load();
    }

    /// <summary>Fails where the current folder was deleted, which libtorch would take for a damaged installation.</summary>
    static void CheckFolder()
    {
        try
        {
            _ = Environment.CurrentDirectory;
        }
        catch (IOException e)
        {
            throw new TorchletException("the current folder is not there any more; change to one that is, and run the script again.", e);
        }
    }

    static int Guard(Action action)
    {
        try
        {
            action();
            return 0;
        }
        catch (TorchletException e)
        {
            return Fail(e.Message, e.ExitCode);
        }
        catch (Exception e) when (e is OutOfMemoryException || IsOfLibrary(e))
        {
            return Fail($"the process gets no more memory, threads or open files ({e.Message.Split('\n')[0].TrimEnd('.')}); "
                + "allow it more (ulimit -v, -u, -n), or give it less to do.", exitCode: 1);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail($"{e.Message.TrimEnd('.')}; make the place usable or name another.", exitCode: 1);
        }
        catch (Exception e) when (ScriptError.IsNative(e) && !ScriptError.IsTraced)
        {
            return Fail(ScriptError.Describe(e), exitCode: 1);
        }
    }

    // .NET finds no file for a library either where it may open no more.
    static bool IsOfLibrary(Exception e) =>
        ((e as FileNotFoundException)?.FileName ?? (e as FileLoadException)?.FileName)?.Contains(", Version=", StringComparison.Ordinal) == true;

    static int Fail(string message, int exitCode)
    {
        if (Cluster.Started is not null) Cluster.Load().Fail(message, exitCode);
        else Notice.Error(message);
        return exitCode;
    }
}
