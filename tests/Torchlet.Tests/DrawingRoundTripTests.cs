using SkiaSharp;

namespace Torchlet.Tests;

/// <summary>MNIST's digits as people would hand them in: what a network knows of them it knows afterwards.</summary>
[Collection(Lane.MoreScripts)]
public class DrawingRoundTripTests
{
    const int Count = 100, Zoom = 5, Large = 28 * Zoom;

    static readonly Lazy<(Pretrained Network, IReadOnlyList<byte[]> Images, IReadOnlyList<string> Labels)> Known = new(() =>
    {
        var data = Datasets.Load(Shared.Mnist);
        var network = PretrainedWeights.Load(new InferConfig());
        var onData = PretrainedWeights.Load(new InferConfig { Weights = network.Source }, data);
        var known = Inference.Predictions(onData.Model, data.Test[..1000], 100, onData.Divisor).Where(p => p.Predicted == p.Label).ToList();
        var pixels = data.Test.Inputs[..1000].contiguous().bytes.ToArray();
        return (network, [.. known.Select(p => pixels[(p.Index * 784)..((p.Index + 1) * 784)])], [.. known.Select(p => $"{p.Label}")]);
    });

    static readonly Dictionary<string, Func<byte[], Pixels>> Ways = new()
    {
        ["as it is"] = image => Picture(28, 28, (x, y) => image[y * 28 + x]),
        ["large"] = image => Picture(Large, Large, (x, y) => 255 - Zoomed(image, x, y)),
        ["white on black"] = image => Picture(Large, Large, (x, y) => Zoomed(image, x, y)),
        ["in a corner"] = image => Picture(400, 300, (x, y) => 250 - 0.9 * Zoomed(image, x - 250, y - 10)),
        ["in falling light"] = image => Picture(250, 180, (x, y) => (230 - 0.5 * x) * (1 - 0.0032 * Zoomed(image, x - 60, y - 20))),
        ["in half a shadow"] = image => Picture(250, 180, (x, y) => (x + y / 2 > 170 ? 140 : 225) * (1 - 0.0032 * Zoomed(image, x - 60, y - 20))),
        ["as a JPEG"] = image => Read(".jpg", Jpeg(Picture(Large, Large, (x, y) => 240 - 0.8 * Zoomed(image, x, y)))),
        ["turned by EXIF"] = image => Read(".jpg", Turned(Jpeg(Picture(Large, Large, (x, y) => 255 - Zoomed(image, Large - 1 - y, x))))),
        ["thin on nothing"] = image => Read(".png", PictureFile.Png(Thin(image))),
    };

    public static TheoryData<string> Names => [.. Ways.Keys];

    [Theory, MemberData(nameof(Names))]
    public void What_a_network_knows_it_knows_of_a_drawing_of_it(string way)
    {
        var (network, images, labels) = Known.Value;
        var drawings = images.Take(Count).Select(i => new NamedDrawing("", new(0, 0, []), Drawing.Framed(Ways[way](i)))).ToList();
        var answers = DrawingAnswer.Each(network.Model, drawings, network.Classes, batchSize: 64, network.Divisor).ToList();
        var right = answers.Zip(labels).Count(a => a.First.Likeliest[0].Class == a.Second);
        Assert.True(right >= 0.95 * Count, $"{right} of {Count} are right");
    }

    [Fact]
    public void Fewer_than_two_in_a_hundred_digits_do_not_look_like_one()
    {
        var (network, images, _) = Known.Value;
        var drawings = images.Select(i => new NamedDrawing("", new(0, 0, []), Drawing.Framed(Ways["as it is"](i)))).ToList();
        var remarks = DrawingAnswer.Each(network.Model, drawings, network.Classes, batchSize: 64, network.Divisor)
            .Where(a => a.Remark.Length > 0).Select(a => a.Remark).ToList();
        Assert.True(remarks.Count < 0.02 * images.Count, $"{remarks.Count} of {images.Count}: {string.Join("; ", remarks)}");
    }

    static Pixels Picture(int width, int height, Func<int, int, double> value)
    {
        var (grey, colours) = (GreyImage.Of(width, height, value).Bytes, new byte[4 * width * height]);
        for (var i = 0; i < grey.Length; i++)
        {
            colours.AsSpan(4 * i, 3).Fill(grey[i]);
            colours[4 * i + 3] = byte.MaxValue;
        }
        return new(width, height, colours);
    }

    /// <summary>Black where the pen was strongest, transparent elsewhere.</summary>
    static Pixels Thin(byte[] image) => new(Large, Large,
        [.. Enumerable.Range(0, Large * Large).SelectMany(i => new byte[] { 0, 0, 0, (byte)(Zoomed(image, i % Large, i / Large) > 190 ? 255 : 0) })]);

    /// <summary>An image's brightness between its pixels, enlarged.</summary>
    static double Zoomed(byte[] image, int x, int y)
    {
        if (x < -Zoom || x > Large + Zoom || y < -Zoom || y > Large + Zoom) return 0;
        var (u, v) = ((x + 0.5) / Zoom - 0.5, (y + 0.5) / Zoom - 0.5);
        var (left, top) = ((int)Math.Floor(u), (int)Math.Floor(v));
        double At(int column, int row) => column is < 0 or > 27 || row is < 0 or > 27 ? 0 : image[row * 28 + column];
        double Row(int row) => At(left, row) + (At(left + 1, row) - At(left, row)) * (u - left);
        return Row(top) + (Row(top + 1) - Row(top)) * (v - top);
    }

    static byte[] Jpeg(Pixels picture)
    {
        using var bitmap = PictureFile.Bitmap(picture);
        using var jpeg = bitmap.Encode(SKEncodedImageFormat.Jpeg, quality: 60);
        return jpeg.ToArray();
    }

    /// <summary>The JPEG with an EXIF segment behind its first two bytes that has one entry: orientation 6, its first row is the right side.</summary>
    static byte[] Turned(byte[] jpeg) =>
    [
        .. jpeg[..2], 0xFF, 0xE1, 0, 34, .. "Exif\0\0"u8, .. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0, .. jpeg[2..],
    ];

    static Pixels Read(string ending, byte[] file)
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, $"a{ending}");
        File.WriteAllBytes(path, file);
        return PictureFile.Read(path);
    }
}
