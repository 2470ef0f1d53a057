using System.Collections.Immutable;
using static TorchSharp.torch;

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
        var weights = Weights.Load(path);
        CheckFit(path, weights, data);
        var activation = Activation(path, config.Activation ?? weights.Metadata.GetValueOrDefault("activation", "sigmoid"));
        var normalize = config.Normalize ?? weights.Metadata.GetValueOrDefault("pixels") == UnitPixels;
        return new(Mlp.Of(weights.Sizes, weights.Flat, activation), normalize ? Batches.Unit : 1, path);
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

    static Func<Tensor, Tensor> Activation(string path, string name) =>
        Activations.ByName.Keys.FirstOrDefault(known => known.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } known ? Activations.ByName[known]
        : throw new TorchletException(
            $"{path}: it says its activation is {Printable.Of(name)}, which is not known here; "
            + $"use --activation {string.Join(" or ", Activations.ByName.Keys)}.");

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

    static void CheckFit(string path, MlpWeights weights, Dataset data)
    {
        var (pixels, classes) = (data.Train.Images.shape[1], data.Classes.Length);
        if (weights.Sizes[0] != pixels)
            throw new TorchletException(
                $"{path}: the network takes images of {weights.Sizes[0]} pixels, and these have {pixels}; name weights that were trained on {data.Name}.");
        if (weights.Sizes[^1] != classes)
            throw new TorchletException(
                $"{path}: the network tells {weights.Sizes[^1]} classes apart, and {data.Name} has {classes}; name weights that were trained on it.");
    }
}
