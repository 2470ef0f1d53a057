namespace Torchlet.Benchmarks;

/// <summary>Runs things side by side, in turn, so that a machine that slows down slows all of them.</summary>
static class Contest
{
    /// <summary>
    /// Lets each work once in turn, <paramref name="rounds"/> times after a warm-up, and keeps what each gave, round by round. Each round has
    /// an order of its own: who works after a program that fills the caches is slower, and that should not always be the same one.
    /// </summary>
    public static IReadOnlyList<(string Name, IReadOnlyList<T> Results)> Alternate<T>(
        int rounds, int warmUp, IReadOnlyList<(string Name, Func<T> Work)> contestants)
    {
        var (results, order, random) = (contestants.Select(_ => new List<T>()).ToList(), Enumerable.Range(0, contestants.Count).ToArray(), new Random(0));
        for (var round = -warmUp; round < rounds; round++)
        {
            random.Shuffle(order);
            foreach (var i in order)
            {
                var result = contestants[i].Work();
                if (round >= 0) results[i].Add(result);
            }
        }
        return [.. contestants.Zip(results, (c, kept) => (c.Name, (IReadOnlyList<T>)kept))];
    }
}
