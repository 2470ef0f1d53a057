using System.Collections.Immutable;
using static System.FormattableString;
using static TorchSharp.torch;
using Change = System.Func<Torchlet.Batch, Torchlet.TorchRandom, Torchlet.Batch>;

namespace Torchlet;

/// <summary>
/// Random changes of training pictures that keep their targets, as pure functions of a batch and a generator: inputs of
/// [batch, channels, height, width], a draw for each picture. Each carries its text.
/// </summary>
public static class Augmentation
{
    /// <summary>Every change that has a name on the command line, with a usual number; null of a number that it cannot take.</summary>
    public static ImmutableArray<(string Name, double Usual, Func<double, Change?> Of)> All { get; } =
    [
        ("shift", 2, pixels => pixels is >= 1 and <= 1000 && pixels == Math.Floor(pixels) ? Shift((int)pixels) : null),
        ("rotate", 10, degrees => degrees is > 0 and <= 180 ? Rotate(degrees) : null),
        ("scale", 0.1, share => share is > 0 and < 1 ? Scale(share) : null),
    ];

    /// <summary>The change that a text describes: <c>shift:2</c>, <c>rotate:10</c>, <c>scale:0.1</c>; null if it describes none.</summary>
    public static Change? Named(string text) =>
        NumberedName.Parse(text) is { } given ? All.FirstOrDefault(known => known.Name == given.Name).Of?.Invoke(given.Number) : null;

    /// <summary>Moved by a whole number of pixels in −pixels … pixels, across and down, zeros behind it. The element type stays.</summary>
    public static Change Shift(int pixels) => Of($"shift:{pixels}", (x, random) =>
    {
        var (count, height, width) = (x.size(0), x.size(2), x.size(3));
        // Every place of the window, as views: [count, channels, 2·pixels + 1, 2·pixels + 1, height, width].
        var windows = nn.functional.pad(x, (pixels, pixels, pixels, pixels)).unfold(2, height, 1).unfold(3, width, 1);
        var place = random.Uniform([2, count], 0, 2 * pixels + 1).Numbers.to_type(ScalarType.Int64).to(x.device);
        return windows.permute(0, 2, 3, 1, 4, 5).index(Scalars.Indices(count, x.device), place[0], place[1]);
    });

    /// <summary>Turned about the middle by an angle uniform in −degrees … degrees, zeros from outside; bytes become brightness in [0, 1].</summary>
    public static Change Rotate(double degrees) => Of(Invariant($"rotate:{degrees}"), (x, random) =>
        Rotated(Batches.Floats(x), random.Uniform([x.size(0)], -degrees, degrees).Numbers.to(x.device)));

    /// <summary>Magnified about the middle by a factor uniform in 1 − share … 1 + share; bytes become brightness in [0, 1].</summary>
    public static Change Scale(double share) => Of(Invariant($"scale:{share}"), (x, random) =>
    {
        var inverse = random.Uniform([x.size(0)], 1 - share, 1 + share).Numbers.to(x.device).reciprocal();
        return Sampled(Batches.Floats(x), inverse, zeros_like(inverse), zeros_like(inverse), inverse);
    });

    /// <summary>One change after the other, each by a generator of its own.</summary>
    /// <example><c>Augmentation.Chain(Augmentation.Rotate(10), Augmentation.Shift(2))</c></example>
    public static Change Chain(params ImmutableArray<Change> changes)
    {
        var texts = changes.Select(Torchlet.Named.TextOf).ToList();
        return changes is [var only] ? only : Change(texts.Contains(Torchlet.Named.Own) ? Torchlet.Named.Own : string.Join(',', texts), (x, random) =>
        {
            foreach (var change in changes)
            {
                (var seed, random) = random.Int64();
                x = change(new(x, x), TorchRandom.Seeded(seed)).Inputs;
            }
            return x;
        });
    }

    /// <summary>Each picture turned by so many degrees, by bilinear interpolation. PyTorch: affine_grid and grid_sample.</summary>
    /// <param name="x">[batch, channels, height, width], float.</param>
    /// <param name="degrees">[batch].</param>
    internal static Tensor Rotated(Tensor x, Tensor degrees)
    {
        var angle = degrees.Times(Math.PI / 180);
        // The grid counts half a height and half a width as 1 each.
        var flat = (double)x.size(2) / x.size(3);
        return Sampled(x, angle.cos(), angle.sin().Times(-flat), angle.sin().Times(1 / flat), angle.cos());
    }

    /// <summary>Each picture p as (x, y) ↦ p(a·x + b·y, c·x + d·y), the middle at (0, 0).</summary>
    static Tensor Sampled(Tensor x, Tensor a, Tensor b, Tensor c, Tensor d)
    {
        var zero = zeros_like(a);
        var grid = nn.functional.affine_grid(stack([a, b, zero, c, d, zero], 1).view(-1, 2, 3), x.shape, align_corners: false);
        return nn.functional.grid_sample(x, grid, align_corners: false);
    }

    static Change Of(string text, Func<Tensor, TorchRandom, Tensor> change) => Change(text, (x, random) => x.ndim == 4
        ? change(x, random)
        : throw new ArgumentException($"{text}: want pictures, [batch, channels, height, width], got {Shapes.Show(x.shape)}."));

    static Change Change(string text, Func<Tensor, TorchRandom, Tensor> change) => Torchlet.Named.Augmentation(text, (batch, random) =>
    {
        using var scope = NewDisposeScope();
        var changed = change(batch.Inputs, random);
        return batch with { Inputs = (ReferenceEquals(changed, batch.Inputs) ? changed.alias() : changed).MoveToOuterDisposeScope() };
    });
}
