using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using TorchSharp;

namespace Torchlet;

/// <summary>
/// A script in the hands of a sweep. Called with <c>--cells</c> as its first argument, it runs no command line of its own, but those of cells:
/// <c>--cells PLAN I/N</c> runs of a plan's file every N-th cell from the I-th on, counted from 0; <c>--cells serve</c> does what standard input asks
/// for, a line each, and stops when that ends: a JSON array is a command line, which it answers with the cell that it is, or with what is wrong with
/// it; <c>N PLAN</c> is a cell of a plan's file, counted from 0, which it runs.
/// </summary>
/// <param name="path">The script's path.</param>
/// <param name="read">A command line's options.</param>
/// <param name="body">Runs the script's body with them and ends its runs.</param>
/// <param name="answers">Where it says what came of a cell; what the cells print goes elsewhere.</param>
sealed class SweptScript(string path, Func<IReadOnlyList<string>, ScriptConfig> read, Action<ScriptConfig, ScriptRuns> body, TextWriter answers)
{
    const string Option = Cluster.CellsOption;

    /// <summary>The argument after it of a process that does what it is asked for.</summary>
    public const string Serving = "serve";

    /// <summary>What a cell came to, as the worker says it.</summary>
    public const string Done = "done", Failed = "failed", Taken = "taken";

    readonly CellIdentity identity = new(path);

    /// <summary>Does what the arguments after the first one ask for.</summary>
    /// <exception cref="CommandLineException">They ask for nothing.</exception>
    /// <exception cref="InterruptedException">It was asked to stop; what was at work can go on later.</exception>
    public void Run(IReadOnlyList<string> asked, CancellationToken stop)
    {
        try
        {
            Begin(asked, stop);
        }
        catch (OperationCanceledException e) when (e is not InterruptedException)
        {
            throw new InterruptedException("interrupted.", e);
        }
    }

    void Begin(IReadOnlyList<string> asked, CancellationToken stop)
    {
        if (asked is [Serving]) Serve(stop);
        else if (asked is [var plan, var slice]) RunSlice(plan, slice, stop);
        else throw new CommandLineException($"{Option}: want {Serving}, or a plan's file and which slice of it.");
    }

    JsonObject Described(IReadOnlyList<string> arguments, CancellationToken stop)
    {
        try
        {
            var config = Config(arguments);
            return new() { ["cell"] = identity.Of(config, stop), [SweepPlan.Seed] = config is RunConfig run ? $"{run.Seed}" : null };
        }
        catch (TorchletException e)
        {
            return new() { ["error"] = e.Message, ["exit_code"] = e.ExitCode };
        }
    }

