using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>The drawings that --image names.</summary>
public static partial class Drawings
{
    const int ThumbnailSide = 240;

    static readonly string[] Endings = [".png", ".jpg", ".jpeg"];

    /// <summary>A picture, or those of a folder in natural order, without those of the folders in it; each in the frame of a network.</summary>
    /// <param name="config">The options.</param>
    /// <param name="side">The frame's side.</param>
    /// <param name="stop">Ends the reading.</param>
    /// <exception cref="TorchletException">A picture is missing or cannot be read; the message names it.</exception>
    /// <exception cref="CommandLineException">An option for data sets is given with --image.</exception>
    public static IReadOnlyList<NamedDrawing> Read(InferConfig config, int side, CancellationToken stop = default)
    {
        CheckAlone(config);
        return [.. Files(config.Image!).Select(file =>
        {
            stop.ThrowIfCancellationRequested();
            var picture = PictureFile.Read(file);
            return new NamedDrawing(Printable.Whole(Path.GetFileName(file)), Drawing.Thumbnail(picture, ThumbnailSide), Drawing.Framed(picture, side));
        })];
    }

    /// <summary>The same in the way that a network takes pictures: as those that it was trained on were brought to its size, or in its frame.</summary>
    /// <inheritdoc cref="Read(InferConfig, int, CancellationToken)"/>
    public static IReadOnlyList<NamedDrawing> Read(InferConfig config, Pretrained network, CancellationToken stop = default)
    {
        if (!network.TakesPictures) return Read(config, network.Side, stop);
        CheckAlone(config);
        return [.. Files(config.Image!).Select(file =>
        {
            stop.ThrowIfCancellationRequested();
            return PictureFile.Read(file, bytes => Picture(Printable.Whole(Path.GetFileName(file)), bytes, network.Model.Net.Input));
        })];
    }

    static NamedDrawing Picture(string name, byte[] file, ImmutableArray<long> shape)
    {
        var (height, width) = ((int)shape[1], (int)shape[2]);
        var planes = Thumbnail.Of(PictureFile.Decoded(file, Math.Max(width, height)), width, height);
        var seen = shape[0] == 3 ? planes : Grey(planes);
        return new(name, Drawing.Thumbnail(PictureFile.Decoded(file, ThumbnailSide), ThumbnailSide), [.. seen], shape, "");
    }

    /// <summary>Red, green and blue, one after the other, as brightness: 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601).</summary>
    static byte[] Grey(byte[] planes)
    {
        var (grey, length) = (new byte[planes.Length / 3], planes.Length / 3);
        for (var i = 0; i < length; i++) grey[i] = (byte)(0.299 * planes[i] + 0.587 * planes[length + i] + 0.114 * planes[2 * length + i] + 0.5);
        return grey;
    }

    static void CheckAlone(InferConfig config)
    {
        var plain = new InferConfig();
        if (config.Split != plain.Split || config.Data != plain.Data)
            throw new CommandLineException($"--image: the drawings stand in for a data set; leave --{(config.Data != plain.Data ? "data" : "split")} out.");
    }

    /// <summary>The files of the pictures: the one that is named, a folder's, or those of several places with commas between them.</summary>
    internal static IReadOnlyList<string> Files(string place)
    {
        if (!Path.Exists(place) && place.Contains(',')) return [.. place.Split(',').SelectMany(Files)];
        if (!Directory.Exists(place))
            return Path.Exists(place) ? [place] : throw new TorchletException(
                $"--image {Printable.Of(place)}: no such file or folder; name a PNG or JPEG, or a folder of them.");
        // Hidden files, which other systems leave next to pictures, are skipped.
        var files = Directory.EnumerateFiles(place, "*", new EnumerationOptions { IgnoreInaccessible = false })
            .Where(file => Endings.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))
            .OrderBy(file => NaturalKey(Path.GetFileName(file)), StringComparer.OrdinalIgnoreCase).ToList();
        return files.Count > 0 ? files : throw new TorchletException(
            $"--image {Printable.Of(place)}: the folder holds no PNG or JPEG; put pictures there, or name the folder in it that has them.");
    }

    /// <summary>A text that orders names as people do, 2 before 10: every number in it has the same length.</summary>
    internal static string NaturalKey(string name) => Digits().Replace(name, number => number.Value.TrimStart('0').PadLeft(20, '0'));

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();
}

