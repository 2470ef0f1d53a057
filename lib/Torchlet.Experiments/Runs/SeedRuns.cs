namespace Torchlet;

/// <summary>The same training from several seeds.</summary>
public static class SeedRuns
{
    /// <summary>
    /// The runs to train, one after the other: the run itself; or with --seeds one from each seed, in a folder within the run's, <c>seed-0</c>. Each of
    /// these is what <c>--seed</c> alone would make, is finished when the next one is asked for, and is taken up where it was left when the whole run is
    /// resumed.
    /// </summary>
    /// <remarks>
    /// After the last of them the whole run gets its log.csv, that of the seeds with <c>seed</c> in front, and pictures of their means and ranges.
    /// </remarks>
    /// <example><c>foreach (var run in SeedRuns.Each(whole)) Training.Run(run.Recipe!, data, run.Past.State) | CsvLog.To(run) | …</c></example>
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

    /// <summary>The runs within a run, one for each part, each begun, or taken up, when it is asked for, and finished when the next one is.</summary>
    /// <param name="whole">The run that holds them.</param>
    /// <param name="parts">What they are of.</param>
    /// <param name="name">The name of a part's folder.</param>
    /// <param name="begin">Begins a part's run, or takes it up.</param>
    /// <param name="title">What is printed of it.</param>
    internal static IEnumerable<(T Part, RunFolder Run)> Within<T>(
        RunFolder whole, IEnumerable<T> parts, Func<T, string> name, Func<T, RunFolder> begin, Func<T, string> title)
    {
        foreach (var part in parts)
        {
            var wasFinished = RunStatus.Of(whole.PathOf(name(part))) == RunStatus.Finished;
            var run = begin(part);
            ScriptRuns.AtWork?.Add(run, wasFinished && run.Ended is not null ? null : run.Options); // What was finished before has its line.
            RunHeader.PrintPart(run, title(part));
            yield return (part, run);
            if (ScriptRuns.AtWork is { } runs) runs.Finish(run);
            else run.Dispose();
        }
    }
}
