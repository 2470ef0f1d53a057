using System.Collections.Immutable;

namespace Torchlet;

/// <summary>Finds a data set, fetches it, or draws one.</summary>
public static class Datasets
{
    /// <summary>Environment variable that names a folder with the four IDX files; <c>auto</c> looks there first.</summary>
    public const string FolderVariable = "TORCHLET_DATA";

    /// <summary>What <see cref="Dataset.Name"/> is for digits that nobody wrote.</summary>
    public const string SyntheticName = "synthetic digits";

    /// <summary>
    /// The data set that <c>--data</c> names: <c>mnist</c> or <c>fashion-mnist</c>, from disk or else downloaded; <c>synthetic</c>;
    /// a folder with the four IDX files; or <c>auto</c>: the folder that TORCHLET_DATA names, else MNIST, else, where it is neither on
    /// disk nor to be had within ten seconds, the synthetic digits with a warning.
    /// </summary>
    /// <param name="data">What --data says.</param>
    /// <param name="stop">Ends it; what has been downloaded so far stays for the next time.</param>
    /// <exception cref="TorchletException">It is not there, or a file of it is damaged.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public static Dataset Load(string data, CancellationToken stop = default) => Load(data, new DataPlaces { Stop = stop });

    internal static Dataset Load(string data, DataPlaces places)
    {
        var dataset = Find(data, places);
        places.Stop.ThrowIfCancellationRequested(); // Reading from disk is too quick to ask between, and nothing is begun yet.
        return dataset;
    }

    static Dataset Find(string data, DataPlaces places) => data switch
    {
        "auto" => OnDisk(places) ?? Auto(places),
        "synthetic" => Synthetic(places),
        _ when new[] { places.Mnist, places.FashionMnist }.FirstOrDefault(known => known.Option == data) is { } known => Published(known, places),
        _ => Read(data, "--data"),
    };

    /// <summary>What <c>auto</c> finds without a download; null if there is nothing.</summary>
    /// <exception cref="TorchletException">It is damaged, or TORCHLET_DATA names a folder without any.</exception>
    internal static Dataset? OnDisk(DataPlaces places) => places.Named is { } folder ? Read(folder, FolderVariable) : Local(places.Mnist, places);

    static Dataset Auto(DataPlaces places)
    {
        try
        {
            Fetch(places.Mnist, places, places.Brief);
        }
        catch (TorchletException e)
        {
            places.Warn($"no {places.Mnist.Name} here, and none to be had ({e.Message.TrimEnd('.')}): going on with {SyntheticName}. {Remedy(places.Mnist, places)}");
            var digits = Synthetic(places);
            return digits with { Source = $"{digits.Source}, since {places.Mnist.Name} could not be downloaded" };
        }
        return ReadKnown(places.Mnist, Home(places.Mnist, places));
    }

    static Dataset Published(KnownDataset known, DataPlaces places)
    {
        if (Local(known, places) is { } found) return found;
        try
        {
            Fetch(known, places, places.Policy);
        }
        catch (TorchletException e)
        {
            throw new TorchletException($"--data {known.Option}: {known.Name} is not here and cannot be downloaded ({e.Message.TrimEnd('.')}). {Remedy(known, places)}", e);
        }
        return ReadKnown(known, Home(known, places));
    }

    static string Remedy(KnownDataset known, DataPlaces places) =>
        $"Put {string.Join(", ", known.Files[..^1].Select(f => f.Name))} and {known.Files[^1].Name} into {Home(known, places)}, from {string.Join(" or ", known.Mirrors)}";

    /// <summary>Where downloads of a data set go.</summary>
    static string Home(KnownDataset known, DataPlaces places) => Path.Combine(places.Data, known.Folder);

    /// <summary>The data set, if it is on disk.</summary>
    static Dataset? Local(KnownDataset known, DataPlaces places)
    {
        string?[] folders = [places.Named is null ? null : Path.Combine(places.Named, known.Folder), Home(known, places), known.SystemFolder];
        return places.Named is { } named && IdxFolder.IsWhole(named) && IdxFolder.Holds(named, known) ? ReadKnown(known, named)
            : folders.FirstOrDefault(f => f is not null && IdxFolder.IsWhole(f)) is { } folder ? ReadKnown(known, folder)
            : null;
    }

    static void Fetch(KnownDataset known, DataPlaces places, DownloadPolicy policy)
    {
        var folder = Home(known, places);
        var missing = known.Files.Where(f => IdxFolder.Find(folder, Path.GetFileNameWithoutExtension(f.Name)) is null);
        using var http = places.Client();
        Download.Files(folder, [.. missing], known.Mirrors, http, policy, places.Report, places.Stop).GetAwaiter().GetResult();
    }

    static Dataset Synthetic(DataPlaces places)
    {
        var folder = Path.Combine(places.Data, "synthetic");
        var isNew = SyntheticFolder.Fill(folder, places.Stop);
        var digits = ReadAny(folder) with { Name = SyntheticName };
        if (isNew) WriteSheet(folder, digits, Local(places.Mnist, places));
        return digits;
    }

    /// <summary>Draws what was made beside what it stands for, where that is there.</summary>
    static void WriteSheet(string folder, Dataset digits, Dataset? model) =>
        AtomicFile.Write(Path.Combine(folder, "contact_sheet.png"), path =>
            File.WriteAllBytes(path, model is null ? ContactSheet.Png(digits.Train) : ContactSheet.Png(digits.Train, model.Train)));

    /// <summary>The data set in the folder, or in one below it where torchvision would have put it.</summary>
    static Dataset Read(string folder, string option)
    {
        string[] places = [folder, Path.Combine(folder, KnownDataset.Mnist.Folder), Path.Combine(folder, KnownDataset.FashionMnist.Folder)];
        return places.FirstOrDefault(f => IdxFolder.Names.Any(name => IdxFolder.Find(f, name) is not null)) is { } source
            ? ReadAny(source)
            : throw new TorchletException($"{option}: {folder} holds no data set: put {string.Join(", ", IdxFolder.Names[..^1])} and {IdxFolder.Names[^1]} there (raw or .gz), or name their folder with --data FOLDER or {FolderVariable}.");
    }

    static Dataset ReadKnown(KnownDataset known, string folder) => ReadAny(folder) with { Name = known.Name, Classes = known.Classes };

    /// <summary>A folder's data set, under the name of the published one that it is, else under the folder's.</summary>
    static Dataset ReadAny(string folder)
    {
        var (train, test, checksums) = IdxFolder.Read(folder);
        var known = new[] { KnownDataset.Mnist, KnownDataset.FashionMnist }.FirstOrDefault(k => k.Is(train.Labels));
        return new(known?.Name ?? FolderName(folder), Path.GetFullPath(folder), known?.Classes ?? KnownDataset.Digits, checksums, train, test);
    }

    static string FolderName(string folder) => new DirectoryInfo(Path.GetFullPath(folder)).Name;
}
