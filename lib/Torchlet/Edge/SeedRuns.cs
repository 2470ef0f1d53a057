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
    public static IEnumerable<RunFolder> Each(RunFolder whole) => whole.HoldsSeeds ? OfSeeds(whole) : [whole];

    static IEnumerable<RunFolder> OfSeeds(RunFolder whole)
    {
        var rows = new List<(long Seed, Epoch Epoch)>();
        foreach (var seed in ((LearningConfig)whole.Config!).Seeds)
        {
            var wasFinished = RunStatus.Of(whole.PathOf(RunPlaces.OfSeed(seed))) == RunStatus.Finished;
            var run = NewRun.OfSeed(whole, seed);
            ScriptRuns.AtWork?.Add(run, wasFinished && run.Ended is not null ? null : run.Options); // What was finished before has its line.
            RunHeader.PrintSeed(run);
            yield return run;
            rows.AddRange(TrainingLog.Read(run).SelectMany(epochs => epochs).Select(epoch => (seed, epoch)));
            if (ScriptRuns.AtWork is { } runs) runs.Finish(run);
            else run.Dispose();
        }
        CsvLog.Seeds(whole, rows);
        Plots.Draw(whole);
        Console.WriteLine(ConsoleReport.Best(rows.GroupBy(row => row.Seed, row => row.Epoch)));
    }
}
