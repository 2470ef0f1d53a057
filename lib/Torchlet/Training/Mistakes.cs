using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>Where a network errs.</summary>
public static class Mistakes
{
    /// <summary>The mistakes that the network was surest of, surest first; among equals the first of the split.</summary>
    /// <param name="predictions">What the network said of a split.</param>
    /// <param name="examples">The split.</param>
    /// <param name="count">How many at most.</param>
    public static IReadOnlyList<Mistake> Worst(IEnumerable<Prediction> predictions, Split examples, int count) =>
        [.. predictions.Where(p => p.Predicted != p.Label).OrderByDescending(p => p.Confidence).ThenBy(p => p.Index).Take(count)
            .Select(p => new Mistake(p, examples.ArePictures ? Pixels(examples, p.Index) : [], [.. examples.InputShape]))];

    static ImmutableArray<byte> Pixels(Split examples, int index)
    {
        using var scope = NewDisposeScope();
        var image = examples.Inputs[index];
        var bytes = image.dtype == ScalarType.Byte ? image : image.Times(Batches.Unit).clamp(0, byte.MaxValue).to_type(ScalarType.Byte);
        return [.. bytes.Numbers<byte>()];
    }
}
