using System.Collections.Immutable;
using System.Numerics;
using SkiaSharp;

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
