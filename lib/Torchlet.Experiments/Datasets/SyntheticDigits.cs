using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using SkiaSharp;
using TorchSharp;

namespace Torchlet;

/// <summary>
/// Digits that look handwritten, made and not found: for a machine with neither data nor network. A style's strokes are jittered,
/// bent, slanted and scaled, drawn with a pen of random width, blurred, and centred by mass in 28×28 pixels as MNIST's are.
/// </summary>
/// <remarks>
/// Everything about an image follows from (seed, index), so neither the number of threads nor the number of images changes it.
/// </remarks>
public static class SyntheticDigits
{
    /// <summary>Width and height of an image.</summary>
    public const int Side = 28;

    /// <summary>The seed of the data set; it has nothing to do with a training's.</summary>
    public const ulong Seed = 2828;

    const int StepsPerKnot = 6;

    /// <summary>Images and labels of <paramref name="count"/> indices from <paramref name="first"/> on, drawn on all cores.</summary>
    /// <returns>[count · 784] pixels and [count] labels.</returns>
    public static (byte[] Pixels, byte[] Labels) Draw(ulong seed, int first, int count)
    {
        var (pixels, labels) = (new byte[count * Side * Side], new byte[count]);
        Parallel.ForEach(Batches.Ranges(count, size: 500), range =>
        {
            using var pen = new Pen();
            for (var i = range.Start.Value; i < range.End.Value; i++)
                labels[i] = Draw(pen, seed, first + i, pixels.AsSpan(i * Side * Side, Side * Side));
        });
        return (pixels, labels);
    }

    /// <summary>One image.</summary>
    /// <returns>784 pixels, row by row, 0 for paper and 255 for ink; and the digit, 0 … 9.</returns>
    public static (byte[] Pixels, byte Label) Draw(ulong seed, int index)
    {
        var pixels = new byte[Side * Side];
        using var pen = new Pen();
        return (pixels, Draw(pen, seed, index, pixels));
    }

    static byte Draw(Pen pen, ulong seed, int index, Span<byte> pixels)
    {
        var random = new SplitMix(seed, (ulong)index);
        var digit = random.Below(10);
        var styles = DigitStrokes.Styles[digit];
        var style = styles[random.Below(styles.Length)];
        var width = Math.Clamp(2.3f + random.Normal(0.65f), 1.1f, 4.4f);
        var strokes = Place(Bend(Jitter(style, ref random), ref random), width, ref random);
        pen.Draw(strokes, width);
        Blur(pen.Pixels, random.Uniform(0, 0.5f), random.Uniform(1.1f, 1.6f), pixels);
        return (byte)digit;
    }

    static Vector2[][] Jitter(ImmutableArray<ImmutableArray<DigitStrokes.Knot>> style, ref SplitMix random)
    {
        var strokes = new Vector2[style.Length][];
        for (var s = 0; s < strokes.Length; s++)
        {
            var knots = new List<Vector2>(style[s].Length + 4);
            foreach (var knot in style[s])
            {
                var at = knot.At + new Vector2(random.Normal(0.04f), random.Normal(0.04f));
                knots.Add(at);
                // A knot met twice has no room for a smooth turn.
                if (knot.IsCorner) knots.Add(at);
            }
            strokes[s] = Smooth(knots);
        }
        return strokes;
    }

    /// <summary>Points along the Catmull-Rom spline through the knots.</summary>
    static Vector2[] Smooth(List<Vector2> knots)
    {
        var points = new Vector2[(knots.Count - 1) * StepsPerKnot + 1];
        for (var k = 0; k < knots.Count - 1; k++)
        {
            var (before, from, to, after) = (knots[Math.Max(k - 1, 0)], knots[k], knots[k + 1], knots[Math.Min(k + 2, knots.Count - 1)]);
            for (var i = 0; i < StepsPerKnot; i++)
                points[k * StepsPerKnot + i] = CatmullRom(before, from, to, after, (float)i / StepsPerKnot);
        }
        points[^1] = knots[^1];
        return points;
    }

