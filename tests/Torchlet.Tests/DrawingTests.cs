using static Torchlet.Drawing;

namespace Torchlet.Tests;

/// <summary>The steps that bring a drawing into MNIST's frame, one by one.</summary>
public class DrawingTests
{
    const int Paper = 230, Pen = 40;

    /// <summary>Two strokes that meet: 4/5 as wide as high.</summary>
    static bool IsHook(int x, int y, int left, int top, int size) =>
        x >= left && x < left + size * 4 / 5 && y >= top && y < top + size && (x < left + size / 5 || y >= top + size * 4 / 5);

    static GreyImage Hook(int width, int height, int left, int top, int size, Func<int, int, double>? light = null) =>
        GreyImage.Of(width, height, (x, y) => (IsHook(x, y, left, top, size) ? Pen : Paper) * (light?.Invoke(x, y) ?? 1));

    static Pixels Picture(GreyImage grey) => new(grey.Width, grey.Height, [.. grey.Bytes.SelectMany(v => new[] { v, v, v, byte.MaxValue })]);

    static (double X, double Y) Centre(GreyImage image)
    {
        var mass = image.Bytes.Sum(v => (double)v);
        return (Mean(i => i % image.Width), Mean(i => i / image.Width));

        double Mean(Func<int, int> of) => image.Bytes.Index().Sum(v => (of(v.Index) + 0.5) * v.Item) / mass;
    }

    [Theory, InlineData(7, 5, 3, 2), InlineData(40, 30, 20, 15), InlineData(13, 29, 20, 20), InlineData(3, 2, 9, 8), InlineData(100, 1, 20, 1)]
    public void Area_averaging_keeps_the_mean(int width, int height, int newWidth, int newHeight)
    {
        var random = new Random(width);
        var image = GreyImage.Of(width, height, (_, _) => random.Next(256));
        var resized = image.Resized(newWidth, newHeight);
        Assert.Equal((newWidth, newHeight), (resized.Width, resized.Height));
        Assert.Equal(image.Bytes.Average(v => v), resized.Bytes.Average(v => v), 0.5);
        Assert.Equal(image.Bytes, image.Resized(width, height).Bytes);
    }

    [Fact]
    public void A_pixel_of_a_smaller_picture_is_the_mean_of_what_it_covers() =>
        Assert.Equal([30, 120], new GreyImage(3, 1, [0, 90, 135]).Resized(2, 1).Bytes);

    [Theory, InlineData(300, 150, 20, 10), InlineData(150, 300, 10, 20), InlineData(500, 1, 20, 1)]
    public void The_longer_side_gets_the_length_and_the_other_one_keeps_its_share(int width, int height, int newWidth, int newHeight)
    {
        var resized = GreyImage.Of(width, height, (_, _) => 9).WithLonger(20);
        Assert.Equal((newWidth, newHeight), (resized.Width, resized.Height));
        Assert.All(resized.Bytes, v => Assert.Equal(9, v));
    }

    [Theory, InlineData(0, 255), InlineData(10, 11), InlineData(90, 200)]
    public void Otsu_parts_a_picture_of_two_values_between_them(byte low, byte high)
    {
        var threshold = Otsu(GreyImage.Of(20, 20, (x, y) => (x + y) % 7 == 0 ? high : low));
        Assert.InRange(threshold, low, high - 1);
    }

    [Fact]
    public void Otsu_finds_the_largest_variance_between_the_two_sides()
    {
        var random = new Random(3);
        var image = GreyImage.Of(40, 40, (x, _) => (x < 12 ? 170 : 60) + 40 * (random.NextDouble() - 0.5));
        double Between(int t)
        {
            var (low, high) = (image.Bytes.Where(v => v <= t).ToList(), image.Bytes.Where(v => v > t).ToList());
            return low.Count == 0 || high.Count == 0 ? 0 : (double)low.Count * high.Count * Math.Pow(low.Average(v => v) - high.Average(v => v), 2);
        }
        Assert.Equal(Enumerable.Range(0, 255).MaxBy(Between), Otsu(image));
    }

