using System.Collections.Immutable;
using System.Globalization;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>What a network says of a drawing.</summary>
/// <param name="Number">Which drawing it is, from 1.</param>
/// <param name="Drawing">The drawing.</param>
/// <param name="Likeliest">The likeliest classes, at most three, the likeliest first, with their probabilities in [0, 1].</param>
public sealed record DrawingAnswer(int Number, NamedDrawing Drawing, ImmutableArray<(string Class, float Probability)> Likeliest)
{
    const int Named = 3;

    // Fewer than one in a hundred of MNIST's digits leaves a network that knows them so unsure.
    const double LeastProbability = 0.5;

    /// <summary>Why the answer is not to be relied on; empty where nothing speaks against it.</summary>
    public string Remark => (Drawing.Framed.Oddity, Likeliest[0].Probability) switch
    {
        ({ Length: > 0 } oddity, _) => $"does not look like one digit: {oddity}",
        (_, < (float)LeastProbability) => "does not look like one digit: the network is unsure",
        _ => "",
    };

    /// <summary>The answer in one line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Drawing.Name}: {string.Join(", ", Likeliest.Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Class} {c.Probability * 100:f1}%")))}")
        + (Remark.Length > 0 ? $" ({Remark})" : "");

    /// <summary>What a network says of drawings, some at a time in order, lazily.</summary>
    /// <param name="model">The network; its output is taken for logits.</param>
    /// <param name="drawings">Drawings in frames of the network's size.</param>
    /// <param name="classes">The name of each of its outputs.</param>
    /// <param name="batchSize">Drawings that go through it at a time.</param>
    /// <param name="divisor">What a pixel's byte is divided by: 255, or 1 for raw pixels.</param>
    public static IEnumerable<DrawingAnswer> Each(
        Model model, IReadOnlyList<NamedDrawing> drawings, ImmutableArray<string> classes, int batchSize, double divisor) =>
        drawings.Index().Chunk(batchSize).SelectMany(some =>
            some.Zip(Probabilities(model, [.. some.Select(d => d.Item.Framed.Frame)], divisor), (d, p) =>
                new DrawingAnswer(d.Index + 1, d.Item, [.. classes.Zip(p).OrderByDescending(c => c.Second).Take(Named)])));

    static float[][] Probabilities(Model model, IReadOnlyList<GreyImage> frames, double divisor)
    {
        using var scope = NewDisposeScope();
        var images = tensor(frames.SelectMany(f => f.Bytes).ToArray(), [frames.Count, .. model.Net.Input]).to(model.Flat.device);
        var probabilities = model.Apply(Batches.Floats(images, divisor)) | Activations.Softmax;
        return [.. probabilities.Numbers<float>().Chunk((int)probabilities.size(1))];
    }
}