    static Vector2 CatmullRom(Vector2 a, Vector2 b, Vector2 c, Vector2 d, float t) =>
        b + 0.5f * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));

    /// <summary>Moves each point by a wave of long wavelength: what an unsteady hand does to the whole figure.</summary>
    static Vector2[][] Bend(Vector2[][] strokes, ref SplitMix random)
    {
        var (kx, ky) = (random.Uniform(2, 6), random.Uniform(2, 6));
        var (phaseX, phaseY) = (random.Uniform(0, MathF.Tau), random.Uniform(0, MathF.Tau));
        var (x, y) = (random.Normal(0.05f), random.Normal(0.05f));
        foreach (var stroke in strokes)
            for (var i = 0; i < stroke.Length; i++)
                stroke[i] += new Vector2(x * MathF.Sin(kx * stroke[i].Y + phaseX), y * MathF.Sin(ky * stroke[i].X + phaseY));
        return strokes;
    }

    /// <summary>Turns, slants and stretches the figure, fits it into a box of about 20×20 pixels and puts its centre of mass near the middle.</summary>
    static Vector2[][] Place(Vector2[][] strokes, float width, ref SplitMix random)
    {
        var (aspect, slant) = (Math.Clamp(0.78f + random.Normal(0.17f), 0.35f, 1.3f), 0.12f + random.Normal(0.22f));
        var map = new Matrix3x2(aspect, 0, -slant, 1, 0, 0) * Matrix3x2.CreateRotation(random.Normal(0.12f));
        foreach (var stroke in strokes)
            for (var i = 0; i < stroke.Length; i++)
                stroke[i] = Vector2.Transform(stroke[i], map);
        var (low, high, centre) = Extent(strokes);
        var size = high - low;
        var scale = (random.Uniform(18.5f, 20.5f) - width) / Math.Max(size.X, size.Y);
        var middle = new Vector2(Side / 2f + random.Normal(0.4f), Side / 2f + random.Normal(0.4f));
        foreach (var stroke in strokes)
            for (var i = 0; i < stroke.Length; i++)
                stroke[i] = middle + scale * (stroke[i] - centre);
        return strokes;
    }

    static (Vector2 Low, Vector2 High, Vector2 Centre) Extent(Vector2[][] strokes)
    {
        var (low, high, sum, mass) = (new Vector2(float.MaxValue), new Vector2(float.MinValue), Vector2.Zero, 0f);
        foreach (var stroke in strokes)
            for (var i = 1; i < stroke.Length; i++)
            {
                var length = Vector2.Distance(stroke[i - 1], stroke[i]);
                (sum, mass) = (sum + length * (stroke[i - 1] + stroke[i]) / 2, mass + length);
                (low, high) = (Vector2.Min(low, Vector2.Min(stroke[i - 1], stroke[i])), Vector2.Max(high, Vector2.Max(stroke[i - 1], stroke[i])));
            }
        return (low, high, sum / mass);
    }

    /// <summary>Mixes each pixel with the binomial mean of its 3×3 neighbours, then makes the ink darker by a factor.</summary>
    static void Blur(ReadOnlySpan<byte> sharp, float share, float gain, Span<byte> blurred)
    {
        for (var y = 0; y < Side; y++)
            for (var x = 0; x < Side; x++)
            {
                int At(ReadOnlySpan<byte> s, int dx, int dy) => (uint)(x + dx) < Side && (uint)(y + dy) < Side ? s[(y + dy) * Side + x + dx] : 0;
                var mean = (4 * At(sharp, 0, 0) + 2 * (At(sharp, -1, 0) + At(sharp, 1, 0) + At(sharp, 0, -1) + At(sharp, 0, 1))
                    + At(sharp, -1, -1) + At(sharp, 1, -1) + At(sharp, -1, 1) + At(sharp, 1, 1)) / 16f;
                blurred[y * Side + x] = (byte)Math.Min(255, gain * (share * mean + (1 - share) * At(sharp, 0, 0)));
            }
    }

    /// <summary>Skia's objects, made once for many images.</summary>
    sealed class Pen : IDisposable
    {
        readonly SKBitmap bitmap = new(Side, Side, SKColorType.Gray8, SKAlphaType.Opaque);
        readonly SKPaint paint = new()
        {
            Color = SKColors.White, IsAntialias = true, Style = SKPaintStyle.Stroke, StrokeCap = SKStrokeCap.Round, StrokeJoin = SKStrokeJoin.Round,
        };
        readonly SKPath path = new();
        readonly SKCanvas canvas;

        public Pen() => canvas = new(bitmap);

        public ReadOnlySpan<byte> Pixels => bitmap.GetPixelSpan();

        public void Draw(Vector2[][] strokes, float width)
        {
            canvas.Clear(SKColors.Black);
            path.Rewind();
            foreach (var stroke in strokes)
            {
                path.MoveTo(stroke[0].X, stroke[0].Y);
                foreach (var p in stroke.AsSpan(1)) path.LineTo(p.X, p.Y);
            }
            paint.StrokeWidth = width;
            canvas.DrawPath(path, paint);
        }

        public void Dispose()
        {
            canvas.Dispose();
            path.Dispose();
            paint.Dispose();
            bitmap.Dispose();
        }
    }
}

