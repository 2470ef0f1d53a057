namespace Torchlet;

/// <summary>
/// Brings a drawing or a photo of one into the frame of MNIST's digits: bright ink on black, the longer side of the figure 20 of 28
/// pixels, its centre of mass in the middle. Each step is a function of its own, and all of them round as <see cref="GreyImage.Of"/> does.
/// </summary>
/// <remarks>
/// How the digits were made: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits", yann.lecun.com/exdb/mnist:
/// normalised into a box of 20×20 pixels with the aspect kept, then centred in 28×28 by the centre of mass.
/// </remarks>
public static class Drawing
{
    /// <summary>The side of MNIST's frame, and of the box in it that a figure fills.</summary>
    public const int Side = 28, Box = 20;

    // Every photo is resized to this size first: the steps below then take the same time for each, and noise is averaged out.
    const int WorkingSide = 256;

    // The paper's brightness changes slowly, so that a coarse picture of it will do. No stroke is as thick as the window, 2/6 of the picture.
    const int PaperSide = 60, PaperRadius = PaperSide / 6;

    // A net on fewer numbers than 8×8 is one on features of another kind.
    const int LeastSide = 8;

    // Of 255. Pencil is 60 and more above the paper; its texture, a camera's noise and the edge of a shadow are below.
    const int Faint = 40;

    // Of how dark nine tenths of the ink are at most: anything weaker is the edge of a shadow, or a line printed on the paper.
    const double Weak = 0.5, Strong = 0.9;

    // Of the picture's longer side: what is smaller is dust.
    const double Smallest = 0.04;

    // Parts that touch the picture's edge, such as shadows, are skipped if another part has this share of their pixels.
    const double Inside = 0.1;

    // A part with less than this share of the largest one's pixels is a speck. A 5's bar has more.
    const double Speck = 0.04;

    // Of a figure's longer side; nine of ten of MNIST's digits have thicker strokes.
    const double ThinnestStroke = 0.07;

    /// <summary>The picture in MNIST's frame, with what is odd about it: all the steps, one after the other.</summary>
    /// <param name="picture">A picture as a viewer shows it.</param>
    /// <param name="side">The frame's side; the box grows with it.</param>
    public static FramedDrawing Framed(Pixels picture, int side = Side)
    {
        var ink = Ink(LightPaper(Small(Grey(picture), WorkingSide)));
        var marks = Marks(ink);
        var parts = WithoutEdges(InkPart.Of(marks), marks);
        var figure = WithoutSpecks(parts);
        if (IsDust(figure, marks)) return new(new(side, side, new byte[side * side]), "there is nothing on it");
        var frame = Centred(Cropped(Soft(ink, figure)).WithLonger((int)Math.Floor((double)Box * side / Side + 0.5)), side);
        return new(frame, Oddity.Of(parts, figure, marks, frame));
    }

    /// <summary>
    /// The side of the square grey images that a network takes: [1, side, side], [side, side] or, in one row, [side²]; null where it takes none.
    /// </summary>
    public static int? SideOf(IReadOnlyList<long> input) => input switch
    {
        [1, var height, var width] when height == width && height >= LeastSide => (int)height,
        [var height, var width] when height == width && height >= LeastSide => (int)height,
        [var count] when (long)Math.Sqrt(count) is var side && side * side == count && side >= LeastSide => (int)side,
        _ => null,
    };

    /// <summary>The picture over white paper, small, in its colours: its longer side has at most so many pixels.</summary>
    public static Pixels Thumbnail(Pixels picture, int longest)
    {
        var channels = Enumerable.Range(0, 3).Select(c => Small(OverWhite(picture, i => picture.Rgba[i + c]), longest)).ToList();
        var rgba = new byte[channels[0].Bytes.Length * 4];
        for (var i = 0; i < rgba.Length; i++) rgba[i] = i % 4 == 3 ? byte.MaxValue : channels[i % 4].Bytes[i / 4];
        return new(channels[0].Width, channels[0].Height, rgba);
    }

    /// <summary>Brightness as an eye sees it, 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), of the picture over white paper: c·a + 255·(1 − a).</summary>
    public static GreyImage Grey(Pixels picture)
    {
        var c = picture.Rgba;
        return OverWhite(picture, i => 0.299 * c[i] + 0.587 * c[i + 1] + 0.114 * c[i + 2]);
    }

    static GreyImage OverWhite(Pixels picture, Func<int, double> colour) => GreyImage.Of(picture.Width, picture.Height, (x, y) =>
    {
        var i = (y * picture.Width + x) * 4;
        var alpha = picture.Rgba[i + 3] / 255.0;
        return colour(i) * alpha + 255 * (1 - alpha);
    });

    static GreyImage Small(GreyImage picture, int longest) => picture.Longer > longest ? picture.WithLonger(longest) : picture;

