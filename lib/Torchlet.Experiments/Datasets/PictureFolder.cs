using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.IO.Enumeration;
using System.Security.Cryptography;
using System.Text;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>
/// A folder with a folder of pictures for each class, as torchvision's ImageFolder reads it; or with train and test below, and such folders in each. The
/// classes are the folders' names as Python sorts them. Hidden files and those with other endings are passed over.
/// </summary>
static class PictureFolder
{
    static readonly ImmutableArray<string> Endings = [".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp"];

    static readonly EnumerationOptions Visible = new() { AttributesToSkip = FileAttributes.Hidden, IgnoreInaccessible = false };

    static readonly EnumerationOptions VisibleBelow = new()
    {
        AttributesToSkip = FileAttributes.Hidden, RecurseSubdirectories = true, IgnoreInaccessible = false,
    };

    /// <summary>Whether a place is a folder that holds folders.</summary>
    public static bool IsOne(string place) => Directory.Exists(place) && !Folders(place).IsEmpty;

    /// <summary>Reads all pictures. Without a test or validation folder a fifth of each class is held out; a validation folder alone is the test set.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="side">Pixels a side of what every picture becomes.</param>
    /// <param name="stop">Ends the reading.</param>
    /// <exception cref="TorchletException">The folders are missing or do not agree, or a picture is damaged; the message names it.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public static Dataset Read(string folder, int side, CancellationToken stop)
    {
        var (train, test, validation) = Parts(folder);
        var classes = Folders(train);
        if (classes.IsEmpty) throw new TorchletException($"{train} holds no folders with pictures, one for each class; name the folder that does.");
        var names = RegularFile.Naming(train, () => LabelNames.Checked([.. classes.Keys]));
        ImmutableArray<LabelledFile> learned = Files(train, names), judged, chosen;
        if (test is not null) (judged, chosen) = (Files(test, names, train), validation is null ? [] : Files(validation, names, train));
        else
        {
            var held = RegularFile.Naming(train, () => LabelNames.Held([.. learned.Select(file => file.Label)], names));
            (learned, judged, chosen) = ([.. held.Train.Select(i => learned[i])], [.. held.Test.Select(i => learned[i])], []);
        }
        return PictureReader.Read(folder, side, [.. names.Select(LabelNames.Shown)], [learned, judged, chosen], stop) with
        {
            Note = test is null ? HoldOut.Note : null,
        };
    }

    /// <summary>The folders to learn from, to judge by and to choose by. A class may be called train, too.</summary>
    static (string Train, string? Test, string? Validation) Parts(string folder)
    {
        var below = Folders(folder);
        string? Find(params string[] spellings) => below.FirstOrDefault(b => spellings.Contains(b.Key, StringComparer.OrdinalIgnoreCase)).Value;
        var (train, test, validation) = (Find("train", "training"), Find("test", "testing"), Find("val", "valid", "validation"));
        return train is null || (test is null && validation is null && below.Count > 1) ? (folder, null, null)
            : (train, test ?? validation, test is null ? null : validation);
    }

    /// <summary>The folders below one, by name.</summary>
    static ImmutableSortedDictionary<string, string> Folders(string folder) => RegularFile.Naming(folder, () =>
        Directory.EnumerateDirectories(folder, "*", Visible).ToImmutableSortedDictionary(path => Path.GetFileName(path), path => path, StringComparer.Ordinal));

    /// <summary>The pictures of a part, class by class and by name. It must have the classes that the training part has.</summary>
    static ImmutableArray<LabelledFile> Files(string part, ImmutableArray<string> names, string? train = null)
    {
        var folders = Folders(part);
        if (names.FirstOrDefault(name => !folders.ContainsKey(name)) is { } missing)
            throw new TorchletException($"{part} lacks the class '{LabelNames.Shown(missing)}' of {train}; put pictures of it there.");
        if (folders.Keys.FirstOrDefault(name => !names.Contains(name)) is { } extra)
            throw new TorchletException(
                $"{part} has the class '{LabelNames.Shown(extra)}', which {train} lacks; put pictures of it there, or take it away here.");
        return [.. names.SelectMany((name, label) => Pictures(folders[name], part).Select(path => new LabelledFile(path, label)))];
    }

    static IReadOnlyList<string> Pictures(string folder, string part)
    {
        if (new DirectoryInfo(folder).ResolveLinkTarget(returnFinalTarget: true) is { } target && IsWithin(Path.GetFullPath(part), target.FullName))
            throw new TorchletException($"{folder} is a link to a folder that contains it; remove it.");
        return RegularFile.Naming(folder, () => AllBelow(folder).Where(IsPicture).Order(StringComparer.Ordinal).ToList()) is { Count: > 0 } pictures ? pictures
            : throw new TorchletException($"{folder} holds no picture ({string.Join(", ", Endings)}); put some there, or take the folder away.");
    }

