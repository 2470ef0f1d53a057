using System.Collections.Immutable;
using static System.FormattableString;
using static TorchSharp.torch;
using Change = System.Func<Torchlet.Batch, Torchlet.TorchRandom, Torchlet.Batch>;

namespace Torchlet;

/// <summary>
/// Random changes of training pictures, as pure functions of a batch and a generator: inputs of [batch, channels, height, width], a draw for each
/// picture. All but <see cref="Mixup"/> keep the targets. Each carries its text.
/// </summary>
public static class Augmentation
{
    /// <summary>Every change that has a name on the command line, with a usual number; null of a number that it cannot take.</summary>
    public static ImmutableArray<(string Name, double Usual, Func<double, Change?> Of)> All { get; } =
    [
        ("shift", 2, pixels => pixels is >= 1 and <= 1000 && pixels == Math.Floor(pixels) ? Shift((int)pixels) : null),
        ("rotate", 10, degrees => degrees is > 0 and <= 180 ? Rotate(degrees) : null),
        ("scale", 0.1, share => share is > 0 and < 1 ? Scale(share) : null),
        ("flip", 0.5, probability => probability is > 0 and <= 1 ? Flip(probability) : null),
        ("crop", 0.8, share => share is > 0 and < 1 ? Crop(share) : null),
        ("cut-out", 8, pixels => pixels is >= 1 and <= 1000 && pixels == Math.Floor(pixels) ? CutOut((int)pixels) : null),
        ("noise", 0.1, deviation => deviation is > 0 and < 1e9 ? Noise(deviation) : null),
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

    /// <summary>Left and right exchanged with this probability. torchvision: RandomHorizontalFlip. The element type stays.</summary>
    public static Change Flip(double probability = 0.5) => Of(Invariant($"flip:{probability}"), (x, random) =>
        where(random.Bernoulli(zeros([x.size(0), 1, 1, 1], device: x.device), probability).Numbers.to_type(ScalarType.Bool), x.flip([3]), x));

    /// <summary>
    /// A part of the picture in its place: its sides are those of the picture times a factor uniform in share … 1, it is anywhere in the picture, and it is
    /// enlarged to the picture's size. Bytes become brightness in [0, 1]. torchvision: RandomResizedCrop of an unchanged shape.
    /// </summary>
    /// <param name="share">The smallest factor.</param>
    public static Change Crop(double share) => Of(Invariant($"crop:{share}"), (x, random) =>
    {
        var draws = Draws(random, x, 3);
        var size = draws[0].Times(1 - share).Plus_(share);
        // The picture reaches from -1 to 1, so the part's middle may be as far from 0 as its size is below 1.
        var room = size.neg().Plus_(1);
        return Sampled(Batches.Floats(x), size, zeros_like(size), zeros_like(size), size, Within(draws[1], room), Within(draws[2], room));

        static Tensor Within(Tensor draw, Tensor room) => draw.Times(2).Plus_(-1).mul_(room);
    });

    /// <summary>
    /// A square of so many pixels a side blackened, its middle at any pixel, so that a part of it may be outside. The element type stays.
    /// Source: DeVries and Taylor 2017, arXiv:1708.04552.
    /// </summary>
    public static Change CutOut(int pixels) => Of($"cut-out:{pixels}", (x, random) =>
    {
        var draws = Draws(random, x, 2);
        var (down, right) = (Outside(draws[0], x.size(2)), Outside(draws[1], x.size(3)));
        return x.mul(down.view(-1, 1, x.size(2), 1).logical_or(right.view(-1, 1, 1, x.size(3))).to_type(x.dtype));

        // Whether a place is outside of the pixels around the middle that is drawn: [count, size].
        Tensor Outside(Tensor draw, long size)
        {
            var first = draw.Times(size).floor_().Plus_(-(pixels / 2)).unsqueeze(1);
            var place = Scalars.Indices(size, x.device);
            return place.lt(first).logical_or_(place.ge(first.Plus(pixels)));
        }
    });

    /// <summary>
    /// Brightness plus noise of N(0, deviation²), not limited to [0, 1]. It takes inputs of any shape; bytes become brightness in [0, 1].
    /// </summary>
    public static Change Noise(double deviation) => Change(Invariant($"noise:{deviation}"), (batch, random) =>
        batch with { Inputs = Batches.Floats(batch.Inputs).Plus(random.Normal(batch.Inputs.shape, 0, deviation).Numbers.to(batch.Inputs.device)) });

    /// <summary>
    /// Mixup: λ·x + (1 − λ)·x′ of each example and another one of its batch, and of their labels as distributions over the classes, with one λ of
    /// Beta(α, α) for the batch. The targets become [batch, classes] floats, which <see cref="Losses.SoftCrossEntropy"/> takes.
    /// Source: Zhang et al. 2017, arXiv:1710.09412.
    /// </summary>
    /// <example>
    /// <c>recipe with { Augment = Augmentation.Mixup(0.2, 10), Objective = Objective.Classify(Losses.SoftCrossEntropy, evaluation: Losses.CrossEntropy) }</c>
    /// </example>
    /// <param name="alpha">α, above 0.</param>
    /// <param name="classes">How many classes there are.</param>
    public static Change Mixup(double alpha, int classes) => Change(Invariant($"Mixup({alpha}, {classes})"), (batch, random) =>
    {
        var (seed, next) = random.Int64();
        var share = Beta(alpha, next);
        var partner = TorchRandom.Permutation(batch.Count, seed).to(batch.Inputs.device);
        var labels = nn.functional.one_hot(batch.Targets.to_type(ScalarType.Int64), classes).to_type(ScalarType.Float32);
        return batch with { Inputs = Mixed(Batches.Floats(batch.Inputs)), Targets = Mixed(labels) };

        Tensor Mixed(Tensor x) => x.Times(share).AddScaled_(x.index_select(0, partner), 1 - share);
    });

    /// <summary>One change after the other, each by a generator of its own.</summary>
    /// <example><c>Augmentation.Chain(Augmentation.Rotate(10), Augmentation.Shift(2))</c></example>
    public static Change Chain(params ImmutableArray<Change> changes)
    {
        var texts = changes.Select(Torchlet.Named.TextOf).ToList();
        return changes is [var only] ? only : Change(texts.Contains(Torchlet.Named.Own) ? Torchlet.Named.Own : string.Join(',', texts), (batch, random) =>
        {
            foreach (var change in changes)
            {
                (var seed, random) = random.Int64();
                batch = change(batch, TorchRandom.Seeded(seed));
            }
            return batch;
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

    /// <summary>Each picture p as (x, y) ↦ p(a·x + b·y + s, c·x + d·y + t), the middle at (0, 0); s and t are 0 if not given.</summary>
    static Tensor Sampled(Tensor x, Tensor a, Tensor b, Tensor c, Tensor d, Tensor? s = null, Tensor? t = null)
    {
        var zero = zeros_like(a);
        var grid = nn.functional.affine_grid(stack([a, b, s ?? zero, c, d, t ?? zero], 1).view(-1, 2, 3), x.shape, align_corners: false);
        return nn.functional.grid_sample(x, grid, align_corners: false);
    }

    /// <summary>Numbers uniform in [0, 1), some for each picture: [draws, count].</summary>
    static Tensor Draws(TorchRandom random, Tensor x, int draws) => random.Uniform([draws, x.size(0)], 0, 1).Numbers.to(x.device);

    /// <summary>
    /// A number of Beta(α, α): u / (u + v) for u = U₁^(1/α) and v = U₂^(1/α), the first with u + v ≤ 1. Source: Jöhnk 1964.
    /// </summary>
    internal static double Beta(double alpha, TorchRandom random)
    {
        const int tries = 64;
        while (true)
        {
            (var drawn, random) = random.Uniform([2 * tries], 0, 1);
            var powers = drawn.Numbers().Select(u => Math.Pow(u, 1 / alpha)).ToArray();
            for (var i = 0; i < tries; i++)
                if (powers[i] + powers[i + tries] is > 0 and <= 1 and var sum) return powers[i] / sum;
        }
    }

    static Change Of(string text, Func<Tensor, TorchRandom, Tensor> change) => Change(text, (batch, random) => batch.Inputs is { ndim: 4 } x
        ? batch with { Inputs = change(x, random) }
        : throw new ArgumentException($"{text}: want pictures, [batch, channels, height, width], got {Shapes.Show(batch.Inputs.shape)}."));

    /// <summary>The change, whose new tensors the caller's scope owns; what it leaves alone stays where it is.</summary>
    static Change Change(string text, Change change) => Torchlet.Named.Augmentation(text, (batch, random) =>
    {
        using var scope = NewDisposeScope();
        var changed = change(batch, random);
        changed.Tensors.MoveOut(before: batch.Tensors);
        return changed;
    });
}