    /// <summary>
    /// The picture, or its negative, so that ink is darker than paper. The border is mostly paper, so ink is where brightness departs
    /// furthest from the border's median m: it is dark if Σ (v − m)³ ≤ 0. Light that falls off to one side departs both ways, and cancels out.
    /// </summary>
    public static GreyImage LightPaper(GreyImage picture)
    {
        var border = picture.Border.Order().ToList();
        double paper = border[border.Count / 2];
        return picture.Bytes.Sum(v => Math.Pow(v - paper, 3)) <= 0 ? picture : picture.Negative();
    }

    /// <summary>How much ink there is, 255 · (1 − v / paper): 0 where the picture is as bright as its paper, wherever a shadow falls on that.</summary>
    /// <param name="picture">Dark ink on light paper.</param>
    public static GreyImage Ink(GreyImage picture)
    {
        var paper = Paper(picture);
        var (sx, sy) = ((double)paper.Width / picture.Width, (double)paper.Height / picture.Height);
        return GreyImage.Of(picture.Width, picture.Height, (x, y) =>
        {
            var light = Between(paper, (x + 0.5) * sx - 0.5, (y + 0.5) * sy - 0.5);
            return 255 * (light - picture[x, y]) / Math.Max(1, light);
        });
    }

    /// <summary>
    /// The paper without the ink, small: a closing, which is a dilation and then an erosion by the same square, fills whatever is dark and narrower
    /// than the square. Source: J. Serra, "Image Analysis and Mathematical Morphology" (1982).
    /// </summary>
    static GreyImage Paper(GreyImage picture)
    {
        var small = Small(picture, PaperSide);
        var radius = Math.Max(1, PaperRadius * small.Longer / PaperSide);
        // A pixel more: where a shadow begins, the paper's brightness would else be the mean of the two sides, and the dark one ink.
        return small.Dilated(radius).Eroded(radius + 1);
    }

    /// <summary>The brightness between four pixels, bilinearly; beyond the outermost pixels theirs.</summary>
    static double Between(GreyImage picture, double x, double y)
    {
        var (u, v) = (Math.Clamp(x, 0, picture.Width - 1), Math.Clamp(y, 0, picture.Height - 1));
        var (left, top) = ((int)u, (int)v);
        var (right, bottom) = (Math.Min(left + 1, picture.Width - 1), Math.Min(top + 1, picture.Height - 1));
        return Mix(Mix(picture[left, top], picture[right, top], u - left), Mix(picture[left, bottom], picture[right, bottom], u - left), v - top);

        static double Mix(double a, double b, double share) => a + (b - a) * share;
    }

    /// <summary>
    /// The threshold t that best parts the pixels in two, v ≤ t and v &gt; t: the one with the largest variance between the two,
    /// n₀ · n₁ · (μ₀ − μ₁)²; the first of several. Source: N. Otsu, "A threshold selection method from gray-level histograms" (1979).
    /// </summary>
    public static int Otsu(GreyImage picture)
    {
        var histogram = new long[256];
        foreach (var v in picture.Bytes) histogram[v]++;
        long total = histogram.Sum(), sum = histogram.Select((n, v) => n * v).Sum(), below = 0, sumBelow = 0;
        var (best, threshold) = (0.0, 0);
        for (var t = 0; t < 255; t++)
        {
            (below, sumBelow) = (below + histogram[t], sumBelow + histogram[t] * t);
            if (below == 0 || below == total) continue;
            var difference = (double)sumBelow / below - (double)(sum - sumBelow) / (total - below);
            var between = (double)below * (total - below) * difference * difference;
            if (between > best) (best, threshold) = (between, t);
        }
        return threshold;
    }

    /// <summary>The threshold between ink and paper, Otsu's or a higher one, with the means of paper and ink.</summary>
    public static (int Threshold, double Paper, double Full) Levels(GreyImage ink)
    {
        // A figure may be a hundredth of a sheet, and Otsu's method would then rather part one paper from another.
        var strokes = ink.Bytes.Where(v => v >= Faint).Order().ToList();
        var weakest = strokes.Count == 0 ? 0 : (int)(Weak * strokes[(int)(Strong * strokes.Count)]);
        var threshold = Math.Max(Otsu(ink.Map(v => v < Faint ? 0 : v)), weakest);
        return (threshold, Mean(v => v <= threshold), Mean(v => v > threshold));

        double Mean(Func<byte, bool> of) => ink.Bytes.Where(of).Select(v => (double)v).DefaultIfEmpty(threshold).Average();
    }

    /// <summary>255 at marks on the paper, which are above the threshold and not faint; 0 elsewhere.</summary>
    public static GreyImage Marks(GreyImage ink)
    {
        var (threshold, _, _) = Levels(ink);
        return ink.Map(v => v > threshold && v >= Faint ? 255 : 0);
    }