/// <summary>A drawing out of a file.</summary>
/// <param name="Name">The file's name, fit for one line.</param>
/// <param name="Thumbnail">The picture, small.</param>
/// <param name="Seen">The pixels that a network is given, row by row, of a coloured picture red, green and blue one after the other.</param>
/// <param name="Shape">Their shape: [1 or 3, height, width].</param>
/// <param name="Oddity">Why it does not look like one digit; empty where nothing says so, null where it need not be one.</param>
public sealed record NamedDrawing(string Name, Pixels Thumbnail, ImmutableArray<byte> Seen, ImmutableArray<long> Shape, string? Oddity)
{
    /// <summary>A drawing in the frame of a network.</summary>
    public NamedDrawing(string name, Pixels thumbnail, FramedDrawing framed)
        : this(name, thumbnail, [.. framed.Frame.Bytes], [1, framed.Frame.Height, framed.Frame.Width], framed.Oddity) { }
}

/// <summary>A network's answer to a drawing.</summary>
/// <param name="Number">Which drawing it is, from 1.</param>
/// <param name="Drawing">The drawing.</param>
/// <param name="Likeliest">The likeliest classes, at most three, the likeliest first, with their probabilities in [0, 1].</param>
public sealed record DrawingAnswer(int Number, NamedDrawing Drawing, ImmutableArray<(string Class, float Probability)> Likeliest)
{
    const int Named = 3;

    // Fewer than one in a hundred of MNIST's digits leaves a network that knows them so unsure.
    const double LeastProbability = 0.5;

    /// <summary>Why the answer is not to be relied on; empty where nothing speaks against it.</summary>
    public string Remark => (Drawing.Oddity, Likeliest[0].Probability) switch
    {
        ({ Length: > 0 } oddity, _) => $"does not look like one digit: {oddity}",
        (null, < (float)LeastProbability) => "the network is unsure",
        (_, < (float)LeastProbability) => "does not look like one digit: the network is unsure",
        _ => "",
    };

    /// <summary>The answer in one line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Drawing.Name}: {string.Join(", ", Likeliest.Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Class} {c.Probability * 100:f1}%")))}")
        + (Remark.Length > 0 ? $" ({Remark})" : "");

    /// <summary>A network's answers to drawings, some at a time in order, lazily.</summary>
    /// <param name="model">The network; its output is taken for logits.</param>
    /// <param name="drawings">Drawings in frames of the network's size.</param>
    /// <param name="classes">The name of each of its outputs.</param>
    /// <param name="batchSize">Drawings that go through it at a time.</param>
    /// <param name="divisor">What a pixel's byte is divided by: 255, or 1 for raw pixels.</param>
    public static IEnumerable<DrawingAnswer> Each(
        Model model, IReadOnlyList<NamedDrawing> drawings, ImmutableArray<string> classes, int batchSize, double divisor) =>
        drawings.Index().Chunk(batchSize).SelectMany(some =>
            some.Zip(Probabilities(model, [.. some.Select(d => d.Item.Seen)], divisor), (d, p) =>
                new DrawingAnswer(d.Index + 1, d.Item, [.. classes.Zip(p).OrderByDescending(c => c.Second).Take(Named)])));

    static float[][] Probabilities(Model model, IReadOnlyList<ImmutableArray<byte>> frames, double divisor)
    {
        using var scope = NewDisposeScope();
        var images = tensor(frames.SelectMany(f => f).ToArray(), [frames.Count, .. model.Net.Input]).to(model.Flat.device);
        var probabilities = model.Apply(Batches.Floats(images, divisor)) | Activations.Softmax;
        return [.. probabilities.Numbers<float>().Chunk((int)probabilities.size(1))];
    }
}
