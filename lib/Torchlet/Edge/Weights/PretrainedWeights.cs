using System.Collections.Immutable;

namespace Torchlet;

/// <summary>Finds the weights that --weights names.</summary>
public static class PretrainedWeights
{
    /// <summary>The value of a weights file's metadata "pixels" for a network that was trained on pixels divided by 255.</summary>
    public const string UnitPixels = "0..1";

    static readonly RemoteFile Book = new("sample_weight.pkl", 181853, "b7f55a27988ba34c3777b0f1bbd464817c8a4db855723e6ff26f703501917a13");

    static readonly ImmutableArray<Uri> Mirrors =
    [
        new("https://raw.githubusercontent.com/WegraLee/deep-learning-from-scratch/master/ch03/"),
        new("https://raw.githubusercontent.com/oreilly-japan/deep-learning-from-scratch/master/ch03/"),
    ];

    /// <summary>The network that the options name, for these data. An option that is not given follows the weights' metadata.</summary>
    /// <exception cref="TorchletException">There are no such weights, or they are for images or classes of another number.</exception>
    public static Pretrained Load(InferConfig config, Dataset data)
    {
        var path = config.Weights == "auto" ? Automatic(ProjectFolders.SampleWeights, data.Name, TryFetchBook) : config.Weights;
        if (!File.Exists(path))
            throw new TorchletException($"--weights {config.Weights}: there is no such file; name a weights file (.pkl, .pt, .safetensors or .npz).");
        var saved = Weights.Load(path, config.Activation);
        if (config.Activation is not null && saved.Metadata.ContainsKey(SavedModel.ModelKey))
            throw new TorchletException($"--activation {config.Activation}: {path} says which functions are in its network; leave the option out.");
        var net = Fitted(path, saved, data);
        var normalize = config.Normalize ?? saved.Metadata.GetValueOrDefault("pixels") == UnitPixels;
        return new(net.Model(saved.Flat, saved.State), saved.Layer, normalize ? Batches.Unit : 1, path);
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
        return Directory.EnumerateFiles(folder, "*.safetensors").Order().FirstOrDefault(path => Weights.Read(path).Metadata.GetValueOrDefault("data") == data)
            ?? throw new TorchletException(
                $"--weights auto: no weights for {data} in {folder}{(reason is null ? "" : $", and {reason}")}; name a file, or train one with script 02.");
    }

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
        if (saved.Metadata.GetValueOrDefault("objective") is "squared_error" or "reconstruction")
            throw new TorchletException(
                $"{path}: the network was trained for {saved.Metadata["objective"]}, and tells no classes apart; name weights of one that does.");
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
}
