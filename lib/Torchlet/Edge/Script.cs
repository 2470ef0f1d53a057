using System.Globalization;
using System.Runtime.CompilerServices;
using TorchSharp;

namespace Torchlet;

/// <summary>What stands around every script: options in, and one line with an exit code instead of a stack trace for bad input.</summary>
public static class Script
{
    /// <summary>Loads the natives, or ends the process with one line that says why not. The generated torchlet.csx calls it first.</summary>
    public static void Begin()
    {
        if (Guard(Natives.Load) is not 0 and var exitCode) Environment.Exit(exitCode);
    }

    /// <summary>Reads the options and runs the script's body with them.</summary>
    /// <param name="args">The script's arguments.</param>
    /// <param name="defaults">The script's options with their defaults.</param>
    /// <param name="body">What the script does.</param>
    /// <param name="path">The script's path; the compiler fills it in.</param>
    /// <returns>The process's exit code: 0, 2 for a wrong command line, 1 for other bad input. A bug's exception passes through.</returns>
    public static int Run<T>(IEnumerable<string> args, T defaults, Action<T> body, [CallerFilePath] string path = "") where T : ScriptConfig => Guard(() =>
    {
        Natives.Load();
        var (config, help) = CommandLine.Read(args, defaults, path);
        if (help is not null)
        {
            Console.WriteLine(help);
            return;
        }
        if (config is TrainConfig { Resume: { } run, Config: null }) config = SavedRun.Find(run, Path.GetFileNameWithoutExtension(path)).Config(args, defaults);
        else if (config is TrainConfig { Resume: not null }) throw new CommandLineException("--resume: the run's own options hold; leave --config out.");
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture; // A script's own $"{x:f3}" then reads the same everywhere.
        if (config is RunConfig { Threads: { } threads }) torch.set_num_threads(threads);
        body(config);
    });

    /// <summary>The same for a body that can be stopped: Ctrl-C and SIGTERM cancel its token. A process that has not ended ten
    /// seconds later, or is asked a second time, is ended as it stands.</summary>
    /// <returns>As above, and 130 or 143 where the body ended on that request.</returns>
    /// <inheritdoc cref="Run{T}(IEnumerable{string}, T, Action{T}, string)"/>
    public static int Run<T>(IEnumerable<string> args, T defaults, Action<T, CancellationToken> body, [CallerFilePath] string path = "") where T : ScriptConfig
    {
        using var interruption = new Interruption();
        try
        {
            return Run(args, defaults, config => body(config, interruption.Token), path);
        }
        catch (OperationCanceledException e) when (interruption.Token.IsCancellationRequested)
        {
            Console.Error.WriteLine(e is InterruptedException ? e.Message : "interrupted.");
            return interruption.ExitCode;
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
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail($"{e.Message.TrimEnd('.')}; make the place usable or name another.", exitCode: 1);
        }
    }

    static int Fail(string message, int exitCode)
    {
        Console.Error.WriteLine($"error: {message}");
        return exitCode;
    }
}