    /// <summary>The parts that do not touch the picture's edge, or all parts if those are tiny compared with the others.</summary>
    public static IReadOnlyList<InkPart> WithoutEdges(IReadOnlyList<InkPart> parts, GreyImage marks)
    {
        var inside = parts.Where(p => p.Left > 0 && p.Top > 0 && p.Right < marks.Width && p.Bottom < marks.Height).ToList();
        return inside.Any(p => p.Area >= Inside * parts.Max(q => q.Area)) ? inside : parts;
    }

    static bool IsDust(IReadOnlyList<InkPart> figure, GreyImage marks) =>
        figure.Count == 0 || InkPart.Box(figure) is var (left, top, right, bottom) && Math.Max(right - left, bottom - top) < Smallest * marks.Longer;

    /// <summary>The parts without specks: all that have a certain share of the largest one's pixels.</summary>
    public static IReadOnlyList<InkPart> WithoutSpecks(IReadOnlyList<InkPart> parts) =>
        parts.Count == 0 ? parts : [.. parts.Where(p => p.Area >= Speck * parts.Max(q => q.Area))];

    /// <summary>The ink of the figure alone with its soft edge: 0 at the paper's mean, 255 at the ink's, and nothing further off than a pixel.</summary>
    public static GreyImage Soft(GreyImage ink, IReadOnlyList<InkPart> figure)
    {
        var (_, paper, full) = Levels(ink);
        var marked = new byte[ink.Bytes.Length];
        foreach (var pixel in figure.SelectMany(part => part.Pixels)) marked[pixel] = byte.MaxValue;
        var near = new GreyImage(ink.Width, ink.Height, marked).Dilated(1);
        return GreyImage.Of(ink.Width, ink.Height, (x, y) => near[x, y] == 0 ? 0 : 255 * (ink[x, y] - paper) / (full - paper));
    }

    /// <summary>
    /// The figure in the box around its ink, its strokes thickened by a dilation where they are thinner than MNIST's: averaging would leave little of them.
    /// </summary>
    public static GreyImage Cropped(GreyImage ink)
    {
        var (left, top, right, bottom) = InkPart.Box(InkPart.Of(ink));
        var grown = (int)Math.Ceiling(Math.Max(0, ThinnestStroke * Math.Max(right - left, bottom - top) - StrokeWidth(ink)) / 2);
        return GreyImage.Of(right - left + 2 * grown, bottom - top + 2 * grown, (x, y) =>
        {
            var (u, v) = (x + left - grown, y + top - grown);
            return u >= 0 && u < ink.Width && v >= 0 && v < ink.Height ? ink[u, v] : 0;
        }).Dilated(grown);
    }

    /// <summary>
    /// How thick a pen's line is on average, in pixels: 2 · area / outline, since a line of length L and width w has the area L · w and the outline 2 · L.
    /// </summary>
    public static double StrokeWidth(GreyImage ink)
    {
        var (w, h) = (ink.Width, ink.Height);
        long area = 0, outline = 0;
        for (var y = 0; y < h; y++)
            for (var x = 0; x < w; x++)
                if (IsInk(x, y))
                    (area, outline) = (area + 1, outline + Paper(x - 1, y) + Paper(x + 1, y) + Paper(x, y - 1) + Paper(x, y + 1));
        return outline == 0 ? 0 : 2.0 * area / outline;

        bool IsInk(int x, int y) => x >= 0 && x < w && y >= 0 && y < h && ink[x, y] > byte.MaxValue / 2;
        int Paper(int x, int y) => IsInk(x, y) ? 0 : 1;
    }

    /// <summary>
    /// The figure in a black square so that its centre of mass is the middle, to the nearest pixel, as far as the whole figure stays within.
    /// </summary>
    public static GreyImage Centred(GreyImage figure, int side)
    {
        var (mass, sumX, sumY) = (0.0, 0.0, 0.0);
        for (var y = 0; y < figure.Height; y++)
            for (var x = 0; x < figure.Width; x++)
                (mass, sumX, sumY) = (mass + figure[x, y], sumX + figure[x, y] * (x + 0.5), sumY + figure[x, y] * (y + 0.5));
        var (left, top) = (Offset(sumX / mass, figure.Width), Offset(sumY / mass, figure.Height));
        return GreyImage.Of(side, side, (x, y) =>
            x >= left && x < left + figure.Width && y >= top && y < top + figure.Height ? figure[x - left, y - top] : 0);

        int Offset(double centre, int length) => (int)Math.Clamp(Math.Floor(side / 2.0 - centre + 0.5), 0, side - length);
    }
}

/// <summary>A drawing as a network sees it.</summary>
/// <param name="Frame">The figure in the frame.</param>
/// <param name="Oddity">Why it does not look like one digit; empty where it does.</param>
public sealed record FramedDrawing(GreyImage Frame, string Oddity);
