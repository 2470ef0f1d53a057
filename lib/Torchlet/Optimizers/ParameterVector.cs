using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>What a transform may look at besides the gradient: the parameters, and where each of them stands.</summary>
/// <param name="Flat">The parameters: [count], float.</param>
/// <param name="Slots">Their names and shapes, one after the other.</param>
public sealed record ParameterVector(Tensor Flat, ImmutableArray<Slot> Slots)
{
    /// <summary>The parameters of a model.</summary>
    public static ParameterVector Of(Model model) => new(model.Flat, model.Net.Parameters);

    /// <summary>Where those stand in the flat vector that <paramref name="only"/> chooses; neighbours are one stretch.</summary>
    public IReadOnlyList<(long Start, long Length)> Stretches(Func<Slot, bool> only)
    {
        var stretches = new List<(long Start, long Length)>();
        var at = 0L;
        foreach (var slot in Slots)
        {
            if (only(slot))
                if (stretches is [.., var last] && last.Start + last.Length == at) stretches[^1] = (last.Start, last.Length + slot.Count);
                else stretches.Add((at, slot.Count));
            at += slot.Count;
        }
        return stretches;
    }
}