/// <summary>Random numbers for pictures: small, fast, and seeded by any two numbers, however alike. Not PyTorch's.</summary>
/// <remarks>Source: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014 (SplitMix64).</remarks>
struct SplitMix(ulong seed, ulong stream)
{
    ulong state = Mix(Mix(seed) + stream);

    /// <summary>A number uniform in [0, 1).</summary>
    public float Uniform() => (Next() >> 40) * (1f / (1 << 24));

    /// <summary>A number uniform in [low, high).</summary>
    public float Uniform(float low, float high) => low + (high - low) * Uniform();

    /// <summary>An integer uniform in 0 … count − 1.</summary>
    public int Below(int count) => (int)(Next() % (ulong)count);

    /// <summary>A normal number of mean 0: the sum of four uniform ones, so that all are within 3.5 deviations.</summary>
    public float Normal(float deviation) => deviation * 1.7320508f * (Uniform() + Uniform() + Uniform() + Uniform() - 2);

    ulong Next() => Mix(state += 0x9e3779b97f4a7c15);

    static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
}

/// <summary>
/// How people write the ten digits: for each digit a few styles, for each style the strokes of the pen, for each stroke the points
/// that it passes, in a box of width and height 1 with y downwards.
/// </summary>
static class DigitStrokes
{
    /// <summary>A point of a stroke; the pen turns sharply at a corner and smoothly elsewhere.</summary>
    public readonly record struct Knot(Vector2 At, bool IsCorner);

