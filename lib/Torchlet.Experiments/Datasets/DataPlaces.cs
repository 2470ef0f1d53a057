using System.Collections.Immutable;

namespace Torchlet;

/// <summary>Where data sets are looked for, and how they are fetched.</summary>
sealed record DataPlaces
{
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

    /// <summary>Ends what takes long: a download, the reading of files, or the drawing of digits.</summary>
    public CancellationToken Stop { get; init; }

    public Action<string> Warn { get; init; } = Notice.Warn;
}
