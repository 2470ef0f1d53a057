using System.Collections.Immutable;
using static System.FormattableString;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>
/// The order of an epoch's examples: their places in the split, any number of them, each as often as it is to be learned from. A pure function. How many
/// places there are may depend on the split and the epoch, not on the draws, since schedules count the steps beforehand.
/// </summary>
/// <example><c>recipe with { Order = (random, split, epoch) => (arange(split.Count / 2), random) }</c></example>
/// <param name="random">The generator; the next one also draws what follows in the epoch, such as dropout.</param>
/// <param name="split">The training examples.</param>
/// <param name="epoch">From 1.</param>
/// <returns>[any], int64, from 0, and the next generator.</returns>
public delegate (Tensor Places, TorchRandom Next) Order(TorchRandom random, Split split, int epoch);

/// <summary>Orders of the examples, each with its text.</summary>
public static class Orders
{
    /// <summary>Every example once, shuffled. PyTorch: <c>DataLoader(shuffle=True)</c>, the same draws.</summary>
    public static Order Shuffle { get; } = Of("shuffle", Whole, (random, split, _) => Batches.Shuffle(random, split.Count));

    /// <summary>Every example once, in the order of the split. PyTorch: <c>DataLoader(shuffle=False)</c>, the same draws.</summary>
    public static Order Sequential { get; } = Of("sequential", Whole, (random, split, _) => (Scalars.Indices(split.Count, CPU), Batches.InOrder(random)));

    /// <summary>
    /// As many draws with replacement as there are examples. PyTorch: a DataLoader with <c>RandomSampler(replacement=True)</c>, the same draws.
    /// </summary>
    public static Order Bootstrap { get; } = Of("bootstrap", Whole, (random, split, _) =>
    {
        var (seed, next) = Batches.InOrder(random).Int64();
        return (TorchRandom.Integers(split.Count, split.Count, seed), next);
    });

    /// <summary>
    /// Every class that has examples equally often, count / classes times, shuffled. Of a class with more examples, a random part; of a class with fewer,
    /// each example equally often, or once more.
    /// </summary>
    /// <exception cref="ArgumentException">From the order: the targets are not labels, [count] integers.</exception>
    public static Order Balanced { get; } = Of("balanced", (split, _) => Balance(split) is var (classes, each) ? classes.Length * each : 0,
        (random, split, _) =>
    {
        var (classes, each) = Balance(split);
        var places = new List<int>();
        foreach (var members in classes)
        {
            (var seed, random) = random.Int64();
            using var permutation = TorchRandom.Permutation(members.Length, seed);
            var drawn = permutation.Numbers<long>();
            places.AddRange(Enumerable.Range(0, each).Select(i => members[drawn[i % members.Length]]));
        }
        return Shuffled(random, places);
    });

    /// <summary>
    /// As many draws with replacement as there are examples, each example with a probability proportional to its weight, a side column [count]. PyTorch: a
    /// DataLoader with <c>WeightedRandomSampler(weights, len(weights))</c>, the same draws.
    /// </summary>
    /// <example><c>Orders.Weighted("weight")</c> for <c>data.Train.With("weight", weights)</c></example>
    /// <exception cref="ArgumentException">From the order: the column is missing, has not one number ≥ 0 an example, or only zeros.</exception>
    public static Order Weighted(string column) => Of($"Weighted({column})", (split, _) => Scores("Weighted", split, column).Length, (random, split, _) =>
    {
        using var weights = tensor(Scores("Weighted", split, column));
        return Batches.InOrder(random).Multinomial(weights, split.Count);
    });

    /// <summary>
    /// The examples with the lowest scores, a side column [count], shuffled: the share <paramref name="start"/> of them in the first epoch, linearly more in
    /// each next one, all of them from epoch <paramref name="epochs"/> on. Source: Bengio et al. 2009, Curriculum learning.
    /// </summary>
    /// <example><c>Orders.Curriculum("difficulty", epochs: 5)</c></example>
    /// <param name="column">The scores: how hard an example is.</param>
    /// <param name="epochs">The first epoch with all examples, from 1.</param>
    /// <param name="start">The share in the first epoch, in (0, 1].</param>
    /// <exception cref="ArgumentException">A number is out of its range; from the order: the column is missing, or has not one number an example.</exception>
    public static Order Curriculum(string column, int epochs, double start = 0.2)
    {
        if (epochs < 1) throw new ArgumentException($"epochs: want 1 or more, got {epochs}.", nameof(epochs));
        if (start is not (> 0 and <= 1)) throw new ArgumentException(Invariant($"start: want a share in (0, 1], got {start}."), nameof(start));
        return Of(Invariant($"Curriculum({column}, {epochs}, {start})"),
            (split, epoch) => Share(Scores("Curriculum", split, column).Length, epoch),
            (random, split, epoch) => Shuffled(random, [.. Scores("Curriculum", split, column).Index().OrderBy(score => score.Item)
                .Select(score => score.Index).Take(Share(split.Count, epoch))]),
            settled: epochs);

        int Share(int count, int epoch) =>
            Math.Max(1, (int)Math.Round(count * (epoch >= epochs ? 1 : start + (1 - start) * (epoch - 1) / (epochs - 1))));
    }