    [Fact]
    public void A_picture_of_one_brightness_has_nothing_on_it_whatever_the_brightness() => Assert.All([0, 1, 90, 255], brightness =>
    {
        var (frame, oddity) = Framed(Picture(GreyImage.Of(50, 30, (_, _) => brightness)));
        Assert.Equal("there is nothing on it", oddity);
        Assert.Equal((28, 28), (frame.Width, frame.Height));
        Assert.All(frame.Bytes, v => Assert.Equal(0, v));
    });

    [Theory, InlineData(1, 1), InlineData(1, 300), InlineData(2000, 1)]
    public void A_picture_of_a_pixel_or_a_line_of_them_is_framed(int width, int height) =>
        Assert.NotEqual("", Framed(Picture(GreyImage.Of(width, height, (x, y) => (x + y) % 9 * 20))).Oddity);

    [Fact]
    public void Ink_may_be_darker_or_brighter_than_the_paper()
    {
        var dark = Hook(120, 100, left: 30, top: 20, size: 60);
        Assert.Equal(dark.Bytes, LightPaper(dark).Bytes);
        Assert.Equal(dark.Bytes, LightPaper(dark.Negative()).Bytes);
        Assert.Equal(Framed(Picture(dark)).Frame.Bytes, Framed(Picture(GreyImage.Of(120, 100, (x, y) => dark[x, y] == Pen ? 255 : 0))).Frame.Bytes);
    }

    [Fact]
    public void Light_that_falls_off_is_flattened()
    {
        var ink = Ink(Hook(120, 100, 30, 20, 60, light: (x, y) => 1 - x / 400.0 - y / 500.0));
        foreach (var (i, v) in ink.Bytes.Index())
            if (IsHook(i % 120, i / 120, 30, 20, 60)) Assert.InRange(v, 180, 230);
            else Assert.InRange(v, 0, 39); // What is below 40 is too faint to be a mark.
    }

    [Fact]
    public void Colours_become_grey_over_white_as_much_as_they_are_opaque() =>
        Assert.Equal([76, 150, 29, 255, 166], Grey(new(5, 1, [255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 0, 0, 0, 0, 76, 76, 76, 127])).Bytes);

    [Fact]
    public void Parts_hang_together_by_sides_and_corners()
    {
        var parts = InkPart.Of(new GreyImage(5, 4, [1, 0, 0, 0, 9, 0, 2, 0, 0, 9, 0, 0, 0, 0, 0, 3, 0, 3, 3, 0]));
        Assert.Equal(["0,6", "4,9", "15", "17,18"], parts.Select(p => string.Join(',', p.Pixels.Order())));
        Assert.Equal((0, 0, 2, 2), (parts[0].Left, parts[0].Top, parts[0].Right, parts[0].Bottom));
        Assert.Equal((0, 0, 5, 4), InkPart.Box(parts));
    }

    [Fact]
    public void Specks_are_dropped_and_the_figure_stays_where_it_was()
    {
        var clean = Hook(200, 200, 60, 50, 90);
        var dusty = GreyImage.Of(200, 200, (x, y) => (x / 3 * 7 + y / 3 * 11) % 97 == 0 && !IsHook(x, y, 50, 40, 130) ? Pen : clean[x, y]);
        Assert.NotEqual(clean.Bytes, dusty.Bytes);
        Assert.Equal(Framed(Picture(clean)).Frame.Bytes, Framed(Picture(dusty)).Frame.Bytes);
    }

    [Fact]
    public void A_stroke_is_as_wide_as_it_was_drawn_and_a_thin_one_is_thickened()
    {
        GreyImage Line(int width) => GreyImage.Of(60, 220, (x, y) => x >= 20 && x < 20 + width && y >= 10 && y < 210 ? 255 : 0);
        Assert.Equal(6, StrokeWidth(Line(6)), 0.3);
        Assert.Equal((16, 200), (Cropped(Line(16)).Width, Cropped(Line(16)).Height));
        Assert.Equal(16, Cropped(Line(2)).Width, 2.0);
    }

