using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>A folder with a data set as MNIST's four IDX files, raw or .gz, with a dash or a dot in their names.</summary>
static class IdxFolder
{
    public const int Classes = 10;

    /// <summary>The four files' names, raw and with a dash.</summary>
    public static ImmutableArray<string> Names { get; } = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"];

    /// <summary>The path of one of the <see cref="Names"/> in any of its spellings, or null.</summary>
    public static string? Find(string folder, string name) =>
        (from spelling in new[] { name, name.Replace("-idx", ".idx") }
         from ending in new[] { "", ".gz" }
         select Path.Combine(folder, spelling + ending)).FirstOrDefault(File.Exists);

    /// <summary>Whether all four files are there.</summary>
    public static bool IsWhole(string folder) => Names.All(name => Find(folder, name) is not null);

    /// <summary>Whether the folder's train labels are those of a published data set.</summary>
    public static bool Holds(string folder, KnownDataset known)
    {
        using var labels = IdxFile.Read(Find(folder, Names[1])!, dimensions: 1, "labels").Elements;
        return known.Is(labels);
    }

    /// <summary>Reads and checks the four files.</summary>
    /// <exception cref="TorchletException">A file is missing or damaged, or the files do not belong together.</exception>
    public static (Split Train, Split Test, ImmutableSortedDictionary<string, string> Checksums) Read(string folder)
    {
        var checksums = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var (train, test) = (ReadSplit(folder, "train", checksums), ReadSplit(folder, "t10k", checksums));
        return train.Images.shape[1] == test.Images.shape[1]
            ? (train, test, checksums.ToImmutable())
            : throw new TorchletException($"{folder}: train images have {train.Images.shape[1]} pixels but t10k images {test.Images.shape[1]}; take both from the same data set.");
    }

    static Split ReadSplit(string folder, string split, ImmutableSortedDictionary<string, string>.Builder checksums)
    {
        using var scope = NewDisposeScope();
        var images = ReadFile(folder, $"{split}-images-idx3-ubyte", dimensions: 3, "images", checksums).flatten(1);
        var labels = ReadFile(folder, $"{split}-labels-idx1-ubyte", dimensions: 1, "labels", checksums);
        Check(folder, split, images, labels);
        return new(images.MoveToOuterDisposeScope(), labels.to_type(ScalarType.Int64).MoveToOuterDisposeScope());
    }

    static Tensor ReadFile(string folder, string name, int dimensions, string what, ImmutableSortedDictionary<string, string>.Builder checksums)
    {
        var path = Find(folder, name)
            ?? throw new TorchletException($"{folder} lacks {name} (raw or .gz): a data set is four files, put it beside the others.");
        var (elements, sha256) = IdxFile.Read(path, dimensions, what);
        checksums[Path.GetFileName(path)] = sha256;
        return elements;
    }

    static void Check(string folder, string split, Tensor images, Tensor labels)
    {
        if (labels.shape[0] != images.shape[0])
            throw new TorchletException($"{folder}: {split} has {images.shape[0]} images but {labels.shape[0]} labels; take both files from the same data set.");
        var highest = labels.max().item<byte>();
        if (highest >= Classes)
            throw new TorchletException($"{folder}: {split} labels go up to {highest}, want 0 to {Classes - 1}; replace the file with a good copy.");
    }
}
