using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Torchlet;

/// <summary>Finds a data set, fetches it, or draws one.</summary>
public static class Datasets
{
    /// <summary>Environment variable that names a folder with the four IDX files, or other user-defined data; <c>auto</c> looks there first.</summary>
    public const string FolderVariable = "TORCHLET_DATA";

    /// <summary><see cref="Dataset.Name"/> of the synthetic digits.</summary>
    public const string SyntheticName = "synthetic digits";

    const int DefaultSide = 28;

    /// <summary>
    /// The data set that <c>--data</c> names: <c>mnist</c> or <c>fashion-mnist</c>, from disk or else downloaded; <c>synthetic</c>;
    /// your own data: a folder with the four IDX files, a folder of pictures by class, a Keras .npz, a .csv or a text file;
    /// or <c>auto</c>: the data that TORCHLET_DATA names, else MNIST, else, where it is neither on
    /// disk nor downloadable within ten seconds, the synthetic digits with a warning.
    /// </summary>
    /// <example><c>Datasets.Load("flowers", side: 64)</c></example>
    /// <param name="data">What --data says.</param>
    /// <param name="stop">Ends it; what has been downloaded so far stays for the next time.</param>
    /// <param name="side">Pixels a side that the pictures of a folder are brought to; 28 if not given. Other data have no side to choose.</param>
    /// <exception cref="TorchletException">It is not there, or a file of it is damaged.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public static Dataset Load(string data, CancellationToken stop = default, int? side = null) => Load(data, new DataPlaces { Stop = stop, Side = side });

    /// <summary>The examples that a script's options ask for: the set that <c>--data</c> names, and of it what its other options choose.</summary>
    /// <inheritdoc cref="Load(string, CancellationToken, int?)"/>
    public static Dataset Load(RunConfig config, CancellationToken stop = default)
    {
        var all = Load(config.Data, config.Places with { Stop = stop });
        var chosen = config.Examples(all);
        all.FreeBut(chosen);
        return chosen;
    }

    internal static Dataset Load(string data, DataPlaces places)
    {
        var known = places.Known.FirstOrDefault(known => known.Option == data);
        var own = Own(data, places);
        if (places.Side is { } side && !(Directory.Exists(own) && IdxIn(own, places) is null))
            throw new TorchletException($"--side {side}: {own ?? data} has pictures of one size, or none; leave the option out.");
        if (places.AreNumbers && !IsFile(own, ".csv"))
            throw new TorchletException($"{DataPlaces.NumbersOption}: {own ?? data} is no table; name a .csv, or leave the option out.");
        var ofText = places.Context is { } context ? $"--context {context}"
            : places.AreWords is { } areWords ? $"--tokens {(areWords ? "words" : "characters")}" : null;
        if (ofText is not null && !TextFile.IsOne(own)) throw new TorchletException($"{ofText}: {own ?? data} is no text file; leave the option out.");
        return data switch
        {
            "auto" => OnDisk(places) ?? Auto(places),
            "synthetic" => Synthetic(places),
            _ when known is not null => Published(known, places),
            _ => Read(data, "--data", places),
        };
    }

    /// <summary>
    /// The <see cref="Dataset.Checksums"/> of the set that <c>--data</c> names. Where the files on disk are those of a known data set, none is unpacked.
    /// </summary>
    /// <inheritdoc cref="Load(string, CancellationToken, int?)" path="/exception"/>
    internal static ImmutableSortedDictionary<string, string> Checksums(string data, DataPlaces places)
    {
        var place = Own(data, places) ?? (data == "auto" ? Home(places.Mnist, places) : null);
        if (place is not null && IdxIn(place, places) is { } folder && IdxFolder.IsWhole(folder))
        {
            var files = IdxFolder.Checksums(folder, places.Stop);
            if (places.Known.Any(known => known.IsIn(files))) return ByName(files);
        }
        // How a table or a text is read depends on further options.
        if (IsFile(place, ".csv") || TextFile.IsOne(place))
            return ByName([(Path.GetFileName(place!), RegularFile.Reading(place!, file => CsvFile.Checked(file, places.Stop)))]);
        using var scope = NewDisposeScope();
        return Load(data, places).Checksums;
    }

    static bool IsFile(string? place, string ending) => File.Exists(place) && Path.GetExtension(place).Equals(ending, StringComparison.OrdinalIgnoreCase);

