using System.Collections.Immutable;
using TorchSharp;

namespace Torchlet;

/// <summary>A test set for data that come without one.</summary>
public static class HoldOut
{
    /// <summary>The share of each class that is held out.</summary>
    public const double Share = 0.2;

    /// <summary>The remark in logs.</summary>
    internal const string Note = "a fifth of each class held out for the test";

    /// <summary>The same where there are no classes.</summary>
    internal const string NoteOfNumbers = "a fifth of the rows held out for the test";

    /// <summary>
    /// A fifth of the examples of each class, at least one, by draws that depend on the labels alone: whatever seed a training has, it is judged by
    /// the same ones.
    /// </summary>
    /// <param name="labels">The class of each example, from 0.</param>
    /// <returns>The places of those to learn from and of those to judge by, each in rising order.</returns>
    public static (ImmutableArray<int> Train, ImmutableArray<int> Test) Of(IEnumerable<int> labels)
    {
        var test = labels.Index().ToLookup(l => l.Item, l => l.Index).SelectMany(of => Drawn([.. of], of.Key)).ToHashSet();
        return ([.. labels.Select((_, i) => i).Where(i => !test.Contains(i))], [.. test.Order()]);
    }

    /// <summary>
    /// The places of k parts, each in rising order: all in a random order, by class where the targets are labels, are dealt to the parts in turn.
    /// </summary>
    internal static IEnumerable<int[]> Folds(TorchSharp.torch.Tensor targets, int k, long seed)
    {
        using var permutation = TorchRandom.Permutation(targets.size(0), seed);
        double[] labels = targets.ndim == 1 && targets.is_integral() ? targets.Numbers() : new double[targets.size(0)];
        int[] dealt = [.. permutation.Numbers<long>().Select(place => (int)place).OrderBy(place => labels[place])];
        return Enumerable.Range(0, k).Select(part => dealt.Where((_, i) => i % k == part).Order().ToArray());
    }

    static IEnumerable<int> Drawn(int[] places, int label)
    {
        using var order = TorchRandom.Permutation(places.Length, seed: label);
        return [.. order.Numbers<long>().Take(Math.Max(1, (int)Math.Round(Share * places.Length))).Select(i => places[i])];
    }
}
