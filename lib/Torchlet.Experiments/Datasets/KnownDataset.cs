using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>A published data set: where to get it, and how to know it.</summary>
/// <param name="Name">Its name, for people.</param>
/// <param name="Option">What --data calls it.</param>
/// <param name="Folder">Where torchvision keeps it, below a folder of data sets.</param>
/// <param name="Classes">The name of each label.</param>
/// <param name="Files">Its four files as the mirrors serve them.</param>
/// <param name="Mirrors">Addresses that serve the files under their names.</param>
/// <param name="Contents">SHA-256 of the four files as they are unpacked, which tell the data set however and wherever they are kept.</param>
/// <param name="SystemFolder">Where a package of the operating system puts it, if there is one.</param>
public sealed record KnownDataset(
    string Name, string Option, string Folder, ImmutableArray<string> Classes, ImmutableArray<RemoteFile> Files, ImmutableArray<Uri> Mirrors,
    ImmutableArray<string> Contents, string? SystemFolder = null)
{
    /// <summary>Whether files are its four, each as the mirrors serve it or unpacked, which their SHA-256 tells without a look at what they hold.</summary>
    public bool IsIn(ImmutableArray<(string File, string Sha256)> files) =>
        Enumerable.Range(0, files.Length).All(i => files[i].Sha256 == Files[i].Sha256 || files[i].Sha256 == Contents[i]);

    /// <summary>Whether these are its examples, wherever they come from.</summary>
    public bool Holds(Split train, Split test) => Holds(train, Contents, 0) && Holds(test, Contents, 2);

    static bool Holds(Split split, ImmutableArray<string> contents, int first)
    {
        if (split is not { ArePictures: true, Inputs: { dtype: ScalarType.Byte } } || split.Inputs.size(1) != 1) return false;
        using var scope = NewDisposeScope();
        // The labels are small, and tell most other data sets apart.
        return Idx.Sha256(split.Targets.to_type(ScalarType.Byte).bytes, split.Count) == contents[first + 1]
            && Idx.Sha256(split.Inputs.bytes, split.Count, (int)split.Inputs.size(2), (int)split.Inputs.size(3)) == contents[first];
    }

    /// <summary>The digits 0 to 9.</summary>
    public static ImmutableArray<string> Digits { get; } = [.. Enumerable.Range(0, IdxFolder.Classes).Select(d => $"{d}")];

    /// <summary>Handwritten digits, by Y. LeCun, C. Cortes and C. Burges.</summary>
    public static KnownDataset Mnist { get; } = new(
        "MNIST", "mnist", Path.Combine("MNIST", "raw"), Digits,
        [
            new("train-images-idx3-ubyte.gz", 9_912_422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
            new("train-labels-idx1-ubyte.gz", 28_881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
            new("t10k-images-idx3-ubyte.gz", 1_648_877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
            new("t10k-labels-idx1-ubyte.gz", 4_542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
        ],
        [new("https://ossci-datasets.s3.amazonaws.com/mnist/"), new("https://storage.googleapis.com/cvdf-datasets/mnist/")],
        [
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ]);

    /// <summary>Zalando's pictures of clothes. Source: H. Xiao, K. Rasul and R. Vollgraf, arXiv:1708.07747.</summary>
    public static KnownDataset FashionMnist { get; } = new(
        "Fashion-MNIST", "fashion-mnist", Path.Combine("FashionMNIST", "raw"),
        ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"],
        [
            new("train-images-idx3-ubyte.gz", 26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
            new("train-labels-idx1-ubyte.gz", 29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
            new("t10k-images-idx3-ubyte.gz", 4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
            new("t10k-labels-idx1-ubyte.gz", 5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
        ],
        [
            new("https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/"),
            new("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"),
        ],
        [
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        ],
        "/usr/share/datasets/fashion-mnist");
}

/// <summary>Where data sets are looked for, and how they are fetched.</summary>
sealed record DataPlaces
{
    /// <summary>The option that <see cref="AreNumbers"/> is of, in messages.</summary>
    public const string NumbersOption = "--target numbers";

    /// <summary>Data that the user named once for all scripts, or null.</summary>
    public string? Named { get; init; } = Environment.GetEnvironmentVariable(Datasets.FolderVariable) is { Length: > 0 } folder ? folder : null;

    /// <summary>The project's folder of data sets, which downloads go to.</summary>
    public string Data { get; init; } = ProjectFolders.Data;

    public KnownDataset Mnist { get; init; } = KnownDataset.Mnist;

    public KnownDataset FashionMnist { get; init; } = KnownDataset.FashionMnist;

    /// <summary>The data sets that are known by their contents.</summary>
    public ImmutableArray<KnownDataset> Known => [Mnist, FashionMnist];

    /// <summary>For data that the user asked for by name.</summary>
    public DownloadPolicy Policy { get; init; } = new();

    /// <summary>For auto, which has something else to offer: it may try for ten seconds.</summary>
    public DownloadPolicy Brief { get; init; } = new() { Rounds = 2, Pause = TimeSpan.FromMilliseconds(300), Patience = TimeSpan.FromSeconds(9) };

    public Func<HttpClient> Client { get; init; } = () => new();

    public Action<DownloadProgress> Report { get; init; } = DownloadReport.Live();

    /// <summary>Pixels a side of pictures that are of any size; null leaves it to them.</summary>
    public int? Side { get; init; }

    /// <summary>Whether the column of labels of a table holds numbers to predict; else classes.</summary>
    public bool AreNumbers { get; init; }

    /// <summary>Tokens of a window of a text; null for 64.</summary>
    public int? Context { get; init; }

    /// <summary>Whether the tokens of a text are words; null for characters.</summary>
    public bool? AreWords { get; init; }

    /// <summary>Ends what takes long: a download, the reading of files, or the drawing of digits.</summary>
    public CancellationToken Stop { get; init; }

    public Action<string> Warn { get; init; } = Notice.Warn;
}
