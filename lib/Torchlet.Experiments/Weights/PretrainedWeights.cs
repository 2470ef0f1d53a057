using System.Collections.Immutable;

namespace Torchlet;

/// <summary>Finds the weights that --weights names.</summary>
public static class PretrainedWeights
{
    /// <summary>The value of a weights file's metadata "pixels" for a network that was trained on pixels divided by 255.</summary>
    public const string UnitPixels = "0..1";

    /// <summary>The name under which a file says so, and its value for pixels as they are.</summary>
    internal const string PixelsKey = "pixels", RawPixels = "0..255";

    /// <summary>Its value for pixels that were no bytes, so that the file cannot say how a byte was to become one.</summary>
    internal const string OtherPixels = "numbers";

    /// <summary>The name under which a file says that its pictures were brought to one size, and its value: the middle square of each.</summary>
    internal const string PicturesKey = "pictures", CentreSquare = "centre-square";

    static readonly RemoteFile Book = new("sample_weight.pkl", 181853, "b7f55a27988ba34c3777b0f1bbd464817c8a4db855723e6ff26f703501917a13");

    static readonly ImmutableArray<Uri> Mirrors =
    [
        new("https://raw.githubusercontent.com/WegraLee/deep-learning-from-scratch/master/ch03/"),
        new("https://raw.githubusercontent.com/oreilly-japan/deep-learning-from-scratch/master/ch03/"),
    ];

    /// <summary>The network that the options name, for these data, or for drawings if there are none. Options that are not given follow the file.</summary>
    /// <exception cref="TorchletException">The weights do not exist, or are for other image sizes or numbers of classes.</exception>
    public static Pretrained Load(InferConfig config, Dataset? data)
    {
        if (data is null) return Load(config);
        var (path, saved) = Saved(config, Math.Max(data.Train.Count, data.Test.Count), () => Automatic(ProjectFolders.SampleWeights, data.Name, TryFetchBook));
        return Fed(config, path, saved with { Net = Fitted(path, saved, data) }, data.Classes, data.Train.Inputs.dtype == TorchSharp.torch.ScalarType.Byte);
    }

    /// <summary>
    /// The network that the options name, for drawings, and so without data: the first one in sample_weights/ that says it was trained on MNIST, if
    /// they name none. Its classes are called as it says, else as in the data that it was trained on, else by numbers.
    /// </summary>
    /// <exception cref="TorchletException">The weights do not exist, or take other inputs than square grey images, or tell no classes apart.</exception>
    public static Pretrained Load(InferConfig config)
    {
        var (path, saved) = Saved(config, UsualPictures, () => Shipped(ProjectFolders.SampleWeights, KnownDataset.Mnist.Name)
            ?? throw new TorchletException(
                $"--weights auto: no weights for {KnownDataset.Mnist.Name} in {ProjectFolders.SampleWeights}; name a file, or train one with script 02."));
        CheckClassifies(path, saved);
        if (!TakesPictures(saved) && Drawing.SideOf(saved.Net.Input) is null)
            throw new TorchletException($"{path}: the network takes {NamedArray.Show(saved.Net.Input)}, and drawings come as square grey images; "
                + "name weights that were trained on such.");
        if (saved.Net.Output is not [var outputs]) throw new TorchletException($"{path}: the network gives {NamedArray.Show(saved.Net.Output)} for an image, "
            + "and not a number for each class; name weights of one that does.");
        return Fed(config, path, saved, Classes(path, saved, (int)outputs), ofBytes: true);
    }

    /// <summary>The classes that a network tells apart; null where it predicts numbers.</summary>
    /// <exception cref="TorchletException">The network is for neither, or the file's description of its classes is damaged.</exception>
    internal static ImmutableArray<string>? Classes(string path, SavedModel saved) =>
        IsRegression(saved) ? null : saved.Net.Output is [var outputs] ? Classes(path, saved, (int)outputs)
        : throw new TorchletException($"{path}: the network gives {NamedArray.Show(saved.Net.Output)} for an example, and not a number for each class.");

    static bool IsRegression(SavedModel saved) => SavedModel.IsRegression(saved.Metadata);

    /// <summary>Whether a network takes pictures as they are, only smaller, and no drawings whose ink is brought into MNIST's frame.</summary>
    static bool TakesPictures(SavedModel saved) => saved.Net.Input is [3, _, _] || saved.Net.Input is [1, var height, var width]
        && (height != width || saved.Metadata.ContainsKey(PicturesKey));