    /// <summary>[digit][style][stroke][knot].</summary>
    public static ImmutableArray<ImmutableArray<ImmutableArray<ImmutableArray<Knot>>>> Styles { get; } =
    [.. new string[][]
    {
        [
            ".55,.03 .22,.18 .08,.55 .25,.92 .58,.97 .88,.65 .82,.22 .5,.04",
            ".7,.1 .4,.02 .12,.35 .15,.8 .45,.98 .82,.8 .92,.4 .72,.1 .5,.12",
            ".45,.05 .15,.3 .1,.7 .4,.97 .75,.82 .85,.4 .65,.08 .35,.08 .22,.2",
        ],
        [
            ".52,.02 .5,.5 .48,.98",
            ".5,.02 .52,.3 .48,.7 .5,.98",
            ".3,.24 .55,.03! .52,.5 .5,.98",
            ".3,.22 .54,.03! .52,.95; .22,.96 .8,.95",
        ],
        [
            ".13,.25 .32,.05 .65,.04 .8,.26 .58,.58 .12,.95! .5,.93 .92,.92",
            ".15,.24 .42,.03 .76,.16 .7,.44 .36,.82 .13,.93 .1,.78 .32,.74 .58,.9 .94,.88",
            ".1,.14 .48,.04 .78,.2 .66,.52 .18,.94! .48,.86 .72,.96 .95,.86",
        ],
        [
            ".15,.16 .45,.02 .78,.16 .7,.38 .4,.47! .8,.6 .84,.84 .5,.98 .12,.88",
            ".15,.06 .82,.05! .44,.4! .78,.54 .8,.84 .46,.98 .12,.86",
            ".2,.12 .55,.03 .76,.2 .6,.42 .4,.48 .45,.42 .74,.54 .82,.78 .56,.97 .14,.9",
        ],
        [
            ".25,.04 .15,.52! .86,.48; .76,.06 .68,.97",
            ".66,.97 .66,.03! .08,.66! .94,.63",
            ".2,.06 .16,.36 .34,.56 .8,.42; .82,.04 .74,.6 .68,.97",
            ".3,.03 .18,.3 .14,.56! .5,.58 .92,.52; .62,.34 .58,.98",
        ],
        [
            ".82,.05 .28,.06! .22,.45! .55,.38 .85,.6 .75,.9 .4,.98 .1,.88",
            ".3,.06 .22,.46! .58,.4 .82,.65 .65,.93 .12,.92; .3,.06 .9,.03",
            ".82,.06 .42,.1 .28,.3 .45,.45 .74,.6 .7,.87 .4,.97 .12,.86",
        ],
        [
            ".7,.03 .36,.3 .15,.65 .3,.95 .65,.95 .8,.7 .6,.52 .22,.68",
            ".5,.02 .26,.45 .22,.8 .46,.98 .76,.86 .7,.6 .42,.55 .22,.76",
            ".82,.1 .55,.05 .25,.35 .14,.72 .4,.97 .76,.84 .74,.58 .45,.54 .18,.7",
        ],
        [
            ".12,.1 .5,.1 .85,.06! .6,.45 .45,.97",
            ".15,.08 .86,.07! .4,.97",
            ".14,.24 .16,.08! .86,.08! .56,.5 .42,.98",
            ".12,.08 .85,.06! .58,.5 .45,.97; .3,.52 .78,.47",
        ],
        [
            ".75,.13 .45,.03 .22,.2 .5,.46 .8,.7 .5,.98 .2,.78 .45,.5 .78,.25 .7,.08",
            ".5,.03 .24,.22 .5,.46 .76,.24 .5,.03; .5,.46 .18,.72 .5,.98 .82,.72 .5,.46",
            ".68,.06 .3,.1 .3,.34 .7,.62 .74,.88 .42,.98 .22,.8 .5,.52 .76,.3 .66,.05",
        ],
        [
            ".8,.15 .5,.03 .2,.25 .38,.5 .72,.38 .8,.12! .76,.55 .66,.98",
            ".78,.15 .45,.04 .2,.28 .45,.5 .76,.32 .8,.12 .82,.5 .7,.85 .42,.98 .18,.9",
            ".74,.1 .42,.06 .24,.3 .5,.46 .76,.28 .74,.08! .6,.97",
        ],
    }.Select(styles => styles.Select(Style).ToImmutableArray())];

    static ImmutableArray<ImmutableArray<Knot>> Style(string strokes) =>
        [.. strokes.Split(';', StringSplitOptions.TrimEntries).Select(stroke => stroke.Split(' ').Select(Parse).ToImmutableArray())];

    static Knot Parse(string knot)
    {
        var numbers = knot.TrimEnd('!').Split(',');
        return new(new(Coordinate(numbers[0]), Coordinate(numbers[1])), knot.EndsWith('!'));
    }

    static float Coordinate(string number) => float.Parse(number, CultureInfo.InvariantCulture);
}

/// <summary>The synthetic digits on disk, as IDX files like any other data set's.</summary>
static class SyntheticFolder
{
    public const int Train = 60_000, Test = 10_000;

