using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>A folder with a data set as MNIST's four IDX files, raw or .gz, with a dash or a dot in their names.</summary>
static class IdxFolder
{
    public const int Classes = 10;

    /// <summary>The four files' names, raw and with a dash: images and labels to learn from, images and labels to judge by.</summary>
    public static ImmutableArray<string> Names { get; } =
        ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"];

    /// <summary>The path of one of the <see cref="Names"/> in any of its spellings, or null.</summary>
    public static string? Find(string folder, string name) =>
        (from spelling in new[] { name, name.Replace("-idx", ".idx") }
         from ending in new[] { "", ".gz" }
         select Path.Combine(folder, spelling + ending)).FirstOrDefault(File.Exists);

    /// <summary>Whether all four files are there.</summary>
    public static bool IsWhole(string folder) => Names.All(name => Find(folder, name) is not null);

    /// <summary>SHA-256 of the four files as they lie on disk, each with its file's name, in the order of <see cref="Names"/>.</summary>
    /// <exception cref="TorchletException">One cannot be read.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public static ImmutableArray<(string File, string Sha256)> Checksums(string folder, CancellationToken stop) =>
        [.. from name in Names
            let path = Find(folder, name)!
            select (Path.GetFileName(path), RegularFile.Reading(path, file => RegularFile.Sha256(file, stop)))];

    /// <summary>Reads and checks the four files: first their headers, and only if these belong together their elements.</summary>
    /// <exception cref="TorchletException">A file is missing or damaged, or the files do not belong together.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public static IdxData Read(string folder, CancellationToken stop)
    {
        ImmutableArray<IdxFile> files = [.. Names.Select(name => HeaderOf(folder, name))];
        CheckTogether(files);
        using var scope = NewDisposeScope();
        ImmutableArray<IdxContent> contents = [.. files.Select(file => file.Read(stop))];
        foreach (var (file, content) in files.Zip(contents)) CheckLabels(file, content.Elements);
        return new(
            SplitOf(contents[0], contents[1]), SplitOf(contents[2], contents[3]),
            [.. files.Zip(contents, (file, content) => (Path.GetFileName(file.Path), content.Checksum))]);
    }

    /// <summary>Reads one of the <see cref="Names"/>, and checks no more than that it is such a file.</summary>
    public static IdxContent ReadFile(string folder, string name, CancellationToken stop) => HeaderOf(folder, name).Read(stop);

    static IdxFile HeaderOf(string folder, string name)
    {
        var path = Find(folder, name)
            ?? throw new TorchletException($"{folder} lacks {name} (raw or .gz): a data set is four files, put it next to the others.");
        return name.Contains("images") ? IdxFile.Of(path, dimensions: 3, "images") : IdxFile.Of(path, dimensions: 1, "labels");
    }

    static void CheckTogether(ImmutableArray<IdxFile> files)
    {
        foreach (var (images, labels) in new[] { (files[0], files[1]), (files[2], files[3]) })
            if (images.Shape[0] != labels.Shape[0])
                throw Apart(labels, $"{labels.Shape[0]} labels", images, $"{images.Shape[0]} images");
        if (!files[2].Shape[1..].SequenceEqual(files[0].Shape[1..]))
            throw Apart(files[2], $"images of {Pixels(files[2])} pixels", files[0], $"images of {Pixels(files[0])}");
    }

    static TorchletException Apart(IdxFile one, string holds, IdxFile other, string otherHolds) =>
        new($"{one.Path} holds {holds}, but {Path.GetFileName(other.Path)} {otherHolds}; take both from the same data set.");

    static string Pixels(IdxFile images) => Idx.Sizes(images.Shape.AsSpan()[1..]);

    static void CheckLabels(IdxFile file, Tensor elements)
    {
        if (elements.ndim != 1) return;
        using var highest = elements.max();
        if (highest.item<byte>() >= Classes)
            throw new TorchletException($"{file.Path} holds labels up to {highest.item<byte>()}, want 0 to {Classes - 1}; replace the file with a good copy.");
    }

    static Split SplitOf(IdxContent images, IdxContent labels) =>
        new(images.Elements.unsqueeze(1).MoveToOuterDisposeScope(), labels.Elements.to_type(ScalarType.Int64).MoveToOuterDisposeScope());
}

/// <summary>The content of a folder's four IDX files.</summary>
/// <param name="Train">Examples to learn from.</param>
/// <param name="Test">Examples to judge by.</param>
/// <param name="Files">SHA-256 of the four files as they lie on disk, each with its file's name, in the order of <see cref="IdxFolder.Names"/>.</param>
sealed record IdxData(Split Train, Split Test, ImmutableArray<(string File, string Sha256)> Files);