    /// <summary>The side of the pictures that the network of --weights was trained on, where it was one of a folder's; null for any other.</summary>
    internal static int? TrainedSide(InferConfig config) =>
        config.Weights != "auto" && Directory.Exists(config.Data) && PictureFolder.IsOne(config.Data)
        && Weights.Read(WeightsOfRun.Find(config.Weights)).Metadata is var about && about.ContainsKey(PicturesKey)
        && int.TryParse(about.GetValueOrDefault(SavedModel.InputKey, "").Split(',')[^1], out var side) && side > 0 ? side : null;

    static ImmutableArray<string> Classes(string path, SavedModel saved, int count) =>
        saved.Metadata.TryGetValue(SavedModel.ClassesKey, out var names)
            ? SavedModel.ClassesOf(names, count) ?? throw new TorchletException(
                $"{path}: its metadata say classes {Printable.Of(names)}, and the network tells {count} apart; make the file again.")
            : new DataPlaces().Known.FirstOrDefault(known => known.Name == saved.Metadata.GetValueOrDefault("data") && known.Classes.Length == count)?.Classes
                ?? [.. Enumerable.Range(0, count).Select(i => $"{i}")];

    // How many pictures there are is not known yet; more go through a network at a time only where they are small.
    const int UsualPictures = 100;