    /// <summary>User-defined data that --data or TORCHLET_DATA names; null if a data set is named.</summary>
    static string? Own(string data, DataPlaces places) =>
        data == "auto" ? places.Named : data == "synthetic" || places.Known.Any(known => known.Option == data) ? null : data;

    /// <summary>The data that <c>auto</c> finds without a download; null if there are none.</summary>
    /// <exception cref="TorchletException">It is damaged, or TORCHLET_DATA names a folder without any.</exception>
    internal static Dataset? OnDisk(DataPlaces places) =>
        places.Named is { } folder ? Read(folder, FolderVariable, places)
        : IdxFolder.IsWhole(Home(places.Mnist, places)) ? ReadFolder(Home(places.Mnist, places), places)
        : null;

    static Dataset Auto(DataPlaces places)
    {
        try
        {
            Fetch(places.Mnist, places, places.Brief);
        }
        catch (TorchletException e)
        {
            places.Warn(
                $"{places.Mnist.Name} was not found and could not be downloaded ({e.Message.TrimEnd('.')}); using {SyntheticName}. "
                + Remedy(places.Mnist, places));
            var digits = Synthetic(places);
            return digits with { Source = $"{digits.Source}, since {places.Mnist.Name} could not be downloaded" };
        }
        return Fetched(places.Mnist, places);
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
            throw new TorchletException(
                $"--data {known.Option}: {known.Name} is not here and cannot be downloaded ({e.Message.TrimEnd('.')}). {Remedy(known, places)}", e);
        }
        return Fetched(known, places);
    }

    static string Remedy(KnownDataset known, DataPlaces places) =>
        $"Put {string.Join(", ", known.Files[..^1].Select(f => f.Name))} and {known.Files[^1].Name} into {Home(known, places)}, "
        + $"or into a folder that {FolderVariable} names, from {string.Join(" or ", known.Mirrors)}";

    /// <summary>Where downloads of a data set go.</summary>
    static string Home(KnownDataset known, DataPlaces places) => Path.Combine(places.Data, known.Folder);

    /// <summary>The data set, from the first folder on disk that holds it; null if none does.</summary>
    internal static Dataset? Local(KnownDataset known, DataPlaces places)
    {
        string?[] folders = [places.Named, Path.Combine(places.Named ?? places.Data, known.Folder), Home(known, places), known.SystemFolder];
        foreach (var folder in folders.OfType<string>().Distinct().Where(IdxFolder.IsWhole))
        {
            using var scope = NewDisposeScope();
            // The labels are small, and tell most other data sets apart.
            var labels = IdxFolder.ReadFile(folder, IdxFolder.Names[1], places.Stop).Elements;
            if (Idx.Sha256(labels.bytes, (int)labels.size(0)) != known.Contents[1]) continue;
            var data = ReadFolder(folder, places);
            if (data.Name != known.Name) continue;
            scope.MoveToOuter(data.Train.Inputs, data.Train.Targets, data.Test.Inputs, data.Test.Targets);
            return data;
        }
        return null;
    }

    static void Fetch(KnownDataset known, DataPlaces places, DownloadPolicy policy)
    {
        var folder = Home(known, places);
        ImmutableArray<RemoteFile> missing = [.. known.Files.Where(f => IdxFolder.Find(folder, Path.GetFileNameWithoutExtension(f.Name)) is null)];
        if (missing.IsEmpty) return;
        using var http = places.Client();
        try
        {
            Download.Files(folder, missing, known.Mirrors, http, policy, places.Report, places.Stop).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TorchletException($"{folder} cannot be written to: {AtomicFile.Reason(e)}", e);
        }
    }

    /// <summary>The data set, from where downloads of it go. Somebody may have put other files there.</summary>
    static Dataset Fetched(KnownDataset known, DataPlaces places)
    {
        var (home, data) = (Home(known, places), ReadFolder(Home(known, places), places));
        return data.Name == known.Name ? data : throw new TorchletException(
            $"{home} holds {data.Name} in place of {known.Name}; move its files elsewhere (--data FOLDER reads them there), and {known.Name} is downloaded.");
    }

    static Dataset Synthetic(DataPlaces places)
    {
        var folder = Path.Combine(places.Data, "synthetic");
        bool isNew;
        try
        {
            isNew = SyntheticFolder.Fill(folder, places.Stop);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            places.Warn($"{folder} cannot be written to ({AtomicFile.Reason(e)}): the {SyntheticName} are drawn into memory, again in every run.");
            var drawn = SyntheticFolder.Draw(places.Stop);
            return new(SyntheticName, "memory", KnownDataset.Digits, ByName(drawn.Files), drawn.Train, drawn.Test);
        }
        var digits = ReadFolder(folder, places);
        if (isNew) WriteSheet(folder, digits, places);
        return digits;
    }

    /// <summary>Draws the generated digits next to real ones, if MNIST is present.</summary>
    static void WriteSheet(string folder, Dataset digits, DataPlaces places)
    {
        using var scope = NewDisposeScope();
        var png = Local(places.Mnist, places) is { } model ? ContactSheet.Png(digits.Train, model.Train) : ContactSheet.Png(digits.Train);
        AtomicFile.Write(Path.Combine(folder, "contact_sheet.png"), path => File.WriteAllBytes(path, png));
    }

    /// <summary>The data set in a folder or a file.</summary>
    static Dataset Read(string place, string option, DataPlaces places)
    {
        if (IdxIn(place, places) is { } folder) return ReadFolder(folder, places);
        var data = PictureFolder.IsOne(place) ? PictureFolder.Read(place, places.Side ?? DefaultSide, places.Stop)
            : (File.Exists(place) ? Path.GetExtension(place).ToLowerInvariant() : "") switch
            {
                ".npz" => NpzFile.Read(place, places.Stop),
                ".csv" => CsvFile.Read(place, places.AreNumbers, places.Stop),
                var ending when TextFile.Endings.Contains(ending) =>
                    TextFile.Read(place, places.Context ?? TextFile.DefaultContext, places.AreWords ?? false, places.Stop),
                _ => throw new TorchletException(
                    $"{option}: {place} holds no data set: want a folder with {string.Join(", ", IdxFolder.Names[..^1])} and {IdxFolder.Names[^1]} "
                    + "(raw or .gz), a folder with one of pictures for each class, a Keras .npz, a .csv or a .txt; name one that is there."),
            };
        var known = places.Known.FirstOrDefault(k => k.Holds(data.Train, data.Test));
        return data with { Name = known?.Name ?? NameOfOthers(place, places), Classes = known?.Classes ?? data.Classes };
    }

    /// <summary>The folder with IDX files: this one, or one below it where torchvision would have put them; null if there is none.</summary>
    static string? IdxIn(string folder, DataPlaces places) => new[] { folder }.Concat(places.Known.Select(known => Path.Combine(folder, known.Folder)))
        .FirstOrDefault(f => IdxFolder.Names.Any(name => IdxFolder.Find(f, name) is not null));

    /// <summary>A folder's data set, under the name that its contents have, else under the folder's.</summary>
    static Dataset ReadFolder(string folder, DataPlaces places)
    {
        var idx = IdxFolder.Read(folder, places.Stop);
        var known = places.Known.FirstOrDefault(k => k.IsIn(idx.Files) || k.Holds(idx.Train, idx.Test));
        var name = known?.Name ?? (SyntheticFolder.IsCurrent(folder) ? SyntheticName : NameOfOthers(folder, places));
        return new(name, Path.GetFullPath(folder), known?.Classes ?? KnownDataset.Digits, ByName(idx.Files), idx.Train, idx.Test);
    }

    static ImmutableSortedDictionary<string, string> ByName(ImmutableArray<(string File, string Sha256)> files) =>
        files.ToImmutableSortedDictionary(f => f.File, f => f.Sha256, StringComparer.Ordinal);

    /// <summary>Name of unknown data: that of their folder or file, unless a known data set has it.</summary>
    static string NameOfOthers(string folder, DataPlaces places)
    {
        var name = FolderName(Path.GetFullPath(folder));
        string[] taken = [SyntheticName, "synthetic", .. places.Known.SelectMany(known => new[] { known.Name, known.Option })];
        return taken.Contains(name, StringComparer.OrdinalIgnoreCase) ? $"unknown data in {name}" : name;
    }

    /// <summary>A folder's own name, or the outer one's where torchvision's layout calls every inner one raw.</summary>
    static string FolderName(string folder)
    {
        var place = new DirectoryInfo(folder);
        return place is { Name: "raw", Parent: { } outer } ? outer.Name : place.Name;
    }
}