    const int Side = SyntheticDigits.Side, Pixels = Side * Side, Sample = 100;

    /// <summary>Draws the digits into the folder, unless they are there.</summary>
    /// <returns>Whether they had to be drawn.</returns>
    public static bool Fill(string folder, CancellationToken stop)
    {
        if (IsCurrent(folder)) return false; // Without a lock: the folder may be read-only.
        using var turn = FolderLock.Take(folder, stop).GetAwaiter().GetResult();
        if (IsCurrent(folder)) return false;
        Write(folder, "t10k", first: Train, Test, stop);
        Write(folder, "train", first: 0, Train, stop);
        return true;
    }

    /// <summary>Draws the digits into memory: the same data, with the checksums that the files would have.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public static IdxData Draw(CancellationToken stop)
    {
        var (train, test) = (Split(first: 0, Train), Split(first: Train, Test));
        var checksums = new[] { train, test }.SelectMany(s => new[]
        {
            Idx.Sha256(s.Pixels, s.Labels.Length, Side, Side), Idx.Sha256(s.Labels, s.Labels.Length),
        });
        return new(Of(train), Of(test), [.. IdxFolder.Names.Zip(checksums)]);

        (byte[] Pixels, byte[] Labels) Split(int first, int count)
        {
            stop.ThrowIfCancellationRequested();
            return SyntheticDigits.Draw(SyntheticDigits.Seed, first, count);
        }

        static Split Of((byte[] Pixels, byte[] Labels) drawn) => new(
            torch.tensor(drawn.Pixels, [drawn.Labels.Length, 1, Side, Side], torch.ScalarType.Byte),
            torch.tensor(drawn.Labels.Select(label => (long)label).ToArray()));
    }

    /// <summary>Whether the first examples of both splits are those that today's generator draws, and all of them are there.</summary>
    public static bool IsCurrent(string folder) =>
        IdxFolder.IsWhole(folder) && IsCurrent(folder, "t10k", first: Train, Test) && IsCurrent(folder, "train", first: 0, Train);

    static bool IsCurrent(string folder, string split, int first, int count)
    {
        var (pixels, labels) = SyntheticDigits.Draw(SyntheticDigits.Seed, first, Sample);
        return Begins(ImagesOf(folder, split), [.. Idx.Header(count, Side, Side), .. pixels], (long)(count - Sample) * Pixels)
            && Begins(LabelsOf(folder, split), [.. Idx.Header(count), .. labels], count - Sample);
    }

    /// <summary>Whether a file consists of these bytes and so many more.</summary>
    static bool Begins(string path, byte[] wanted, long more)
    {
        if (new FileInfo(path) is not { Exists: true } file || file.Length != wanted.Length + more) return false;
        using var stream = file.OpenRead();
        var start = new byte[wanted.Length];
        return stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.AsSpan().SequenceEqual(wanted);
    }

    static void Write(string folder, string split, int first, int count, CancellationToken stop)
    {
        var labels = new List<byte>(count);
        AtomicFile.Write(ImagesOf(folder, split), path =>
        {
            using var file = File.Create(path);
            file.Write(Idx.Header(count, Side, Side));
            // By the chunk, so that the whole set is never in memory twice.
            foreach (var range in Batches.Ranges(count, size: 2_000))
            {
                stop.ThrowIfCancellationRequested();
                var (pixels, chunk) = SyntheticDigits.Draw(SyntheticDigits.Seed, first + range.Start.Value, range.End.Value - range.Start.Value);
                file.Write(pixels);
                labels.AddRange(chunk);
            }
        });
        AtomicFile.Write(LabelsOf(folder, split), path => File.WriteAllBytes(path, Idx.Bytes([.. labels], count)));
    }

    static string ImagesOf(string folder, string split) => Path.Combine(folder, $"{split}-images-idx3-ubyte");

    static string LabelsOf(string folder, string split) => Path.Combine(folder, $"{split}-labels-idx1-ubyte");
}