    /// <summary>Does what it is asked for. Whoever asks ends the script by ending standard input, and so does their own end.</summary>
    void Serve(CancellationToken stop)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var lines = new BlockingCollection<string>();
        new Thread(() =>
        {
            while (Console.In.ReadLine() is { } line) lines.Add(line);
            lines.CompleteAdding();
            ended.Cancel();
        })
        { IsBackground = true }.Start();
        try
        {
            var (known, cells) = ("", (IReadOnlyList<SweepCell>)[]);
            foreach (var line in lines.GetConsumingEnumerable(ended.Token))
            {
                if (line.StartsWith('['))
                {
                    Answer(Described([.. SweepCell.Texts(JsonNode.Parse(line)!)], ended.Token).ToJsonString());
                    continue;
                }
                var (number, plan) = line.Split(' ', 2) is [var first, var rest] ? (int.Parse(first, CultureInfo.InvariantCulture), rest)
                    : throw new CommandLineException($"{Option} {Serving}: want a command line or a cell of a plan, and not {Printable.Of(line)}.");
                if (plan != known) (known, cells) = (plan, SweepCell.Read(plan));
                RunAndAnswer(plan, cells, number, ended.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Nothing more is wanted, and a cell that was at work has said so in its folder: who sent it tells the person.
        }
    }

    void RunSlice(string plan, string slice, CancellationToken stop)
    {
        var cells = SweepCell.Read(plan);
        var (index, count) = slice.Split('/') is [var i, var n] && int.TryParse(i, out var at) && int.TryParse(n, out var of) && at >= 0 && at < of
            ? (at, of) : throw new CommandLineException($"{Option} {plan} {slice}: want a slice such as 0/10, counted from 0.");
        var others = 0;
        for (var number = index; number < cells.Count; number += count)
        {
            stop.ThrowIfCancellationRequested();
            if (RunAndAnswer(plan, cells, number, stop) != Done) others++;
        }
        if (others > 0)
            throw new TorchletException($"{Plural.Of(others, "cell of the slice is", "cells of the slice are")} not done; "
                + $"their files in {CellFiles.Home} say why.");
    }

    string RunAndAnswer(string plan, IReadOnlyList<SweepCell> cells, int number, CancellationToken stop)
    {
        var files = new CellFiles(Path.GetDirectoryName(Path.GetFullPath(plan))!, cells[number].Id);
        var came = files.IsDone ? Done : RunCell(cells[number], files, stop);
        Answer($"{number} {came}");
        return came;
    }

    void Answer(string line)
    {
        answers.WriteLine(line);
        answers.Flush();
    }

    /// <summary>Runs a cell, or goes on with it; gives what came of it.</summary>
    string RunCell(SweepCell cell, CellFiles files, CancellationToken stop)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(files.Run)!);
        if (IsTaken(files)) return Taken;
        try
        {
            Printing(files.Printed, () => RunCell(cell, files, Begun(cell, files, stop), stop));
            return Done;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            var reason = e is TorchletException ? e.Message : $"{e.GetType().Name}: {e.Message}";
            AtomicFile.Write(files.Failure, Encoding.UTF8.GetBytes(Notice.Line(reason) + "\n"));
            return Failed;
        }
        finally
        {
            // What a script leaves to the end of its process must go now: the collector does not see how large tensors are.
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    void RunCell(SweepCell cell, CellFiles files, ScriptConfig config, CancellationToken stop)
    {
        var start = Stopwatch.GetTimestamp();
        using var scope = torch.NewDisposeScope();
        if (config is RunConfig { Threads: { } threads }) torch.set_num_threads(threads);
        var runs = new ScriptRuns(Path.GetFileNameWithoutExtension(path), stop, isListed: false) { Source = path };
        body(config, runs);
        CellResult.Of(files.Run, runs.Figures, Stopwatch.GetElapsedTime(start)).Write(files.Result);
        File.Delete(files.Failure);
    }

    /// <summary>The options with which a cell begins, or goes on where it was interrupted, if the script can; else what it left is deleted.</summary>
    /// <exception cref="TorchletException">The cell is another one now.</exception>
    ScriptConfig Begun(SweepCell cell, CellFiles files, CancellationToken stop)
    {
        var config = Config(cell.Arguments);
        if (identity.Of(config, stop) != cell.Id)
            throw new TorchletException("the library, the script or the data are others than when the sweep was planned; run the sweep's command again");
        if (RunPlaces.HoldsRun(files.Run) && config is IResumable)
            return Config([.. cell.Arguments, .. CommandLine.Typed(SavedRun.ResumeOption, files.Run)]);
        if (Directory.Exists(files.Run)) Directory.Delete(files.Run, recursive: true);
        return config with { Out = files.Run };
    }

    /// <summary>A cell's options: it shares the machine with others, and nobody looks on.</summary>
    ScriptConfig Config(IReadOnlyList<string> arguments) =>
        (read(arguments) is var config && config is RunConfig { Threads: null } run ? run with { Threads = 1 } : config) with { Plain = true };

    static bool IsTaken(CellFiles files)
    {
        if (!Directory.Exists(files.Run)) return false;
        using var turn = FolderLock.TryTake(files.Run);
        return turn is null;
    }

    static void Printing(string file, Action action)
    {
        var (output, error) = (Console.Out, Console.Error);
        using var printed = TextWriter.Synchronized(new StreamWriter(file, append: true) { AutoFlush = true });
        Console.SetOut(printed);
        Console.SetError(printed);
        try
        {
            action();
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }
    }
}