    /// <summary>Fails for a network whose outputs, of a batch of examples, do not fit into memory: a small file may ask for any number of them.</summary>
    static void CheckMemory(string path, SavedModel saved, int examples)
    {
        const int vectors = 2; // A layer's input and its output.
        var (wanted, there) = (saved.Net.Largest * examples * vectors * sizeof(float), (double)GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        if (wanted > there)
            throw new TorchletException(FormattableString.Invariant($"{path}: {examples:n0} examples at a time take {wanted / 1e9:n0} GB of memory ")
                + FormattableString.Invariant($"in this network, and this machine has {there / 1e9:n0} GB; choose a smaller --batch-size."));
    }

    static (string Path, SavedModel Saved) Saved(InferConfig config, int examples, Func<string> automatic)
    {
        var path = config.Weights == "auto" ? automatic() : WeightsOfRun.Find(config.Weights);
        var saved = Weights.LoadUsable(path, config.Activation);
        if (config.Activation is not null && saved.Metadata.ContainsKey(SavedModel.ModelKey))
            throw new TorchletException($"--activation {config.Activation}: {path} says which functions are in its network; leave the option out.");
        CheckMemory(path, saved, Math.Min(config.BatchSize, examples));
        return (path, saved);
    }

    static Pretrained Fed(InferConfig config, string path, SavedModel saved, ImmutableArray<string> classes, bool ofBytes)
    {
        var pixels = saved.Metadata.GetValueOrDefault(PixelsKey, RawPixels);
        if (pixels is not (UnitPixels or RawPixels) && config.Normalize is null && (ofBytes || pixels != OtherPixels))
            throw new TorchletException($"{path}: it says its pixels are {Printable.Of(pixels)}; want {UnitPixels} or {RawPixels}. "
                + "Make the file again, or say with --normalize true or false how they are.");
        var normalize = config.Normalize ?? pixels == UnitPixels;
        var about = saved.Metadata.SetItem(SavedModel.ModelKey, saved.Layer.Text).SetItem(SavedModel.InputKey, string.Join(',', saved.Net.Input))
            .SetItem(SavedModel.ClassesKey, SavedModel.ClassesText(classes));
        return new(saved.ToModel(), saved.Layer, normalize ? Batches.Unit : 1, path)
        {
            Classes = classes, IsRegression = IsRegression(saved), TakesPictures = TakesPictures(saved),
            File = new(saved.Arrays(), ofBytes ? about.SetItem(PixelsKey, normalize ? UnitPixels : RawPixels) : about),
        };
    }

    /// <summary>
    /// The weights for a data set: for MNIST the book's, which <paramref name="fetch"/> may bring into the folder, or else say why not;
    /// for other data, or without them, the first ones in the folder that say they were trained on it.
    /// </summary>
    internal static string Automatic(string folder, string data, Func<string?> fetch)
    {
        var book = Path.Combine(folder, Book.Name);
        var isMnist = data == KnownDataset.Mnist.Name;
        var reason = isMnist && !File.Exists(book) ? fetch() : null;
        if (isMnist && File.Exists(book)) return book;
        return Shipped(folder, data)
            ?? throw new TorchletException(
                $"--weights auto: no weights for {data} in {folder}{(reason is null ? "" : $", and {reason}")}; name a file, or train one with script 02.");
    }

    static string? Shipped(string folder, string data) =>
        Directory.EnumerateFiles(folder, "*.safetensors").Order().FirstOrDefault(path => Weights.Read(path).Metadata.GetValueOrDefault("data") == data);

    /// <summary>Downloads the book's file into sample_weights; returns the reason if no mirror has it.</summary>
    static string? TryFetchBook()
    {
        try
        {
            using var http = new HttpClient();
            var policy = new DownloadPolicy { Rounds = 1, Patience = TimeSpan.FromSeconds(10) };
            Download.Files(ProjectFolders.SampleWeights, [Book], Mirrors, http, policy).GetAwaiter().GetResult();
            return null;
        }
        catch (TorchletException e)
        {
            return e.Message.TrimEnd('.');
        }
    }

    /// <summary>The net for these data, of which an example may have another shape than those it was trained on, but as many numbers.</summary>
    static Net Fitted(string path, SavedModel saved, Dataset data)
    {
        var (wanted, got) = (Shapes.Count(saved.Net.Input.AsSpan()), Shapes.Count(data.Train.InputShape));
        if (wanted != got)
            throw new TorchletException(
                $"{path}: the network takes {data.Train.Kind} of {wanted} {(data.Train.ArePictures ? "pixels" : "numbers")}, and these have {got}; "
                + $"name weights that were trained on {data.Name}.");
        if ((data.AreNew || data.Classes.IsEmpty) && IsRegression(saved)) return saved.Layer.Fit([.. data.Train.InputShape]);
        CheckClassifies(path, saved);
        ImmutableArray<long> scores = [.. data.Train.Targets.shape[1..], data.Classes.Length];
        if (!saved.Net.Output.SequenceEqual(scores))
            throw new TorchletException(scores.Length > 1 || saved.Net.Output.Length > 1
                ? $"{path}: the network gives {NamedArray.Show(saved.Net.Output)} for an example, and {data.Name} has {NamedArray.Show(scores)} to score; "
                    + "name weights that were trained on it."
                : $"{path}: the network tells {saved.Net.Output[0]} classes apart, "
                    + $"and {data.Name} has {data.Classes.Length}; name weights that were trained on it.");
        if (saved.Metadata.TryGetValue(SavedModel.ClassesKey, out var names)
            && SavedModel.ClassesOf(names, data.Classes.Length)?.SequenceEqual(data.Classes.Select(Printable.Of)) != true)
            throw new TorchletException(
                $"{path}: the network tells {Printable.Of(names)} apart, and {data.Name} has {Printable.Of(SavedModel.ClassesText(data.Classes))}; "
                + "name weights that were trained on it.");
        try
        {
            return saved.Layer.Fit([.. data.Train.InputShape]);
        }
        catch (ArgumentException e)
        {
            throw new TorchletException(
                $"{path}: the network cannot take these {data.Train.Kind} ({e.Message.TrimEnd('.')}); name weights that were trained on {data.Name}.", e);
        }
    }

    static void CheckClassifies(string path, SavedModel saved)
    {
        if (IsRegression(saved))
            throw new TorchletException($"{path}: the network was trained for {Printable.Of(saved.Metadata.GetValueOrDefault("objective", "numbers"))}, "
                + "and tells no classes apart; name weights of one that does.");
    }
}

/// <summary>A trained network, and the preparation of its inputs.</summary>
/// <param name="Model">The network.</param>
/// <param name="Layer">Its layers.</param>
/// <param name="Divisor">The divisor of a pixel's byte.</param>
/// <param name="Source">Path of the weights file.</param>
public sealed record Pretrained(Model Model, Layer Layer, double Divisor, string Source)
{
    /// <summary>Names of the classes that its outputs stand for.</summary>
    public ImmutableArray<string> Classes { get; init; } = [];

    /// <summary>Whether it predicts numbers, and no classes.</summary>
    public bool IsRegression { get; init; }

    /// <summary>Whether it takes pictures as they are, only smaller: those of folders, coloured ones and those that are not square.</summary>
    public bool TakesPictures { get; init; }

    /// <summary>Which weights it has, raw or averaged, in words; empty where the file does not say.</summary>
    public string Kind => File.Metadata.TryGetValue(SavedModel.WeightsKey, out var kind) ? $", {Printable.Of(kind)} weights" : "";

    /// <summary>Pretrained: 784-50-100-10 sigmoid, 45,360 parameters, from FILE.</summary>
    public override string ToString() => $"Pretrained: {Layer.Headline(Model.Net)}, from {Source}";

    /// <summary>Its weights by name, with metadata that describe its layers, its classes and the scale of its pixels.</summary>
    public required WeightsFile File { get; init; }

    /// <summary>Side of the square grey images that it takes.</summary>
    /// <exception cref="InvalidOperationException">It takes other inputs.</exception>
    public int Side => Drawing.SideOf(Model.Net.Input) ?? throw new InvalidOperationException($"It takes [{string.Join(", ", Model.Net.Input)}].");
}