    /// <summary>Every order that has a name on the command line.</summary>
    public static ImmutableArray<Order> All { get; } = [Shuffle, Balanced, Bootstrap, Sequential];

    /// <summary>The order of a name: <c>shuffle</c>; null if there is none.</summary>
    public static Order? Named(string name) => All.FirstOrDefault(order => Torchlet.Named.TextOf(order) == name);

    /// <summary>The places of an epoch, checked, on the device of the split.</summary>
    /// <exception cref="ArgumentException">There are none, or they are not those of examples.</exception>
    internal static (Tensor Places, TorchRandom Next) Draw(this Order order, TorchRandom random, Split split, int epoch)
    {
        using var scope = NewDisposeScope();
        var (places, next) = order(random, split, epoch);
        var count = places.Want("Order: places", -1).Want("Order: places", ScalarType.Int64).size(0);
        if (count == 0) throw new ArgumentException($"Order: want places of examples, got none in epoch {epoch}.");
        var (low, high) = (places.min().item<long>(), places.max().item<long>());
        if (low < 0 || high >= split.Count)
            throw new ArgumentException($"Order: want places from 0 to {split.Count - 1}, got {low} to {high} in epoch {epoch}.");
        return (places.to(split.Inputs.device).MoveToOuterDisposeScope(), next);
    }

    /// <summary>How many places an epoch has. A custom order is drawn to learn it.</summary>
    internal static int Length(this Order order, Split split, int epoch)
    {
        if (order.Target is NamedOrder named) return named.Length(split, epoch);
        using var scope = NewDisposeScope();
        return (int)order.Draw(TorchRandom.Seeded(0), split, epoch).Places.size(0);
    }

    /// <summary>How many places the epochs have, and how many epochs in a row have so many.</summary>
    internal static IEnumerable<(int Length, int Epochs)> Lengths(this Order order, Split split, int epochs)
    {
        var different = Math.Clamp((order.Target as NamedOrder)?.Settled ?? epochs, 0, Math.Max(0, epochs));
        return Enumerable.Range(1, different).Select(epoch => (order.Length(split, epoch), epoch < different ? 1 : epochs - epoch + 1));
    }

    /// <summary>Steps of all epochs together.</summary>
    internal static long Steps(this Order order, Split split, int epochs, int batchSize) =>
        order.Lengths(split, epochs).Sum(epoch => (long)epoch.Epochs * Batches.Count(epoch.Length, batchSize));

    static Order Of(string text, Func<Split, int, int> length, Order draw, int settled = 1) => new NamedOrder(text, draw, length, settled).Draw;

    static int Whole(Split split, int epoch) => split.Count;

    /// <summary>The places of each class's examples, and how often a class is to be seen.</summary>
    static (int[][] Classes, int Each) Balance(Split split)
    {
        var labels = split.Targets;
        if (labels.ndim != 1 || !labels.is_integral())
            throw new ArgumentException($"Balanced: want labels as targets, [count] integers, got {Split.Shown(labels)}.");
        int[][] classes = [.. labels.Numbers().Index().GroupBy(label => label.Item, label => label.Index).OrderBy(of => of.Key).Select(of => of.ToArray())];
        return (classes, Math.Max(1, split.Count / classes.Length));
    }

    static double[] Scores(string order, Split split, string column) => split[column].Want($"{order}: {column}", split.Count).Numbers();

    static (Tensor Places, TorchRandom Next) Shuffled(TorchRandom random, IReadOnlyCollection<int> places)
    {
        using var scope = NewDisposeScope();
        var (permutation, next) = Batches.Shuffle(random, places.Count);
        return (tensor(places.ToArray()).to_type(ScalarType.Int64).index_select(0, permutation).MoveToOuterDisposeScope(), next);
    }
}

/// <summary>An order with its text and its length.</summary>
/// <param name="Text">The text.</param>
/// <param name="Order">The function.</param>
/// <param name="Length">How many places an epoch has.</param>
/// <param name="Settled">The first of the epochs that all have as many.</param>
sealed record NamedOrder(string Text, Order Order, Func<Split, int, int> Length, int Settled) : INamed
{
    /// <summary>The function; a delegate of this method holds the text as its target, where <see cref="Named.TextOf"/> finds it.</summary>
    public (Tensor Places, TorchRandom Next) Draw(TorchRandom random, Split split, int epoch) => Order(random, split, epoch);
}
