namespace Torchlet;

/// <summary>The runs within a run: one for each of its seeds, or for each variant and seed.</summary>
static class SeedRuns
{
    /// <summary>
    /// The run itself; or with --seeds one run for each seed, in a folder within the run's, <c>seed-0</c>. Each of these is the run that <c>--seed</c>
    /// alone would make. It is finished when the next one is asked for, and continued when the whole run is resumed.
    /// </summary>
    /// <remarks>After the last seed the whole run gets its log.csv, that of the seeds with <c>seed</c> in front, and pictures of their means and ranges.</remarks>
    public static IEnumerable<RunFolder> Each(RunFolder whole) => whole.HoldsRuns ? OfSeeds(whole) : [whole];

    static IEnumerable<RunFolder> OfSeeds(RunFolder whole)
    {
        var rows = new List<(long Seed, Epoch Epoch)>();
        var seeds = ((LearningConfig)whole.Config!).Seeds;
        foreach (var (seed, run) in Within(whole, seeds, RunPlaces.OfSeed, seed => NewRun.OfSeed(whole, seed), seed => $"Seed: {seed}"))
        {
            yield return run;
            rows.AddRange(TrainingLog.Read(run).SelectMany(epochs => epochs).Select(epoch => (seed, epoch)));
        }
        CsvLog.Seeds(whole, rows);
        Plots.Draw(whole);
        Console.WriteLine(ConsoleReport.Best(rows.GroupBy(row => row.Seed, row => row.Epoch)));
    }

    /// <summary>The runs within a run, one for each part. Each is begun or continued when it is asked for, and finished when the next one is.</summary>
    /// <param name="whole">The run that holds them.</param>
    /// <param name="parts">The parts.</param>
    /// <param name="name">The name of a part's folder.</param>
    /// <param name="begin">Begins or continues a part's run.</param>
    /// <param name="title">The line that is printed for a part.</param>
    public static IEnumerable<(T Part, RunFolder Run)> Within<T>(
        RunFolder whole, IEnumerable<T> parts, Func<T, string> name, Func<T, RunFolder> begin, Func<T, string> title)
    {
        foreach (var part in parts)
        {
            var wasFinished = RunStatus.Of(whole.PathOf(name(part))) == RunStatus.Finished;
            var run = begin(part);
            whole.Runs?.Add(run, wasFinished && run.Ended is not null ? null : run.Options); // A part that was finished before has its line.
            RunHeader.PrintPart(run, title(part));
            yield return (part, run);
            if (whole.Runs is { } runs) runs.Finish(run);
            else run.Dispose();
        }
    }
}
