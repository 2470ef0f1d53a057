using System.Text.RegularExpressions;

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
    /// <exception cref="TorchletException">There is no picture, or one that cannot be read; the message names it.</exception>
    /// <exception cref="CommandLineException">An option is given beside --image that says something of a data set.</exception>
    public static IReadOnlyList<NamedDrawing> Read(InferConfig config, int side, CancellationToken stop = default)
    {
        var plain = new InferConfig();
        if (config.Split != plain.Split || config.Data != plain.Data)
            throw new CommandLineException($"--image: the drawings stand in for a data set; leave --{(config.Data != plain.Data ? "data" : "split")} out.");
        return [.. Files(config.Image!).Select(file =>
        {
            stop.ThrowIfCancellationRequested();
            var picture = PictureFile.Read(file);
            return new NamedDrawing(Printable.Whole(Path.GetFileName(file)), Drawing.Thumbnail(picture, ThumbnailSide), Drawing.Framed(picture, side));
        })];
    }

    /// <summary>The files of the pictures: the one that is named, or a folder's.</summary>
    internal static IReadOnlyList<string> Files(string place)
    {
        if (!Directory.Exists(place))
            return Path.Exists(place) ? [place] : throw new TorchletException(
                $"--image {Printable.Of(place)}: there is no such file or folder; name a PNG or JPEG, or a folder of them.");
        // Hidden files, as other systems leave them beside pictures, are passed over.
        var files = Directory.EnumerateFiles(place, "*", new EnumerationOptions())
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
/// <param name="Framed">What of it a network is to see.</param>
public sealed record NamedDrawing(string Name, Pixels Thumbnail, FramedDrawing Framed);