    [Theory, InlineData(28), InlineData(20), InlineData(64)]
    public void A_figure_fills_its_box_with_its_centre_of_mass_in_the_middle(int side)
    {
        foreach (var (left, top, size) in new[] { (10, 10, 80), (90, 60, 40), (20, 5, 90) })
        {
            var frame = Framed(Picture(Hook(150, 120, left, top, size)), side).Frame;
            var (_, boxTop, _, boxBottom) = InkPart.Box(InkPart.Of(frame));
            Assert.Equal((int)Math.Round(20.0 * side / 28), boxBottom - boxTop);
            var (x, y) = Centre(frame);
            Assert.InRange(x, side / 2.0 - 0.5, side / 2.0 + 0.5);
            Assert.InRange(y, side / 2.0 - 0.5, side / 2.0 + 0.5);
        }
    }

    [Theory, InlineData(12, 20), InlineData(20, 3)]
    public void A_figure_is_never_cut_by_the_frame(int width, int height)
    {
        var corner = GreyImage.Of(width, height, (x, y) => x == 0 && y == 0 ? 255 : x == width - 1 && y == height - 1 ? 1 : 0);
        Assert.Equal(256, Centred(corner, 28).Bytes.Sum(v => v));
    }

    [Fact]
    public void What_does_not_look_like_one_digit_is_said()
    {
        var random = new Random(2);
        string Of(int width, int height, Func<int, int, double> value) => Framed(Picture(GreyImage.Of(width, height, value))).Oddity;

        Assert.Equal("", Of(150, 120, (x, y) => IsHook(x, y, 40, 20, 80) ? Pen : Paper));
        Assert.Equal("there are figures side by side", Of(200, 120, (x, y) => IsHook(x, y, 20, 20, 80) || IsHook(x, y, 110, 20, 80) ? Pen : Paper));
        Assert.Equal("it is too wide", Of(200, 120, (x, y) => x is > 20 and < 180 && y is > 50 and < 62 ? Pen : Paper));
        Assert.Equal("there is too much ink", Of(120, 120, (x, y) => Math.Pow(x - 60, 2) + Math.Pow(y - 60, 2) < 600 ? Pen : Paper));
        Assert.Equal("it has 4 loops", Of(120, 120, (x, y) =>
            x is >= 20 and <= 100 && y is >= 20 and <= 100 && (x % 40 is > 16 and < 24 || y % 40 is > 16 and < 24) ? Pen : Paper));
        Assert.Equal("it is in 9 pieces", Of(120, 120, (x, y) => x % 40 is > 15 and < 25 && y % 40 is > 15 and < 25 ? Pen : Paper));
        Assert.All([28, 100, 300], side => Assert.NotEqual("", Of(side, side, (_, _) => random.Next(256))));
        Assert.NotEqual("", Of(300, 200, (x, y) => 255 - (x + y) / 2.0));
        Assert.Equal("there is nothing on it", Of(300, 200, (_, _) => 200 + random.Next(20)));
    }

    [Theory]
    [InlineData("1,28,28", 28), InlineData("32,32", 32), InlineData("784", 28), InlineData("64", 8)]
    [InlineData("3,28,28", null), InlineData("1,28,30", null), InlineData("783", null), InlineData("13", null), InlineData("4", null)]
    [InlineData("1,1,28,28", null)]
    public void The_frame_has_the_side_that_the_network_takes(string input, int? side) =>
        Assert.Equal(side, SideOf([.. input.Split(',').Select(long.Parse)]));

    [Fact]
    public void A_thumbnail_keeps_colours_and_proportions()
    {
        var rgba = Enumerable.Range(0, 40 * 20).SelectMany(i => i % 40 < 20 ? new byte[] { 200, 10, 30, 255 } : [0, 0, 0, 0]).ToArray();
        var small = Thumbnail(new(40, 20, rgba), 20);
        Assert.Equal((20, 10), (small.Width, small.Height));
        Assert.Equal([200, 10, 30, 255], small.Rgba[..4]);
        Assert.Equal([255, 255, 255, 255], small.Rgba[^4..]);
    }
}
