namespace Torchlet.Benchmarks;

/// <summary>Runs things side by side, in turn, so that a machine that slows down slows all of them.</summary>
static class Contest
{
    /// <summary>Lets each work once in turn, <paramref name="rounds"/> times after a warm-up, and keeps what each gave, round by round.</summary>
    public static IReadOnlyList<(string Name, IReadOnlyList<T> Results)> Alternate<T>(int rounds, int warmUp, IReadOnlyList<(string Name, Func<T> Work)> contestants)
    {
        var results = contestants.Select(c => (c.Name, Results: new List<T>())).ToList();
        for (var round = -warmUp; round < rounds; round++)
            foreach (var (contestant, kept) in contestants.Zip(results))
            {
                var result = contestant.Work();
                if (round >= 0) kept.Results.Add(result);
            }
        return [.. results.Select(r => (r.Name, (IReadOnlyList<T>)r.Results))];
    }
}