    static IEnumerable<string> AllBelow(string folder) =>
        new FileSystemEnumerable<string>(folder, (ref FileSystemEntry entry) => entry.ToFullPath(), VisibleBelow)
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory,
            // A link may lead to a folder that contains it.
            ShouldRecursePredicate = (ref FileSystemEntry entry) => !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
        };

    static bool IsPicture(string path) => Endings.Contains(Path.GetExtension(path).ToLowerInvariant());

    static bool IsWithin(string folder, string outer) => $"{folder}{Path.DirectorySeparatorChar}".StartsWith(
        $"{outer.TrimEnd(Path.DirectorySeparatorChar)}{Path.DirectorySeparatorChar}", StringComparison.Ordinal);
}

/// <summary>Reads many picture files on all processors.</summary>
static class PictureReader
{
    const int Channels = 3;

    /// <summary>The name of the checksum over all pictures.</summary>
    public const string Checksum = "all pictures";

    /// <summary>The pictures as square ones of one size, grey if all of them are.</summary>
    /// <param name="folder">The folder that all lie in.</param>
    /// <param name="side">Pixels a side.</param>
    /// <param name="classes">The name of each label.</param>
    /// <param name="parts">The files to learn from, to judge by, and to choose by, of which there may be none.</param>
    /// <param name="stop">Ends the reading.</param>
    /// <returns>The data, with the SHA-256 of what sha256sum prints of the files in the order of their paths below the folder.</returns>
    /// <exception cref="TorchletException">A picture is damaged: the first of them; or there are too many.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public static Dataset Read(string folder, int side, ImmutableArray<string> classes, ImmutableArray<LabelledFile>[] parts, CancellationToken stop)
    {
        using var scope = NewDisposeScope();
        ImmutableArray<LabelledFile> files = [.. parts.SelectMany(part => part)];
        var (pixels, sums) = Pictures(folder, files, side, stop);
        var targets = tensor(files.Select(file => (long)file.Label).ToArray());
        var (train, test, validation) = (parts[0].Length, parts[0].Length + parts[1].Length, files.Length);
        return new("", Path.GetFullPath(folder), classes,
            ImmutableSortedDictionary<string, string>.Empty.Add(Checksum, SumOf(folder, files, sums)), Part(..train), Part(train..test))
        {
            Validation = test < validation ? Part(test..) : null, AreResized = true,
        };

        Split Part(Range range)
        {
            var part = new Split(pixels, targets)[range];
            return new(part.Inputs.MoveToOuterDisposeScope(), part.Targets.MoveToOuterDisposeScope());
        }
    }

    /// <summary>All pictures, [count, 1 or 3, side, side], and the SHA-256 of each file.</summary>
    static (Tensor Pixels, string[] Sums) Pictures(string folder, ImmutableArray<LabelledFile> files, int side, CancellationToken stop)
    {
        var length = Channels * side * side;
        if ((long)files.Length * length > Array.MaxLength)
            throw new TorchletException(
                $"{folder} holds {files.Length:n0} pictures, too many of {side} × {side} pixels to fit into memory as one tensor; choose a smaller --side.");
        var (pixels, sums, isColoured) = (empty([files.Length, Channels, side, side], ScalarType.Byte), new string[files.Length], false);
        ForEach(files, stop, (i, path) => PictureFile.Read(path, bytes =>
        {
            var small = Thumbnail.Of(PictureFile.Decoded(bytes, side), side);
            small.CopyTo(pixels.bytes[(i * length)..]);
            sums[i] = Convert.ToHexStringLower(SHA256.HashData(bytes));
            if (!IsGrey(small)) isColoured = true;
            return small;
        }));
        return (isColoured ? pixels : pixels.narrow(1, 0, 1).contiguous(), sums);
    }

    /// <summary>Runs an action on each file, many at a time. Of several errors, that of the first file is reported.</summary>
    static void ForEach(ImmutableArray<LabelledFile> files, CancellationToken stop, Action<int, string> action)
    {
        var complaints = new ConcurrentBag<(int Index, TorchletException Complaint)>();
        Parallel.For(0, files.Length, new() { CancellationToken = stop, MaxDegreeOfParallelism = Environment.ProcessorCount }, (i, loop) =>
        {
            try
            {
                action(i, files[i].Path);
            }
            catch (TorchletException e)
            {
                complaints.Add((i, e));
                loop.Break();
            }
        });
        if (!complaints.IsEmpty) throw complaints.MinBy(c => c.Index).Complaint;
    }

    static bool IsGrey(ReadOnlySpan<byte> planes)
    {
        var length = planes.Length / Channels;
        return planes[..length].SequenceEqual(planes[length..^length]) && planes[..length].SequenceEqual(planes[^length..]);
    }

    static string SumOf(string folder, ImmutableArray<LabelledFile> files, string[] sums)
    {
        var lines = files.Zip(sums, (file, sum) => (Path: Path.GetRelativePath(folder, file.Path).Replace(Path.DirectorySeparatorChar, '/'), Sum: sum))
            .OrderBy(line => line.Path, StringComparer.Ordinal).Select(line => $"{line.Sum}  {line.Path}\n");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines))));
    }
}
