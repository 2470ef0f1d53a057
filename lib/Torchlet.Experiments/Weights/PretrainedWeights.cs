using System.Collections.Immutable;

namespace Torchlet;

/// <summary>Finds the weights that --weights names.</summary>
public static class PretrainedWeights
{
    /// <summary>The value of a weights file's metadata "pixels" for a network that was trained on pixels divided by 255.</summary>
    public const string UnitPixels = "0..1";

    /// <summary>The name under which a file says so, and its value for pixels as they are.</summary>
    internal const string PixelsKey = "pixels", RawPixels = "0..255";

    static readonly RemoteFile Book = new("sample_weight.pkl", 181853, "b7f55a27988ba34c3777b0f1bbd464817c8a4db855723e6ff26f703501917a13");

    static readonly ImmutableArray<Uri> Mirrors =
    [
        new("https://raw.githubusercontent.com/WegraLee/deep-learning-from-scratch/master/ch03/"),
        new("https://raw.githubusercontent.com/oreilly-japan/deep-learning-from-scratch/master/ch03/"),
    ];

    /// <summary>The network that the options name, for these data, or for drawings if there are none. Options that are not given follow the file.</summary>
    /// <exception cref="TorchletException">There are no such weights, or they are for images or classes of another number.</exception>
    public static Pretrained Load(InferConfig config, Dataset? data)
    {
        if (data is null) return Load(config);
        var (path, saved) = Saved(config, () => Automatic(ProjectFolders.SampleWeights, data.Name, TryFetchBook));
        return Fed(config, path, saved with { Net = Fitted(path, saved, data) }, data.Classes, data.Train.Inputs.dtype == TorchSharp.torch.ScalarType.Byte);
    }

    /// <summary>
    /// The network that the options name, for drawings, and so without data: the first one in sample_weights/ that says it was trained on MNIST, if
    /// they name none. Its classes are called as it says, else as in the data that it was trained on, else by numbers.
    /// </summary>
    /// <exception cref="TorchletException">There are no such weights, or they take other inputs than square grey images, or tell no classes apart.</exception>
    public static Pretrained Load(InferConfig config)
    {
        var (path, saved) = Saved(config, () => Shipped(ProjectFolders.SampleWeights, KnownDataset.Mnist.Name)
            ?? throw new TorchletException(
                $"--weights auto: no weights for {KnownDataset.Mnist.Name} in {ProjectFolders.SampleWeights}; name a file, or train one with script 02."));
        CheckClassifies(path, saved);
        if (Drawing.SideOf(saved.Net.Input) is null)
            throw new TorchletException($"{path}: the network takes {NamedArray.Show(saved.Net.Input)}, and drawings come as square grey images; "
                + "name weights that were trained on such.");
        if (saved.Net.Output is not [var outputs]) throw new TorchletException($"{path}: the network gives {NamedArray.Show(saved.Net.Output)} for an image, "
            + "and not a number for each class; name weights of one that does.");
        return Fed(config, path, saved, Classes(path, saved, (int)outputs), ofBytes: true);
    }

    static ImmutableArray<string> Classes(string path, SavedModel saved, int count) =>
        saved.Metadata.TryGetValue(SavedModel.ClassesKey, out var names)
            ? SavedModel.ClassesOf(names, count) ?? throw new TorchletException(
                $"{path}: its metadata say classes {Printable.Of(names)}, and the network tells {count} apart; make the file again.")
            : new DataPlaces().Known.FirstOrDefault(known => known.Name == saved.Metadata.GetValueOrDefault("data") && known.Classes.Length == count)?.Classes
                ?? [.. Enumerable.Range(0, count).Select(i => $"{i}")];

    static (string Path, SavedModel Saved) Saved(InferConfig config, Func<string> automatic)
    {
        var path = config.Weights == "auto" ? automatic() : config.Weights;
        if (!File.Exists(path))
            throw new TorchletException($"--weights {config.Weights}: there is no such file; name a weights file (.pkl, .pt, .safetensors or .npz).");
        var saved = Weights.LoadUsable(path, config.Activation);
        if (config.Activation is not null && saved.Metadata.ContainsKey(SavedModel.ModelKey))
            throw new TorchletException($"--activation {config.Activation}: {path} says which functions are in its network; leave the option out.");
        return (path, saved);
    }

    static Pretrained Fed(InferConfig config, string path, SavedModel saved, ImmutableArray<string> classes, bool ofBytes)
    {
        var pixels = saved.Metadata.GetValueOrDefault(PixelsKey, RawPixels);
        if (pixels is not (UnitPixels or RawPixels))
            throw new TorchletException($"{path}: it says its pixels are {Printable.Of(pixels)}; want {UnitPixels} or {RawPixels}. Make the file again.");
        var normalize = config.Normalize ?? pixels == UnitPixels;
        var about = saved.Metadata.SetItem(SavedModel.ModelKey, saved.Layer.Text).SetItem(SavedModel.InputKey, string.Join(',', saved.Net.Input))
            .SetItem(SavedModel.ClassesKey, SavedModel.ClassesText(classes));
        return new(saved.ToModel(), saved.Layer, normalize ? Batches.Unit : 1, path)
        {
            Classes = classes,
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

    /// <summary>Puts the book's file into sample_weights; gives the reason if no mirror has it.</summary>
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
        CheckClassifies(path, saved);
        if (saved.Net.Output is not [var classes] || classes != data.Classes.Length)
            throw new TorchletException(
                $"{path}: the network tells {Shapes.Count(saved.Net.Output.AsSpan())} classes apart, "
                + $"and {data.Name} has {data.Classes.Length}; name weights that were trained on it.");
        if (saved.Metadata.TryGetValue(SavedModel.ClassesKey, out var names) && names != SavedModel.ClassesText(data.Classes))
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
        if (saved.Metadata.GetValueOrDefault("objective") is "squared_error" or "reconstruction")
            throw new TorchletException(
                $"{path}: the network was trained for {saved.Metadata["objective"]}, and tells no classes apart; name weights of one that does.");
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

    /// <summary>Pretrained: 784-50-100-10 sigmoid, 45,360 parameters, from FILE.</summary>
    public override string ToString() => $"Pretrained: {Layer.Headline(Model.Net)}, from {Source}";

    /// <summary>Its weights by name, with metadata that describe its layers, its classes and the scale of its pixels.</summary>
    public required WeightsFile File { get; init; }

    /// <summary>Side of the square grey images that it takes.</summary>
    /// <exception cref="InvalidOperationException">It takes other inputs.</exception>
    public int Side => Drawing.SideOf(Model.Net.Input) ?? throw new InvalidOperationException($"It takes [{string.Join(", ", Model.Net.Input)}].");
}
