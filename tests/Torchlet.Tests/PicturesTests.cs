using SkiaSharp;

namespace Torchlet.Tests;

public sealed class PicturesTests : IDisposable
{
    readonly TemporaryFolder temporary = new();

    public void Dispose() => temporary.Dispose();

    string At(string name) => Path.Combine(temporary.Path, name);

    // Each of the eight orientations of EXIF, as the corners of the picture that is meant: A and B above, C and D below.
    [Theory]
    [InlineData(1, "ABCD"), InlineData(2, "BADC"), InlineData(3, "DCBA"), InlineData(4, "CDAB")]
    [InlineData(5, "ACBD"), InlineData(6, "CADB"), InlineData(7, "DBCA"), InlineData(8, "BDAC")]
    public void A_photo_is_turned_as_its_EXIF_says(byte orientation, string corners)
    {
        // 32 × 16 as it is stored: A B above C D, each a block of one brightness.
        var stored = OwnFiles.Picture(32, 16, (x, y) => OwnFiles.Grey(20 + 60 * (x / 16 + 2 * (y / 8))), SKEncodedImageFormat.Jpeg);
        byte[] exif = [0xff, 0xe1, 0, 34, .. "Exif\0\0MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0];
        File.WriteAllBytes(At("photo.jpg"), [.. stored[..2], .. exif, .. stored[2..]]);

        var photo = PictureFile.Read(At("photo.jpg"));

        Assert.Equal(orientation < 5 ? (32, 16) : (16, 32), (photo.Width, photo.Height));
        var (right, below) = (photo.Width - 3, photo.Height - 3);
        Assert.Equal(corners, string.Concat(new[] { (2, 2), (right, 2), (2, below), (right, below) }
            .Select(at => (char)('A' + (photo.Rgba[(at.Item2 * photo.Width + at.Item1) * 4] + 10) / 60))));
    }

    [Fact]
    public void Of_a_large_photo_only_so_much_is_decoded_as_a_small_picture_needs()
    {
        var photo = OwnFiles.Picture(640, 480, (x, y) => OwnFiles.Grey((x + y) / 8), SKEncodedImageFormat.Jpeg);
        Assert.Equal((640, 480), PictureFile.Decoded(photo) is var whole ? (whole.Width, whole.Height) : default);
        var small = PictureFile.Decoded(photo, side: 28);
        Assert.InRange(small.Height, 56, 120);
        Assert.All(Thumbnail.Of(whole, 28).Zip(Thumbnail.Of(small, 28)), p => Assert.InRange(p.First - p.Second, -3, 3));
    }

    [Fact]
    public void A_picture_one_pixel_wide_is_turned_too()
    {
        var stored = OwnFiles.Picture(1, 16, (_, y) => OwnFiles.Grey(y / 8 * 200), SKEncodedImageFormat.Jpeg);
        byte[] exif = [0xff, 0xe1, 0, 34, .. "Exif\0\0MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
        File.WriteAllBytes(At("photo.jpg"), [.. stored[..2], .. exif, .. stored[2..]]);
        Assert.Equal((16, 1), PictureFile.Read(At("photo.jpg")) is var photo ? (photo.Width, photo.Height) : default);
    }

    [Fact]
    public void A_picture_of_the_wanted_size_stays_as_it_is()
    {
        var pixels = Random(9, 9);
        Assert.Equal(pixels.Rgba.Chunk(4).Select(p => p[1]), Thumbnail.Of(pixels, 9)[81..162]);
    }

    [Fact]
    public void A_small_picture_has_the_means_of_the_middle_square()
    {
        // 6 × 4, of which the columns 1 … 4 are the middle; each pixel of 2 × 2 covers 2 × 2 of them.
        var pixels = Random(6, 4);
        int Red(int x, int y) => pixels.Rgba[(y * 6 + x) * 4];
        var wanted = from y in new[] { 0, 2 }
                     from x in new[] { 1, 3 }
                     select (byte)((Red(x, y) + Red(x + 1, y) + Red(x, y + 1) + Red(x + 1, y + 1)) / 4.0 + 0.5);
        Assert.Equal(wanted, Thumbnail.Of(pixels, 2)[..4]);
    }

    [Theory, InlineData(7, 3), InlineData(3, 7), InlineData(28, 28), InlineData(100, 1)]
    public void A_mean_stays_a_mean_at_any_ratio(int size, int side)
    {
        var pixels = Random(size, size);
        var mean = pixels.Rgba.Chunk(4).Average(p => p[2]);
        Assert.Equal(mean, Thumbnail.Of(pixels, side)[^(side * side)..].Average(p => p), 0.51);
        var plain = new Pixels(size, size, [.. Enumerable.Repeat(new byte[] { 200, 200, 200, 255 }, size * size).SelectMany(p => p)]);
        Assert.All(Thumbnail.Of(plain, side), p => Assert.Equal(200, p));
    }

    [Fact]
    public void What_is_transparent_shows_white() =>
        Assert.Equal([255, 128], Thumbnail.Of(new(2, 2, [9, 9, 9, 0, 0, 0, 0, 127, 9, 9, 9, 0, 0, 0, 0, 127]), 2)[..2]);

    static Pixels Random(int width, int height)
    {
        var rgba = new byte[width * height * 4];
        new Random(width).NextBytes(rgba);
        for (var i = 3; i < rgba.Length; i += 4) rgba[i] = 255;
        return new(width, height, rgba);
    }
}
