namespace Torchlet.Tests;

/// <summary>Files that the repository does not hold: MNIST, where a script finds it too, and the folder next to the repository, if it exists.</summary>
static class Shared
{
    static readonly string Folder = System.IO.Path.GetFullPath(System.IO.Path.Combine(ProjectFolders.Root, "..", "shared"));

    static readonly Lazy<string?> FoundMnist = new(() => new[] { new DataPlaces(), new() { Named = System.IO.Path.Combine(Folder, "data") } }
        .Select(places => Datasets.Local(KnownDataset.Mnist, places)?.Source).FirstOrDefault(folder => folder is not null));

    /// <summary>A folder with MNIST, known by its contents; skips the running test with a message if there is none.</summary>
    public static string Mnist
    {
        get
        {
            Assert.SkipWhen(FoundMnist.Value is null, $"no MNIST where {Datasets.FolderVariable} says, in data/MNIST/raw or next to the repository");
            return FoundMnist.Value!;
        }
    }

    /// <summary>The path of a shared file or folder; skips the running test, saying so, where it is missing.</summary>
    public static string Path(params string[] parts)
    {
        var path = System.IO.Path.Combine([Folder, .. parts]);
        Assert.SkipUnless(System.IO.Path.Exists(path), $"no {System.IO.Path.Combine(["shared", .. parts])} next to the repository");
        return path;
    }
}
