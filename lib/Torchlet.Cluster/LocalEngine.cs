using System.Collections.Concurrent;
using System.Globalization;

namespace Torchlet;

/// <summary>Runs a sweep's cells on this machine: some processes, each of which takes one cell after the other.</summary>
static class LocalEngine
{
    /// <summary>A cell that ended, and how.</summary>
    public sealed record Ended(int Number, string Came);

    /// <summary>Runs what is missing, and reports each cell as it ends.</summary>
    /// <exception cref="OperationCanceledException">It was asked to stop; the cells at work have saved what they can.</exception>
    public static void Run(Sweep sweep, RunFolder run, IReadOnlyList<int> missing, Action<Ended> report, CancellationToken stop)
    {
        var (numbers, turn, plan) = (new ConcurrentQueue<int>(missing), new Lock(), Sweep.Plan(run, sweep.Cells));
        var workers = Enumerable.Range(0, Math.Min(Sweep.SideBySide(sweep.Config), missing.Count)).Select(_ => Task.Factory.StartNew(
            () => Work(sweep.Workers, plan, numbers, Tell, stop), CancellationToken.None, TaskCreationOptions.LongRunning,
            TaskScheduler.Default)).ToArray();
        Task.WaitAll(workers, CancellationToken.None);
        stop.ThrowIfCancellationRequested();

        void Tell(Ended ended)
        {
            lock (turn) report(ended);
        }
    }

    static void Work(SweepWorkers workers, string plan, ConcurrentQueue<int> numbers, Action<Ended> report, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested && !numbers.IsEmpty)
        {
            var worker = workers.Take();
            using var ending = stop.Register(worker.Stop); // It then saves and ends.
            while (!stop.IsCancellationRequested && numbers.TryDequeue(out var number))
                if (Answer(worker, plan, number) is { } came) report(new(number, came));
                else if (!stop.IsCancellationRequested)
                {
                    report(new(number, $"its process ended (exit code {worker.End()})"));
                    break; // Another process takes the next one.
                }
            if (stop.IsCancellationRequested) worker.End();
            workers.Return(worker);
        }
    }

    /// <summary>Result of a cell; null if the worker has ended.</summary>
    static string? Answer(SweepWorker worker, string plan, int number)
    {
        var prefix = string.Create(CultureInfo.InvariantCulture, $"{number} ");
        return worker.Ask(prefix + plan) && worker.Answer() is { } line && line.StartsWith(prefix, StringComparison.Ordinal) ? line[prefix.Length..] : null;
    }
}
